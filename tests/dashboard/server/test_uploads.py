"""Uploads that are kept for a while, and the bounds on them."""

import os
import time

import pytest

from dashboard.server import limits, uploads
from dashboard.server.uploads import UploadRefused, find_upload, keep_upload, own_uploads, upload_digest

OLD = time.time() - 4000


@pytest.fixture(autouse=True)
def session(tmp_path, monkeypatch):
    """The session that uploads, at a server that keeps little; a test changes who it is."""
    owner = {"browser": "one", "place": "203.0.113.7"}
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path))
    monkeypatch.setattr(uploads, "browser", lambda: owner["browser"])
    monkeypatch.setattr(uploads, "place", lambda: owner["place"])
    monkeypatch.setattr(limits, "largest_upload", lambda: 1_000_000)
    return owner


def data(number: int, size: int = 1_000_000) -> bytes:
    return number.to_bytes(4, "big") * (size // 4)


def test_an_upload_is_kept_under_a_safe_name(tmp_path):
    path = keep_upload("../../my:table?.csv", b"arch,acc\n")
    assert (path.name, path.read_bytes()) == ("my_table_.csv", b"arch,acc\n")
    assert path.is_relative_to(tmp_path)
    assert keep_upload("...", b"x").name == "upload"
    assert keep_upload("../../my:table?.csv", b"arch,acc\n") == path


def test_a_file_beyond_the_bound_is_refused_whatever_its_control_let_through():
    with pytest.raises(UploadRefused, match=r"^the file has 1\.1 MB; at most 1 MB are taken$"):
        keep_upload("t.csv", data(0, 1_100_000))


def test_a_browser_keeps_so_much_and_the_same_file_again():
    paths = [keep_upload("t.csv", data(number)) for number in range(4)]
    with pytest.raises(UploadRefused, match=r"^the uploads of the last hour, yours, have 4 MB; at most 4 MB are kept$"):
        keep_upload("t.csv", data(4))
    assert keep_upload("t.csv", data(0)) == paths[0]
    assert all(path.exists() for path in paths)


def test_what_is_older_than_an_hour_makes_room_the_oldest_first():
    paths = [keep_upload("t.csv", data(number)) for number in range(4)]
    for path, moment in zip(paths, (OLD, OLD - 1, time.time(), time.time()), strict=True):
        os.utime(path.parent, (moment, moment))
    keep_upload("t.csv", data(4))
    assert [path.exists() for path in paths] == [True, False, True, True]
    assert not paths[1].parent.exists()


def test_an_upload_is_found_by_its_digest_which_keeps_it(session):
    path = keep_upload("t.csv", data(0))
    os.utime(path.parent, (OLD, OLD))
    digest = upload_digest(path)
    session["browser"] = "two"
    assert (find_upload(digest), own_uploads()) == (path, [])
    assert path.parent.stat().st_mtime > OLD
    copy = keep_upload("t.csv", data(0))
    assert (find_upload(digest), own_uploads()) == (copy, [copy])
    path.with_name(".draft.tmp").write_bytes(b"")
    for file in (path, copy):
        file.unlink()
    assert find_upload(digest) is find_upload("..") is find_upload("*" * 32) is None


def test_many_cookies_of_one_address_leave_room_for_another_address(session):
    for number in range(10):
        session["browser"] = f"cookie {number}"
        keep_upload("t.csv", data(number))
    session["browser"] = "cookie 10"
    with pytest.raises(UploadRefused, match=r"those of your address, have 10 MB; at most 10 MB"):
        keep_upload("t.csv", data(10))
    session["place"] = "203.0.113.8"
    keep_upload("t.csv", data(10))


def test_all_uploads_together_are_bounded(session):
    for number in range(20):
        session["browser"] = session["place"] = f"{number}"
        keep_upload("t.csv", data(number))
    session["browser"] = session["place"] = "20"
    with pytest.raises(UploadRefused, match=r"those of everybody, have 20 MB; at most 20 MB"):
        keep_upload("t.csv", data(20))


def test_the_smallest_files_count_too():
    for number in range(40):
        keep_upload("t.csv", data(number, 4))
    with pytest.raises(UploadRefused, match="yours, have 4 MB"):
        keep_upload("t.csv", data(40, 4))
