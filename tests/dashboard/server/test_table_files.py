"""The files of tables that the server offers, and uploads that it keeps for a while."""

import os
from pathlib import Path

from dashboard.server import uploads
from dashboard.server.table_files import (
    default_table,
    keep_table,
    kept_tables,
    offered_tables,
    table_arguments,
    table_task,
)
from engine.tables.metadata import sidecar


def test_the_tables_of_the_command_come_before_those_of_the_folder(tmp_path, monkeypatch):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "b.csv").write_text("arch,acc\n")
    (tmp_path / "a.csv").write_text("arch,acc\n")
    monkeypatch.setenv("FREENAS_TABLES", str(folder))
    monkeypatch.setattr("sys.argv", ["app.py", "--table", str(tmp_path / "a.csv"), "--table", "/no/such", "--table"])
    assert table_arguments() == (str(tmp_path / "a.csv"), "/no/such")
    assert list(offered_tables()) == ["a.csv", "b.csv"]
    assert all(task.trusted for task in offered_tables().values())
    assert default_table() == "a.csv"
    monkeypatch.setattr("sys.argv", ["app.py", "--table", "/no/such"])
    assert default_table() == ""


def test_a_description_beside_a_table_makes_it_another_task(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("arch,acc\n")
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    before = offered_tables()["a.csv"]
    sidecar(path).write_text("{}")
    os.utime(sidecar(path), ns=(2**62, 2**62))
    after = offered_tables()["a.csv"]
    assert (before.path, before == after, after.stamp) == (after.path, False, 2**62)


def test_an_uploaded_table_is_found_by_its_digest_and_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    monkeypatch.setattr(uploads, "browser", lambda: "one")
    digest = keep_table("../../my:table?.csv", b"arch,acc\n")
    task = table_task(digest)
    assert (Path(task.path).read_bytes(), task.trusted) == (b"arch,acc\n", False)
    assert keep_table("../../my:table?.csv", b"arch,acc\n") == digest != keep_table("other.csv", b"arch,acc\n")
    assert kept_tables()[digest] == task
    assert table_task("0" * 32) is table_task("../uploads") is None
