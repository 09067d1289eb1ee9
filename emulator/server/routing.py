"""Whom a request is for: an emulated service, or the admin API, of the emulator at the root or in a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from emulator.core import EmulatorCore
from emulator.messages import HttpReply, HttpRequest
from emulator.server.admin.access import Access, error_reply, foreign_host, is_admin_target
from emulator.server.outlet import Outlet
from emulator.server.sandboxes import SandboxError, Sandboxes
from emulator.wire import MAX_BODY

# Names that are remembered
MAX_ADMITTED = 256
# Answers a request for the admin API, when it can
Admin = Callable[[Outlet, EmulatorCore, HttpRequest], None]


class Route(NamedTuple):
    """`reply` is the answer where nobody needs to be asked for it; `is_admin`: the request is for the admin API."""

    core: EmulatorCore
    request: HttpRequest
    is_admin: bool = False
    reply: HttpReply | None = None


class Router:
    """Owns nothing; `admin` answers what is for the admin API."""

    def __init__(self, sandboxes: Sandboxes, admin: Admin, access: Access) -> None:
        self.root = sandboxes.root
        self.sandboxes = sandboxes
        self.admin = admin
        self._access = access
        # Host headers that have been looked at
        self.admitted: set[str] = set()

    @property
    def has_early(self) -> bool:
        """Whether some rule, here or in a sandbox, decides about requests before their bodies have come."""
        return self.root.run.rules.has_early or self.sandboxes.has_early

    def find(self, request: HttpRequest) -> Route:
        """For a request whose target is not just "/", which is for the root's service, or whose Host is not among `admitted`."""
        host = request.headers.get("host", "")
        if host not in self.admitted:
            if not self._access.admits_host(host):
                return Route(self.root, request, reply=foreign_host(host))
            if len(self.admitted) >= MAX_ADMITTED:
                self.admitted.clear()
            self.admitted.add(host)
        try:
            core, inside = self.sandboxes.enter(request)
        except SandboxError as error:
            return Route(self.root, request, reply=error_reply(error.status, "no-sandbox", str(error)))
        if not is_admin_target(inside.target):
            return Route(core, inside)
        if request.too_large:
            text = f"a body may have {MAX_BODY} bytes at most, and less here"
            return Route(core, inside, reply=error_reply(413, "too-large", text))
        return Route(core, inside, is_admin=True)
