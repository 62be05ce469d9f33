"""Errors in the log of a Streamlit server."""

import re
from collections.abc import Iterator

BEGIN = "Traceback (most recent call last):"
CLOSED = {
    *("WebSocketClosedError", "StreamClosedError"),  # tornado
    *("WebSocketDisconnect", "ClientDisconnected"),  # starlette and uvicorn
    *("ConnectionClosed", "ConnectionClosedOK", "ConnectionClosedError"),  # websockets
    *("SessionClientDisconnectedError", "BrokenPipeError", "ConnectionResetError"),  # streamlit and Python
}
"""Exceptions that tell no more than that a browser closed its page while the server wrote to it."""
CLOSED_MESSAGE = re.compile(
    r"""RuntimeError: (Cannot call "send" once a close message has been sent\."""
    r"|Unexpected ASGI message 'websocket\.(send|close)', after sending 'websocket\.close'.*)"
)
"""The same where the exception has no name of its own."""


def errors(log: str) -> list[str]:
    """Return the last line of every traceback in a log, without those of a page that was closed."""
    return [line for line in _last_lines(log.splitlines()) if not _is_closed(line)]


def _last_lines(lines: list[str]) -> Iterator[str]:
    rest = iter(lines)
    for line in rest:
        if BEGIN in line:
            yield next((line for line in rest if line and not line[0].isspace()), "a traceback without an end")


def _is_closed(line: str) -> bool:
    name = line.partition(":")[0].rpartition(".")[2]
    return name in CLOSED or CLOSED_MESSAGE.fullmatch(line) is not None
