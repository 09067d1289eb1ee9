"""A connection as those see it who write answers to it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Protocol

# l_onoff 1, l_linger 0: closing the socket sends RST instead of FIN
_LINGER_RESET = struct.pack("ii", 1, 0)


class Outlet(Protocol):
    """Where the answer to the present request goes. Touched from the server's event loop only."""

    @property
    def is_closing(self) -> bool:
        """Whether the client is gone, or nothing more will be sent to it."""

    @property
    def is_draining(self) -> bool:
        """Whether the client has not yet taken what was written."""

    @property
    def keep_alive(self) -> bool:
        """Whether the connection goes on after the present answer."""

    @property
    def is_head_request(self) -> bool: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """The present request is done with: on to the next one, or to the end of the connection."""

    def close(self) -> None:
        """End with FIN, once what was written is out."""

    def reset(self) -> None:
        """End with RST, whatever is still unsent."""

    def abort(self) -> None:
        """End at once, in whatever way."""


def reset_transport(transport: asyncio.Transport) -> None:
    """End a connection with RST, whatever of it is still unsent."""
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    transport.abort()
