"""Messages of a websocket before they are received: those of a page pass, all others end the connection."""

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard.server import messages
from dashboard.server.messages import Connection, message_fault


def back(kind: str) -> BackMsg:
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type is not None:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return message


def frame(data: bytes) -> dict[str, object]:
    return {"type": "websocket.receive", "bytes": data}


class Socket:
    """The side of the browser: what it sends, and what it is sent."""

    def __init__(self, *incoming, broken=False):
        self.incoming, self.sent, self.broken = [*incoming, {"type": "websocket.disconnect", "code": 1005}], [], broken

    async def receive(self):
        return self.incoming.pop(0)

    async def send(self, message):
        if self.broken:
            raise ConnectionResetError
        self.sent.append(message)

    def connection(self) -> Connection:
        return Connection("192.0.2.1", self.receive, self.send)


KINDS = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]
PAGES = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_page_sends_passes_and_nothing_else(kind):
    """Among the others: clearing the caches of everybody, and ending the server."""
    fault = message_fault(frame(back(kind).SerializeToString()))
    assert (fault is None) == (kind in PAGES)
    if fault is not None:
        assert kind in fault[1]


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ({"type": "websocket.receive", "text": "hello"}, 1002, "text"),
        ({"type": "websocket.receive", "bytes": None, "text": "hello"}, 1002, "text"),
        (frame(b"\xff\xff\xff"), 1002, "no message"),
        (frame(b""), 1008, "None"),
        (frame(b"a" * 5_000_001), 1009, "more than 5 MB"),
    ],
)
def test_a_connection_ends_at_what_is_no_message_of_a_page(monkeypatch, caplog, message, code, reason):
    monkeypatch.setattr(messages.config, "get_option", {"server.maxWidgetStateSize": 5}.__getitem__)
    socket = Socket(message)
    connection = socket.connection()
    with caplog.at_level(logging.WARNING):
        assert asyncio.run(connection.receive()) == {"type": "websocket.disconnect", "code": code, "reason": ""}
    assert [(sent["type"], sent["code"]) for sent in socket.sent] == [("websocket.close", code)]
    assert reason in caplog.text
    assert "192.0.2.1" in caplog.text
    asyncio.run(connection.send({"type": "websocket.send", "bytes": b"late"}))
    assert len(socket.sent) == 1


def test_values_of_controls_are_counted():
    message = back("rerun_script")
    for number in range(1000):
        message.rerun_script.widget_states.widgets.add().id = str(number)
    assert message_fault(frame(message.SerializeToString())) is None
    message.rerun_script.widget_states.widgets.add()
    assert "1,000" in message_fault(frame(message.SerializeToString()))[1]


def test_only_values_of_controls_are_long():
    """An address has no megabytes, and nobody asks for a million places to upload to."""
    message = back("rerun_script")
    message.rerun_script.widget_states.widgets.add(id="text").string_value = "a" * 4_000_000
    message.rerun_script.query_string = "a" * 100_000
    assert message_fault(frame(message.SerializeToString())) is None
    message.rerun_script.query_string *= 3
    files = back("file_urls_request")
    files.file_urls_request.file_names.extend(["a"] * 100_000)
    for long in (message, files):
        assert message_fault(frame(long.SerializeToString()))[0] == 1009


@given(st.binary(max_size=60))
def test_any_bytes_pass_or_end_the_connection(data):
    fault = message_fault(frame(data))
    if fault is None:
        assert BackMsg.FromString(data).WhichOneof("type") in PAGES
    else:
        assert fault[0] in (1002, 1008)


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_sent_to_a_page_that_is_gone_is_dropped(broken):
    socket = Socket(broken=broken)
    connection = socket.connection()
    if not broken:
        assert asyncio.run(connection.receive())["type"] == "websocket.disconnect"
    asyncio.run(connection.send({"type": "websocket.send", "bytes": b"late"}))
    assert socket.sent == []


@pytest.mark.parametrize(("count", "size", "seconds"), [(100, 10, 0.0), (300, 0, 2.0), (2, 4_000_000, 1.0)])
def test_a_connection_is_read_at_a_steady_rate_after_a_burst(monkeypatch, count, size, seconds):
    clock = [1000.0]
    monkeypatch.setattr(messages.time, "monotonic", lambda: clock[0])

    async def sleep(delay):
        clock[0] += delay

    monkeypatch.setattr(messages.asyncio, "sleep", sleep)
    message = back("rerun_script")
    message.rerun_script.widget_states.widgets.add().string_value = "a" * size
    data = message.SerializeToString()
    connection = Socket(*[frame(data)] * count).connection()

    async def read():
        for _ in range(count):
            assert (await connection.receive())["bytes"] == data

    asyncio.run(read())
    assert clock[0] - 1000 == pytest.approx(seconds, abs=0.03)
