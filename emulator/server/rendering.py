"""An HttpReply as the bytes of HTTP/1.1."""

from __future__ import annotations

from http import HTTPStatus

from emulator.messages import HttpReply

_REASONS = {status.value: status.phrase for status in HTTPStatus}


def render_head(reply: HttpReply, keep_alive: bool) -> bytes:
    """The status line and the headers, up to and with the empty line. Whether the connection goes on is the server's to say."""
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}"]
    for name, value in reply.headers:
        if keep_alive or name != "Connection":
            lines.append(f"{name}: {value}")
    if not keep_alive:
        lines.append("Connection: close")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")
