"""Room for uploads in the memory of the server, by requests that are put to it directly."""

import asyncio
from types import SimpleNamespace

import pytest

from dashboard.server import limits, upload_room
from dashboard.server.upload_room import UploadRoom, stored_bytes


@pytest.fixture(autouse=True)
def stored(monkeypatch):
    """The bytes that the server holds, by page, at one that takes uploads of 1 MB."""
    pages: dict[str, int] = {}
    monkeypatch.setattr(upload_room, "stored_bytes", lambda: pages)
    monkeypatch.setattr(limits, "largest_upload", lambda: 1_000_000)
    return pages


async def answer(room: UploadRoom, page="page", size: object = 1_000_000, client="203.0.113.7", method="PUT") -> str:
    """The sentence of a refusal with its status, nothing for an upload that reached the server."""
    sent = []

    async def send(message):
        sent.append(message)

    headers = [] if size is None else [(b"content-length", str(size).encode())]
    path = f"/_stcore/upload_file/{page}/file"
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "client": (client, 1)}
    await room(scope, None, send)
    return f"{sent[0]['status']} {sent[1]['body'].decode().strip()}" if sent else ""


def room(hold: asyncio.Event | None = None, stored: dict[str, int] | None = None) -> UploadRoom:
    """Room before a server that keeps what reaches it, once it is let go on."""

    async def server(scope, receive, send):
        if hold is not None:
            await hold.wait()
        if stored is not None:
            page = scope["path"].split("/")[-2]
            stored[page] = stored.get(page, 0) + 1_000_000

    return UploadRoom(server)


def refused(uploads: list[dict[str, str]], stored: dict[str, int]) -> list[str]:
    """The answers to uploads, one after the other."""

    async def every() -> list[str]:
        one = room(stored=stored)
        return [await answer(one, **upload) for upload in uploads]

    return asyncio.run(every())


def test_a_page_has_so_much_in_memory(stored):
    answers = refused([{"page": "page"}] * 5, stored)
    assert answers == [""] * 4 + ["413 The uploads of this page have 4 MB; at most 4 MB are held."]
    stored.clear()
    assert refused([{"page": "page"}], stored) == [""]


def test_many_pages_of_one_address_leave_room_for_another(stored):
    answers = refused(
        [{"page": f"{number}"} for number in range(11)] + [{"page": "b", "client": "203.0.113.8"}], stored
    )
    assert answers == [""] * 10 + ["413 The uploads of your address have 10 MB; at most 10 MB are held.", ""]


def test_all_together_are_bounded(stored):
    answers = refused([{"page": f"{number}", "client": f"203.0.113.{number}"} for number in range(21)], stored)
    assert answers == [""] * 20 + ["413 The uploads of everybody have 20 MB; at most 20 MB are held."]


def test_uploads_under_way_count():
    async def both() -> list[str]:
        hold = asyncio.Event()
        one = room(hold)
        slow = [asyncio.create_task(answer(one)) for _ in range(4)]
        await asyncio.sleep(0)
        late = await answer(one)
        hold.set()
        return [late, *[await task for task in slow], await answer(one)]

    late, *others = asyncio.run(both())
    assert late.startswith("413 ")
    assert others == [""] * 5


@pytest.mark.parametrize("size", [None, "", "-1", "1e3", "\u0664", "9" * 30])
def test_an_upload_says_its_size_first(size):
    assert asyncio.run(answer(room(), size=size)) == "411 An upload says its size first."


def test_what_is_no_upload_passes(stored):
    stored["page"] = 4_000_000
    assert asyncio.run(answer(room(), method="DELETE", size=None)) == ""


def test_the_uploads_that_the_server_holds_are_those_of_streamlit(monkeypatch):
    manager = upload_room.MemoryUploadedFileManager("/")
    manager.add_file("page", SimpleNamespace(file_id="a", data=b"123"))
    manager.add_file("page", SimpleNamespace(file_id="b", data=b"4567"))
    monkeypatch.setattr(upload_room.runtime, "exists", lambda: True)
    monkeypatch.setattr(upload_room.runtime, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))
    assert stored_bytes() == {"page": 7}
    manager.remove_session_files("page")
    assert stored_bytes() == {}
