"""An emulator at an address: bind, serve in the foreground or in a thread, stop.

`Emulator` is what programs use; the port is bound when it starts, and it is ready when `start` returns."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from emulator.core import EmulatorCore
from emulator.environment import DEFAULT_REGION, credentials_for
from emulator.errors import EmulatorError
from emulator.server.access import AdminAccess
from emulator.server.admin_door import AdminDoor
from emulator.server.http import HttpServer, Limits
from emulator.server.listener import Listener
from emulator.server.sandboxes import IDLE, Sandboxes

_LOOPBACK = ("127.", "localhost", "::1")


class Emulator(EmulatorCore):
    """A local DynamoDB on its own port, in its own thread.

        with Emulator(scenario="throttling.yaml") as emulator:
            client = boto3.client("dynamodb", **emulator.boto3_kwargs())

    Takes what EmulatorCore takes, and `host`, `port` (0: a free one), `admin_token`, `limits`, and
    `sandbox_idle`, the seconds without a request after which a sandbox is dropped. Raises EmulatorError where the
    address cannot be had, ScenarioError for a scenario that is not right."""

    def __init__(
        self,
        scenario: Any = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        admin_token: str | None = None,
        limits: Limits | None = None,
        sandbox_idle: float = IDLE,
        **settings: Any,
    ) -> None:
        super().__init__(scenario, can_cut=True, **settings)
        self.sandboxes = Sandboxes(self, sandbox_idle)
        self.host = host
        self.port = port
        self._access = AdminAccess(admin_token, local_only=host.startswith(_LOOPBACK))
        self._limits = limits or Limits()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The endpoint for SDKs, e.g. "http://127.0.0.1:8000"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.port}"

    def boto3_kwargs(self, region: str = DEFAULT_REGION) -> dict[str, str]:
        """What `boto3.client` needs to talk to this emulator. The credentials are the first of the scenario's, or else worthless."""
        credentials = credentials_for(self.scenario)
        token = {} if credentials.token is None else {"aws_session_token": credentials.token}
        return {
            "endpoint_url": self.url,
            "region_name": region,
            "aws_access_key_id": credentials.access_key,
            "aws_secret_access_key": credentials.secret,
            **token,
        }

    # --- in a thread

    def start(self) -> Emulator:
        """Serve in a thread of its own; returns when requests are answered."""
        if self._thread is not None:
            raise EmulatorError(f"this emulator is running already, at {self.url}")
        listener = Listener(self.host, self.port)
        self.port = listener.port
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener, ready.set), name="dynafault", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Stop serving; requests under way have a moment to finish. Does nothing if it is not running."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _run(self, listener: Listener, ready: Callable[[], None]) -> None:
        asyncio.run(self._serve(listener, ready))

    # --- in the foreground

    def serve_forever(self, ready: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` is called when requests are answered. For the main thread."""
        listener = Listener(self.host, self.port)
        self.port = listener.port
        asyncio.run(self._serve(listener, ready, signals=True))

    async def _serve(self, listener: Listener, ready: Callable[[], None], *, signals: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if signals:
            _on_signals(self._loop, self._stop)
        admin = AdminDoor(self.sandboxes, self._access, self.host, self.port)
        server = HttpServer(self.sandboxes, listener, admin.handle, self._limits)
        await server.open()
        sweeper = asyncio.create_task(server.sweep())
        ready()
        await self._stop.wait()
        sweeper.cancel()
        await server.drain()
        admin.close()


def _on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            # Windows has no signal handlers in the loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
