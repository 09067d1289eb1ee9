"""The only I/O: the Flask app, the built-in HTTP server, and what it does to connections.

`create_app` is in `emulator.server.app`: Flask is imported where it is used, since an emulator starts twice as fast without it."""

from emulator.server.admin.access import Access
from emulator.server.context import Limits
from emulator.server.running import Emulator

__all__ = ["Access", "Emulator", "Limits"]
