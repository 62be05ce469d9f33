"""What counts as an error in the log of a server."""

import pytest

from tests.browser.server_log import errors

TRACEBACK = """2026-01-01 12:00:00.000 Error sending websocket payload
Traceback (most recent call last):
  File "server.py", line 3, in send
    await socket.send(payload)
          ~~~~~~~~~~~^^^^^^^^^
{}
    You can now view your app.
"""
CHAIN = TRACEBACK.format("KeyError: 'width'") + "\nDuring handling of the above exception, another one:\n\n" + TRACEBACK


@pytest.mark.parametrize(
    "line",
    [
        "tornado.websocket.WebSocketClosedError",
        "tornado.iostream.StreamClosedError: Stream is closed",
        "starlette.websockets.WebSocketDisconnect",
        'RuntimeError: Cannot call "send" once a close message has been sent.',
        "RuntimeError: Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.",
    ],
)
def test_a_page_that_was_closed_is_no_error(line):
    assert errors(TRACEBACK.format(line)) == []
    assert errors(CHAIN.format(line)) == ["KeyError: 'width'"]


@pytest.mark.parametrize("line", ["KeyError: 'WebSocketClosedError'", "RuntimeError: out of memory", "SystemExit"])
def test_any_other_traceback_is_one(line):
    assert errors("all is well\n" + 2 * TRACEBACK.format(line)) == [line, line]


def test_an_end_that_is_cut_off_is_one():
    assert errors("Traceback (most recent call last):\n  File") == ["a traceback without an end"]
    assert errors("all is well\n") == []
