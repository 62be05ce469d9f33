"""The files of tables that the server offers, and uploads that it keeps for a while."""

import os
from pathlib import Path

from dashboard.server import table_files
from dashboard.server.table_files import keep_upload, offered_tables, table_arguments
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


def test_a_description_beside_a_table_makes_it_another_task(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("arch,acc\n")
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    before = offered_tables()["a.csv"]
    sidecar(path).write_text("{}")
    os.utime(sidecar(path), ns=(2**62, 2**62))
    after = offered_tables()["a.csv"]
    assert (before.path, before == after, after.stamp) == (after.path, False, 2**62)


def test_an_upload_is_kept_under_a_safe_name_and_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    task = keep_upload("../../my:table?.csv", b"arch,acc\n")
    path = Path(task.path)
    assert (path.name, path.read_bytes(), task.trusted) == ("my_table_.csv", b"arch,acc\n", False)
    assert path.is_relative_to(tmp_path)
    assert Path(keep_upload("...", b"x").path).name == "table"
    assert keep_upload("../../my:table?.csv", b"arch,acc\n").path == task.path


def test_the_oldest_uploads_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    monkeypatch.setattr(table_files, "_KEPT_UPLOADS", 2)
    paths = []
    for number in range(3):
        paths.append(Path(keep_upload("t.csv", bytes([number])).path))
        os.utime(paths[-1].parent, ns=(number, number))
    assert [path.exists() for path in paths] == [False, True, True]
