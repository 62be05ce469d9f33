"""The gate before the server: which names it answers to, which pages may connect, how often, and who may frame it.

Streamlit alone would compare an origin that it does not know with the machine's address on the Internet, ask an outside
host for that, and answer nobody until it had its answer. The gate decides by the headers of the request.
"""

from __future__ import annotations

import logging
from collections import Counter
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from dashboard.server.browser import network
from dashboard.server.messages import Connection
from engine.common.errors import quoted

_POLICY_VIOLATION = 1008
_MOST_CONNECTIONS = 256
"""Websockets that one address, or network of IPv6, may have open: tabs of everybody behind it."""
_HEALTH = "/_stcore/health"
"""The end of the path that tells whether the server lives; probes ask for it by the address of the machine."""


class Gate:
    """Middleware that refuses requests under names that are not the server's, and connections from other pages.

    The names are those of `server.allowedHosts`; where it is empty every name is. A page may connect that was served
    under the same name and port, or under `browser.serverAddress` or one of `server.corsAllowedOrigins`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._open = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: by a sentence with status 403, a websocket before it is accepted."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "websocket":
                await self._connect(scope, receive, send)
            case _:
                await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_for_frames(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Content-Security-Policy", frame_policy())
            await send(message)

        sentence = refusal_sentence("http", scope["path"], Headers(scope=scope))
        answer = PlainTextResponse(sentence + "\n", 403) if sentence else self.app
        await answer(scope, receive, send_for_frames)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = network((scope.get("client") or ("",))[0])
        reason = refusal_sentence("websocket", scope["path"], Headers(scope=scope))
        if not reason and self._open[client] >= _MOST_CONNECTIONS:
            reason = f"{_MOST_CONNECTIONS} are open already."
        if reason:
            logging.getLogger(__name__).warning("A connection from %s was refused: %s", client, reason)
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
            return
        self._open[client] += 1
        try:
            connection = Connection(client, receive, send)
            await self.app(scope, connection.receive, connection.send)
        finally:
            self._open[client] -= 1
            self._open = +self._open  # without the addresses that have none open


def frame_policy() -> str:
    """Return the header that has browsers show this dashboard in frames of its own and of trusted pages alone."""
    return " ".join(["frame-ancestors 'self'", *config.get_option("server.corsAllowedOrigins")])


def refusal_sentence(kind: str, path: str, headers: Headers) -> str:
    """Return the reason why a request is refused, nothing if it is not; `kind` is `http` or `websocket`."""
    host, origin = headers.get("host", ""), headers.get("origin")
    allowed = config.get_option("server.allowedHosts")
    if allowed and not path.endswith(_HEALTH) and not any(_is_named(_name(f"//{host}"), name) for name in allowed):
        return (
            f"This dashboard does not answer to the name {quoted(host, 60)}, but to {', '.join(allowed)}; "
            "its server is told of another by --server.allowedHosts."
        )
    if kind == "websocket" and not _is_own_page(origin, host):
        return f"A page of {quoted(origin, 60)} may not connect to this dashboard."
    return ""


def _is_own_page(origin: str | None, host: str) -> bool:
    """Return True for an origin that may connect; programs that are no browsers send none."""
    if origin is None or not config.get_option("server.enableCORS"):
        return True
    trusted = [_name(address) for address in config.get_option("server.corsAllowedOrigins")]
    if config.is_manually_set("browser.serverAddress"):
        trusted.append(_name(f"//{config.get_option('browser.serverAddress')}"))
    return _place(origin) == host.lower() or (_name(origin) or None) in trusted


def _is_named(name: str, pattern: str) -> bool:
    """Return True for a name that a pattern stands for: itself, `*.` before a domain, or `*`."""
    pattern = pattern.strip().strip("[]").lower().rstrip(".")
    return bool(name) and (pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])))


def _name(address: str) -> str:
    """Return the name of the host in an address, in lower case; nothing where there is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _place(address: str) -> str:
    """Return the name and port of an address, in lower case."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
