"""Sandboxes: complete emulators under a URL prefix, `http://host:port/sandbox/NAME`, so that suites which run side by side can share
one server without seeing each other.

Each has its own data, scenario, counters, journal, clock and admin API. It is made when it is first used, and dropped when it is
deleted or has not been used for a while."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore
from emulator.messages import HttpRequest

PREFIX = "/sandbox/"
MAX_SANDBOXES = 1_000
# Seconds without a request after which a sandbox is dropped
IDLE = 3_600.0
_TARGET = re.compile(r"/sandbox/(?P<name>[^/?]*)(?P<rest>.*)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class SandboxError(EmulatorError):
    """No such sandbox can be had; `status` is the HTTP status that says so."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


@dataclass(slots=True)
class _Sandbox:
    core: EmulatorCore
    used: float


class Sandboxes:
    """Owns the sandboxes of one emulator, under one lock. Times are seconds of `Clock.monotonic()`. `on_made` is told of each new one,
    before anybody uses it."""

    def __init__(self, root: EmulatorCore, idle: float = IDLE) -> None:
        self.root = root
        self._idle = idle
        self._lock = threading.Lock()
        self._sandboxes: dict[str, _Sandbox] = {}
        self.on_made: Callable[[str, EmulatorCore], None] = lambda name, core: None

    def enter(self, request: HttpRequest) -> tuple[EmulatorCore, HttpRequest]:
        """The emulator that a request is for, and the request as that emulator sees it, its prefix set apart. Raises
        SandboxError for a name that is none, and where there are too many."""
        if not request.target.startswith(PREFIX):
            return self.root, request
        match = _TARGET.fullmatch(request.target)
        assert match is not None
        name, rest = match["name"], match["rest"]
        target = rest if rest.startswith("/") else f"/{rest}"
        return self.core(name), replace(request, target=target, prefix=f"{PREFIX}{name}", sent=request.target)

    def core(self, name: str) -> EmulatorCore:
        """The emulator of that name, made if it is not there. Raises SandboxError."""
        now = self.root.clock.monotonic()
        with self._lock:
            sandbox = self._sandboxes.get(name)
            if sandbox is None:
                if not _NAME.fullmatch(name):
                    raise SandboxError(404, f"{name[:80]!r} is no name of a sandbox: letters, digits, '_', '.' and '-', 64 at most")
                if len(self._sandboxes) >= MAX_SANDBOXES:
                    raise SandboxError(503, f"there are {MAX_SANDBOXES} sandboxes already; delete some first")
                sandbox = _Sandbox(self.root.new_empty(), now)
                self.on_made(name, sandbox.core)
                self._sandboxes[name] = sandbox
            sandbox.used = now
            return sandbox.core

    def delete(self, name: str) -> None:
        """Raises SandboxError for one that is not there."""
        with self._lock:
            if self._sandboxes.pop(name, None) is None:
                raise SandboxError(404, f"there is no sandbox {name[:80]!r}")

    def drop_idle(self, now: float) -> None:
        with self._lock:
            for name in [name for name, sandbox in self._sandboxes.items() if now - sandbox.used > self._idle]:
                del self._sandboxes[name]

    @property
    def runs_out(self) -> float:
        """When the first of them will have been idle for too long, as things are; infinite without any."""
        with self._lock:
            return min((sandbox.used for sandbox in self._sandboxes.values()), default=inf) + self._idle

    @property
    def has_early(self) -> bool:
        """Whether some rule of a sandbox decides about requests before their bodies have come."""
        return bool(self._sandboxes) and any(core.rule_set.has_early for core in self.cores()[1:])

    def cores(self) -> list[EmulatorCore]:
        """The emulator itself, and its sandboxes."""
        with self._lock:
            return [self.root, *(sandbox.core for sandbox in self._sandboxes.values())]

    def listed(self) -> list[dict[str, Any]]:
        """Name, scenario and figures of each, in order of name; `idle_s` is seconds since its last request."""
        now = self.root.clock.monotonic()
        with self._lock:
            found = sorted(self._sandboxes.items())
        return [
            {
                "name": name,
                "scenario": sandbox.core.scenario.name,
                "exchanges": len(sandbox.core.journal),
                "idle_s": round(now - sandbox.used, 3),
            }
            for name, sandbox in found
        ]
