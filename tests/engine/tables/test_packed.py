"""Compressed tables: archives with one, several, or no table, damaged ones, and those that unpack to far more."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from pathlib import Path

import pytest

from engine.tables import readers
from tests.engine.tables.files import GOOD, read


def archive(path: Path, members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def read_archive(folder: Path, members: dict[str, str | bytes], **options: int):
    return readers.read_table(archive(folder / "t.zip", members, **options))


def test_the_one_table_of_an_archive_is_read(tmp_path: Path):
    members = {"deep/cifar10_12ep.csv": GOOD, "README.md": "x", "__MACOSX/deep/._t.csv": "x", "deep/.hidden.csv": ""}
    table = read_archive(tmp_path, members)
    assert table.name == "t.zip"
    assert table.of("acc").tolist() == [10, 20, 30]
    assert (table.columns[0].dataset, table.columns[0].epochs) == ("CIFAR-10", 12)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "holds 0 tables; one is expected, its name ending in .csv or "),
        ({"a.txt": GOOD}, "holds 0 tables"),
        ({"a.csv": GOOD, "b.json": "{}"}, r"holds 2 tables \('a\.csv', 'b\.json'\); one is expected"),
        ({"a.zip": b"PK"}, "holds 0 tables"),
    ],
)
def test_an_archive_of_none_or_several_ends_in_a_sentence(members, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=rf"t\.zip {message}"):
        read_archive(tmp_path, members)


def test_other_methods_of_packing_are_told(tmp_path: Path):
    with pytest.raises(ValueError, match="packed in a way that is not read; deflate, the usual one, is"):
        read_archive(tmp_path, {"a.csv": GOOD}, method=zipfile.ZIP_LZMA)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.bz2", "t.zip"])
def test_what_unpacks_to_far_more_is_let_go_of(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bomb = GOOD.encode() + b"\n" * 50_000_000
    packings = {"t.csv.gz": gzip.compress, "t.csv.bz2": bz2.compress, "t.zip": None}
    if pack := packings[name]:
        (tmp_path / name).write_bytes(pack(bomb))
    else:
        archive(tmp_path / name, {"t.csv": bomb})
    monkeypatch.setattr(readers, "MAX_TABLE_BYTES", 10_000_000)
    with pytest.raises(ValueError, match=r"t\.csv unpacks to more than 10 MB; so many are read"):
        readers.read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.bz2", "t.zip"])
@pytest.mark.parametrize("damage", ["cut", "garbage", "nothing", "turned"])
def test_a_damaged_file_ends_in_a_sentence(name: str, damage: str, tmp_path: Path):
    whole = {
        "t.csv.gz": gzip.compress(GOOD.encode() * 50),
        "t.csv.bz2": bz2.compress(GOOD.encode() * 50),
        "t.zip": archive(tmp_path / "whole.zip", {"t.csv": GOOD * 50}).read_bytes(),
    }[name]
    middle = len(whole) // 2
    wrong = {
        "cut": whole[:middle],
        "garbage": b"garbage",
        "nothing": b"",
        "turned": whole[:40] + bytes(255 - byte for byte in whole[40:70]) + whole[70:],
    }[damage]
    with pytest.raises(ValueError, match=r"cannot be unpacked: |no rows") as caught:
        read(tmp_path, wrong, name)
    assert "\n" not in str(caught.value)
