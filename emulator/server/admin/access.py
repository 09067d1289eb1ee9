"""Where the admin API is, and who may use it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import orjson

from emulator.messages import HttpReply

PREFIX = "/_emulator"
HEALTH = f"{PREFIX}/health"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class AdminAccess:
    """Who may use the admin API. `token`: who sends it as `Authorization: Bearer TOKEN`; None: everybody. `local_only`: only
    requests that were addressed to this machine by a local name, so that no web page can reach it by a name of its own."""

    token: str | None = None
    local_only: bool = False

    def admits_host(self, host: str) -> bool:
        """Whether a request with that Host header may be answered."""
        return not self.local_only or _host_name(host) in _LOCAL_NAMES

    def admits_token(self, authorization: str) -> bool:
        """Whether that Authorization header carries the token, if one is asked for."""
        given = authorization.removeprefix("Bearer ").strip()
        return self.token is None or hmac.compare_digest(given.encode(), self.token.encode())


def _host_name(host: str) -> str:
    """The name without the port: "localhost:8000", "[::1]:8000" and "localhost" alike."""
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def error_reply(status: int, code: str, message: str) -> HttpReply:
    """An answer in the one shape that errors of the admin API have."""
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return HttpReply(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body)


def is_admin_target(target: str) -> bool:
    """Whether a request's target (path and query) is for the admin API, not for the emulated service."""
    return target.startswith(PREFIX) and target[len(PREFIX) : len(PREFIX) + 1] in ("", "/", "?")
