"""The only I/O: the Flask app, the built-in HTTP server, and what it does to connections."""

from emulator.server.admin import AdminAccess
from emulator.server.app import create_app
from emulator.server.http import Limits
from emulator.server.running import Emulator

__all__ = ["AdminAccess", "Emulator", "Limits", "create_app"]
