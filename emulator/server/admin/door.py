"""The way from the built-in server to the admin API: health at once, everything else through Flask in a worker thread."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from emulator.core import EmulatorCore
from emulator.messages import HttpReply, HttpRequest
from emulator.server.admin.access import HEALTH, AdminAccess
from emulator.server.admin.health import health_json
from emulator.server.sandboxes import Sandboxes
from emulator.server.wsgi import Answering, WSGIApp, environ_of

if TYPE_CHECKING:
    from emulator.server.connection import Connection

WORKERS = 16


class AdminDoor:
    """Owns the worker threads and the Flask app, which is made when it is first needed."""

    def __init__(self, sandboxes: Sandboxes, access: AdminAccess, host: str, port: int) -> None:
        self._sandboxes = sandboxes
        self._access = access
        self._host = host
        self._port = port
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="dynafault-admin")
        self._lock = threading.Lock()
        self._app: WSGIApp | None = None

    def handle(self, connection: Connection, core: EmulatorCore, request: HttpRequest) -> None:
        """Called in the event loop; the answer is written there too, when it comes."""
        if request.method == "GET" and request.target == HEALTH and self._access.admits_host(request.headers.get("host", "")):
            self._answer_health(connection, core)
        else:
            self._threads.submit(self._run, Answering(connection, asyncio.get_running_loop()), request)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer_health(self, connection: Connection, core: EmulatorCore) -> None:
        body = health_json(core)
        reply = HttpReply(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body)
        connection.transport.write(reply.head(connection.keep_alive) + body)
        connection.finish()

    def _run(self, answering: Answering, request: HttpRequest) -> None:
        answering.run(self._flask_app(), environ_of(request, self._host, self._port))

    def _flask_app(self) -> WSGIApp:
        with self._lock:
            if self._app is None:
                from emulator.server.app import create_app

                self._app = create_app(self._sandboxes.root, self._access, self._sandboxes)
            return self._app
