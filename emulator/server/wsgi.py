"""Carries a request from the asyncio server into a WSGI app, in a worker thread, and the answer back into the event loop.

An answer without a length is streamed in chunks as the app yields them."""

from __future__ import annotations

import asyncio
import io
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from emulator.messages import HttpReply, HttpRequest
from emulator.server.outlet import Outlet

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ_of(request: HttpRequest, host: str, port: int) -> dict[str, Any]:
    """What PEP 3333 tells an application of a request."""
    path, _, query = (request.prefix + request.target).partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.peer.rpartition(":")[0],
        "REMOTE_PORT": request.peer.rpartition(":")[2],
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


class WsgiRequest:
    """One request on its way through the app. Made in the event loop; `run` is for a worker thread."""

    def __init__(self, outlet: Outlet, loop: asyncio.AbstractEventLoop) -> None:
        self._outlet = outlet
        self._loop = loop
        self._status = 500
        self._headers: list[tuple[str, str]] = []
        self._started = False
        self._chunked = False

    def run(self, ask: Callable[[], Iterable[bytes]]) -> None:
        """Send on what an app answers. `ask` calls the app, with `start_response`. Never raises."""
        try:
            chunks = ask()
            try:
                for chunk in chunks:
                    if self._outlet.is_closing:
                        break
                    if chunk:
                        self._in_loop(self._write, chunk)
            finally:
                close = getattr(chunks, "close", None)
                if close is not None:
                    close()
            self._in_loop(self._finish)
        except Exception:
            # The app turns its own failures into answers; what gets here could not be answered, so the connection says so
            traceback.print_exc()
            self._in_loop(self._outlet.abort)

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self._status = int(status.split(" ", 1)[0])
        self._headers = headers
        return lambda data: self._in_loop(self._write, data)

    def _in_loop(self, step: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._step, step, *arguments)

    def _step(self, step: Callable[..., None], *arguments: Any) -> None:
        """Whatever goes wrong in it, the client is not left waiting."""
        try:
            step(*arguments)
        except Exception:
            traceback.print_exc()
            self._outlet.abort()

    def _write(self, chunk: bytes) -> None:
        outlet = self._outlet
        if outlet.is_closing:
            return
        if not self._started:
            self._begin()
        if not self._outlet.is_head_request:
            outlet.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if self._chunked else chunk)

    def _begin(self) -> None:
        self._started = True
        has_length = any(name.lower() == "content-length" for name, _ in self._headers)
        self._chunked = not has_length and self._status not in (204, 304)
        framing = [("Transfer-Encoding", "chunked")] if self._chunked else []
        reply = HttpReply(self._status, [*self._headers, *framing, ("Connection", "keep-alive")], b"")
        self._outlet.write(reply.head(self._outlet.keep_alive))

    def _finish(self) -> None:
        if self._outlet.is_closing:
            return
        if not self._started:
            self._begin()
        if self._chunked and not self._outlet.is_head_request:
            self._outlet.write(b"0\r\n\r\n")
        self._outlet.finish()
