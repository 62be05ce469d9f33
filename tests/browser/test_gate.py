"""The gate of a running server, met by programs that speak the protocol of websockets."""

import json
import socket
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.browser.server_log import BEGIN
from tests.waiting import PATIENCE

PATH = "/_stcore/stream"
LOUDEST = 5
"""Lines of one kind that the log has in a minute."""


@pytest.fixture
def address(server):
    return server.replace("http://", "ws://") + PATH


def test_pages_of_other_origins_do_not_connect(server, address):
    with connect(address, origin=server, open_timeout=PATIENCE):
        pass
    for origin in ("http://evil.example", "http://localhost:1", "null"):
        with pytest.raises(InvalidStatus) as refused:
            connect(address, origin=origin, open_timeout=PATIENCE)
        assert refused.value.response.status_code == 403


def test_rubbish_ends_its_connection_and_fills_no_log(server, address, log_path):
    before = len(log_path.read_text("utf-8").splitlines())
    clear_cache = BackMsg(clear_cache=True).SerializeToString()
    for rubbish in 10 * ["text", b"", b"\xff" * 100, clear_cache, b"a" * 5_000_001]:
        with connect(address, open_timeout=PATIENCE, compression=None) as connection:
            with suppress(ConnectionClosed):
                connection.send(rubbish)
            with pytest.raises(ConnectionClosed):
                connection.recv(PATIENCE)
    lines = log_path.read_text("utf-8").splitlines()[before:]
    assert 0 < len(lines) <= LOUDEST
    assert not any(BEGIN in line for line in lines)


def test_connections_that_never_end_their_request_keep_nobody_waiting(server):
    place = urlsplit(server)
    openings = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-a: ",
        b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9",
    ]
    half_open = [socket.create_connection((place.hostname, place.port), PATIENCE) for _ in range(200)]
    for number, each in enumerate(half_open):
        each.sendall(openings[number % 2])
    asked = HTTPConnection(place.netloc, timeout=PATIENCE)
    asked.request("GET", "/_stcore/health")
    assert asked.getresponse().status == 200
    asked.close()
    for each in half_open:
        each.close()


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /static/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\xff rubbish\r\n\r\n",
    ],
    ids=["traversal", "network", "null", "header", "tls"],
)
def test_a_bad_request_gets_status_400(server, request_head):
    place = urlsplit(server)
    with socket.create_connection((place.hostname, place.port), PATIENCE) as connection:
        connection.sendall(request_head)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_no_other_page_may_send_commands(server):
    """Streamlit would obey every page of streamlit.app that opens this one."""
    with urlopen(server + "/_stcore/host-config", timeout=PATIENCE) as answer:
        assert json.load(answer)["allowedOrigins"] == []
