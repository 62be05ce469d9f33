from pathlib import Path

import pytest

from engine.tables import MAX_TABLE_BYTES, READERS, read_table
from tests.engine.tables.files import GOOD, read


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("t.csv", "csv"),
        ("T.TSV", "csv"),
        ("t.jsonl", "json"),
        ("t.parquet", "parquet"),
        ("t.csv.gz", "packed"),
        ("t.json.bz2", "packed"),
        ("t.ZIP", "packed"),
        ("t.tar.gz", None),
        ("t.pickle.bz2", None),
        ("zc_nasbench201.json", "json"),
        ("NAS-Bench-201-v1_1-096897.pth", "nas-bench-201"),
        ("NATS-tss-v1_0-3ffb9.pickle.pbz2", "nats-bench"),
        ("NATS-tss-v1_0-3ffb9-simple/", "nats-bench"),
        ("folder/", None),
        ("meta.pickle", None),
    ],
)
def test_a_name_has_one_reader_at_most(name: str, reader: str | None, tmp_path: Path):
    path = tmp_path / name
    if name.endswith("/"):
        path.mkdir()
    else:
        path.touch()
    assert [each.name for each in READERS.values() if each.accepts(path)] == [reader] * (reader is not None)


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(MAX_TABLE_BYTES + 1)
    with pytest.raises(ValueError, match=r"t\.csv has 200 MB; at most 200 MB are read"):
        read_table(path)


@pytest.mark.parametrize(("name", "expected"), [("x.csv", "there is no file"), (".", "is no table that can be read")])
def test_a_file_must_be_there_and_of_a_known_kind(name: str, expected: str, tmp_path: Path):
    with pytest.raises(ValueError, match=expected):
        read_table(tmp_path / name)


def test_uploads_are_told_of_what_uploads_may_be(tmp_path: Path):
    for trusted in (True, False):
        with pytest.raises(ValueError, match="readable are") as caught:
            read(tmp_path, GOOD, name="t.pkl", trusted=trusted)
        assert (".pth" in str(caught.value)) is trusted


@pytest.mark.parametrize("name", ["t.pkl", "t.npy", "t.tar.gz", "t.xlsx", "t"])
def test_other_files_are_refused_by_name(name: str, tmp_path: Path):
    with pytest.raises(
        ValueError, match=rf"'{name}' is no table that can be read; readable are CSV \(\.csv, \.tsv\), "
    ):
        read(tmp_path, GOOD, name=name, trusted=True)
