"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.common.files import write_whole


def test_a_file_holds_what_was_written_and_nothing_lies_beside_it(tmp_path: Path):
    path = tmp_path / "table.bin"
    write_whole(path, b"first")
    write_whole(path, b"second\x00")
    assert path.read_bytes() == b"second\x00"
    assert os.listdir(tmp_path) == ["table.bin"]


def test_a_reader_of_the_old_file_keeps_it(tmp_path: Path):
    path = tmp_path / "table.bin"
    path.write_bytes(b"before")
    with open(path, "rb") as old:
        write_whole(path, b"after")
        assert old.read() == b"before"


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "table.bin"
    path.write_bytes(b"before")

    def full(self: Path, data: bytes) -> None:
        with open(self, "wb") as file:
            file.write(data[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["table.bin"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "nowhere" / "table.bin", b"")
