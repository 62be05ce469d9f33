"""The room for uploads in the memory of the server: bounds of a page, an address and all, before a byte is taken.

Streamlit bounds each upload, and keeps as many as are sent for as long as their page is open.
"""

from __future__ import annotations

from collections import Counter

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.server import limits
from dashboard.server.browser import network

_UPLOAD = "/_stcore/upload_file/"


class UploadRoom:
    """Middleware that refuses an upload for which there is no room, or that does not say its size."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._addresses: dict[str, str] = {}  # of the pages that have uploads
        self._coming: list[tuple[str, int]] = []  # the pages and sizes of those under way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it by a sentence with status 411 or 413."""
        if scope["type"] == "http" and scope["method"] == "PUT" and _UPLOAD in scope["path"]:
            await self._take(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, length = scope["path"].split("/")[-2], Headers(scope=scope).get("content-length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 16):
            await PlainTextResponse("An upload says its size first.\n", 411)(scope, receive, send)
            return
        address = network((scope.get("client") or ("",))[0])
        if sentence := self._refusal(page, address, int(length)):
            await PlainTextResponse(sentence + "\n", 413)(scope, receive, send)
            return
        self._addresses[page] = address
        self._coming.append((page, int(length)))
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming.remove((page, int(length)))

    def _refusal(self, page: str, address: str, size: int) -> str:
        """Return the reason why there is no room for an upload of a page, nothing where there is."""
        taken = Counter(stored_bytes())
        for coming, length in self._coming:
            taken[coming] += length
        self._addresses = {page: self._addresses[page] for page in taken if page in self._addresses}
        near = sum(taken[page] for page, other in self._addresses.items() if other == address)
        most = limits.largest_upload()
        for held, uploads, whose in (
            (taken[page], limits.UPLOADS_OF_BROWSER, "this page"),
            (near, limits.UPLOADS_OF_ADDRESS, "your address"),
            (taken.total(), limits.UPLOADS_OF_SERVER, "everybody"),
        ):
            if held + size > uploads * most:
                return (
                    f"The uploads of {whose} have {held / 1e6:.0f} MB; at most {uploads * most / 1e6:.0f} MB are held."
                )
        return ""


def stored_bytes() -> dict[str, int]:
    """Return the bytes of the uploads that the server holds, by the page that they belong to."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return {}
    pages = list(manager.file_storage.items())
    return {page: sum(len(file.data) for file in list(files.values())) for page, files in pages if files}
