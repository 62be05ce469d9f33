"""Uploads that are kept for a while."""

import os

from dashboard.server import uploads
from dashboard.server.uploads import keep_upload


def test_an_upload_is_kept_under_a_safe_name(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    path = keep_upload("../../my:table?.csv", b"arch,acc\n")
    assert (path.name, path.read_bytes()) == ("my_table_.csv", b"arch,acc\n")
    assert path.is_relative_to(tmp_path)
    assert keep_upload("...", b"x").name == "upload"
    assert keep_upload("../../my:table?.csv", b"arch,acc\n") == path


def test_the_oldest_uploads_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    monkeypatch.setattr(uploads, "_KEPT_UPLOADS", 2)
    paths = []
    for number in range(3):
        paths.append(keep_upload("t.csv", bytes([number])))
        os.utime(paths[-1].parent, ns=(number, number))
    assert [path.exists() for path in paths] == [False, True, True]
