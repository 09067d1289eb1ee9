"""The way from the built-in server to the admin API: health at once, everything else through Flask in a worker thread."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from dynafault_time.real import keep_machine_time
from emulator.core import EmulatorCore
from emulator.messages import HttpReply, HttpRequest
from emulator.server.admin.access import HEALTH, Access
from emulator.server.admin.health import health_json
from emulator.server.outlet import Outlet
from emulator.server.sandboxes import Sandboxes
from emulator.server.wsgi import WSGIApp, WsgiRequest, environ_of

WORKERS = 16


class WsgiBridge:
    """Owns the worker threads and the Flask app, which is made when it is first needed."""

    def __init__(self, sandboxes: Sandboxes, access: Access, host: str, port: int) -> None:
        self._sandboxes = sandboxes
        self._access = access
        self._host = host
        self._port = port
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="dynafault-admin", initializer=keep_machine_time)
        self._lock = threading.Lock()
        self._app: WSGIApp | None = None

    def handle(self, outlet: Outlet, core: EmulatorCore, request: HttpRequest) -> None:
        """Called in the event loop; the answer is written there too, when it comes."""
        if request.method == "GET" and request.target == HEALTH and self._access.admits_host(request.headers.get("host", "")):
            self._answer_health(outlet, core)
        else:
            self._threads.submit(self._run, WsgiRequest(outlet, asyncio.get_running_loop()), request)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer_health(self, outlet: Outlet, core: EmulatorCore) -> None:
        body = health_json(core)
        reply = HttpReply(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body)
        outlet.write(reply.head(outlet.keep_alive) + body)
        outlet.finish()

    def _run(self, answering: WsgiRequest, request: HttpRequest) -> None:
        answering.run(lambda: self._flask_app()(environ_of(request, self._host, self._port), answering.start_response))

    def _flask_app(self) -> WSGIApp:
        with self._lock:
            if self._app is None:
                from emulator.server.app import create_app

                self._app = create_app(self._sandboxes.root, self._access, self._sandboxes)
            return self._app
