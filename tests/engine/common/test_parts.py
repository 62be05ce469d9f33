"""Folders of parts: what is written is there again, for the same question alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.common.parts import PartFolder

QUESTION = {"measures": ["flow"], "seed": 0}
PARTS = [np.array([[1.5, -np.inf], [np.nan, 3]]), np.zeros((0, 2))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with PartFolder(tmp_path / "parts", QUESTION) as parts:
        for index, part in enumerate(PARTS):
            parts.write(index, part)
    return tmp_path / "parts"


def test_the_same_question_has_its_parts_again(folder: Path):
    with PartFolder(folder, QUESTION) as parts:
        for part, expected in zip(parts.read(), PARTS, strict=True):
            np.testing.assert_array_equal(part, expected)
        parts.remove()
    assert not folder.exists()


def test_another_question_is_refused_until_it_begins_anew(folder: Path):
    for question, difference in (
        (QUESTION | {"seed": 1}, "seed 0 in place of 1"),
        (QUESTION | {"data": "x"}, "data missing in place of 'x'"),
        ({"seed": 0}, r"measures \['flow'\] in place of missing"),
    ):
        with pytest.raises(ValueError, match=difference), PartFolder(folder, question):
            pass
    with PartFolder(folder, QUESTION | {"seed": 1}, fresh=True) as parts:
        assert parts.read() == []
    with pytest.raises(ValueError, match="seed 1"), PartFolder(folder, QUESTION):
        pass


def test_only_one_process_writes_and_what_is_not_ours_stays(folder: Path):
    (folder / "notes.txt").write_text("mine")
    with PartFolder(folder, QUESTION) as parts:
        with pytest.raises(OSError, match="in use"), PartFolder(folder, QUESTION):
            pass
        parts.remove()
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_file_in_the_place_of_the_folder_stays(tmp_path: Path):
    (tmp_path / "parts").write_text("mine")
    with pytest.raises(OSError, match="no folder"), PartFolder(tmp_path / "parts", QUESTION, fresh=True):
        pass
    assert (tmp_path / "parts").read_text() == "mine"


_HEADER = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,)}".ljust(79) + b"\n"
HUGE = np.lib.format.magic(1, 0) + len(_HEADER).to_bytes(2, "little") + _HEADER


@pytest.mark.parametrize(
    "content",
    [b"", b"no array", b"\x80\x04N.", np.lib.format.magic(1, 0), b"PK\x03\x04", HUGE],
    ids=["empty", "text", "pickle", "cut", "archive", "huge"],
)
def test_a_damaged_part_is_named(folder: Path, content: bytes):
    (folder / "000001.npy").write_bytes(content)
    with PartFolder(folder, QUESTION) as parts, pytest.raises(ValueError, match=r"000001.npy' is damaged"):
        parts.read()
    (folder / "question.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"question.json' is damaged"), PartFolder(folder, QUESTION):
        pass
