"""The messages of a websocket before Streamlit reads them: what a page never sends closes the connection.

Streamlit alone would write a traceback of fifty lines for every one, obey any page that clears the caches of all, and
read as fast as a program can send.
"""

from __future__ import annotations

import asyncio
import logging
import time

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg

_ANSWERED = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
"""The kinds of messages that the pages of this dashboard send."""
_POLICY_VIOLATION, _TOO_BIG, _PROTOCOL_ERROR = 1008, 1009, 1002
_MESSAGES, _BYTES = 100, 4_000_000
"""Messages and bytes a second that one connection may send on end."""
_AHEAD = 1.0
"""Seconds of them that it may send at once."""
_WIDGETS, _REST = 1000, 200_000
"""Values of controls in one message, where the fullest page has some dozens, and bytes of it beside them."""


class Connection:
    """A websocket whose messages are looked at before they are received, and no faster than one page needs."""

    def __init__(self, client: str, receive: Receive, send: Send) -> None:
        self._client, self._receive, self._send = client, receive, send
        self._open = True
        self._due = 0.0
        """The second, of `time.monotonic`, at which all that was received would have come at the steady rate."""

    async def receive(self) -> Message:
        """Return the next message; the end of the connection in place of one that a page never sends."""
        message = await self._receive()
        if message["type"] == "websocket.receive":
            if (fault := message_fault(message)) is not None:
                return await self._close(*fault)
            await self._wait(len(message["bytes"]))
        elif message["type"] == "websocket.disconnect":
            self._open = False
        return message

    async def send(self, message: Message) -> None:
        """Send a message, unless the connection has ended; the server hears of that where it receives."""
        if self._open:
            try:
                await self._send(message)
            except OSError:  # the page was closed just now
                self._open = False

    async def _close(self, code: int, reason: str) -> Message:
        logging.getLogger(__name__).warning("A connection from %s was closed: %s", self._client, reason)
        self._open = False
        await self._send({"type": "websocket.close", "code": code, "reason": ""})
        return {"type": "websocket.disconnect", "code": code, "reason": ""}

    async def _wait(self, size: int) -> None:
        now = time.monotonic()
        self._due = max(now, self._due) + 1 / _MESSAGES + size / _BYTES
        if (early := self._due - now - _AHEAD) > 0:
            await asyncio.sleep(early)


def message_fault(message: Message) -> tuple[int, str] | None:
    """Return the code and the reason for which a message ends its connection; None for what a page sends."""
    data, most = message.get("bytes"), int(config.get_option("server.maxWidgetStateSize"))
    if data is None:
        return _PROTOCOL_ERROR, "it sent text"
    if len(data) > most * 1_000_000:
        return _TOO_BIG, f"it sent more than {most} MB at once"
    try:
        parsed = BackMsg.FromString(data)
    except DecodeError:
        return _PROTOCOL_ERROR, "it sent what is no message"
    if (kind := parsed.WhichOneof("type")) not in _ANSWERED:
        return _POLICY_VIOLATION, f"it sent a message of the kind {kind}, which no page here sends"
    values = parsed.rerun_script.widget_states
    if len(values.widgets) > _WIDGETS:
        return _POLICY_VIOLATION, f"it sent more than {_WIDGETS:,} values of controls at once"
    if len(data) - values.ByteSize() > _REST:
        return _TOO_BIG, f"it sent more than {_REST:,} bytes beside the values of controls at once"
    return None
