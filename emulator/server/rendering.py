"""An HttpReply as the bytes of HTTP/1.1."""

from __future__ import annotations

from http import HTTPStatus

from emulator.messages import HttpReply

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}


def render_head(reply: HttpReply, keep_alive: bool) -> bytes:
    """The status line and the headers, up to and with the empty line. Whether the connection goes on is the server's to say."""
    status_line = _STATUS_LINES.get(reply.status) or f"HTTP/1.1 {reply.status} "
    if keep_alive:
        headers = [f"{name}: {value}" for name, value in reply.headers]
    else:
        headers = [f"{name}: {value}" for name, value in reply.headers if name != "Connection"]
        headers.append("Connection: close")
    return "\r\n".join([status_line, *headers, "\r\n"]).encode("latin-1", "replace")
