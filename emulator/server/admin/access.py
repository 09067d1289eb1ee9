"""Who may use the emulator: by which name it may be addressed, from which pages, and with which token its admin API."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

import orjson

from dynafault_dataclass import dataclass
from emulator.messages import HttpReply
from emulator.wire import ADMIN_PREFIX

PREFIX = ADMIN_PREFIX
# LocalStack's, see `localstack`
CHAOS_PREFIX = "/_localstack/chaos"
HEALTH = f"{PREFIX}/health"
# Names that are this machine's wherever they are asked for (RFC 6761, 6.3)
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LOCAL_SUFFIX = ".localhost"
ANY_HOST = "*"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Access:
    """`token`: who sends it as `Authorization: Bearer TOKEN` may use the admin API; None: everybody. `local_only`: only requests that
    were addressed to this machine by a local name, so that no web page can reach it by a name of its own; `hosts` are further names,
    or "*" for every one. `may_save`: the live page may write a scenario back to its file."""

    token: str | None = None
    local_only: bool = False
    hosts: frozenset[str] = frozenset()
    may_save: bool = False

    def admits_host(self, host: str) -> bool:
        """Whether a request with that Host header, "" for none, may be answered."""
        if not self.local_only or not host or ANY_HOST in self.hosts:
            return True
        name = _host_name(host).lower().rstrip(".")
        return name in _LOCAL_NAMES or name.endswith(_LOCAL_SUFFIX) or name in self.hosts

    def admits_token(self, authorization: str) -> bool:
        """Whether that Authorization header carries the token, if one is asked for."""
        given = authorization.removeprefix("Bearer ").strip()
        return self.token is None or hmac.compare_digest(given.encode(), self.token.encode())

    def admits_page(self, method: str, headers: Mapping[str, str]) -> bool:
        """Whether a browser may send this for a page: what changes something, only for pages that come from the address that is asked.
        Programs that are no browsers send neither header. `headers` by names in lower case."""
        if method in _READING:
            return True
        site = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        is_own_site = site is None or site in _OWN_SITE
        return is_own_site and (origin is None or urlsplit(origin).netloc == headers.get("host"))


def _host_name(host: str) -> str:
    """The name without the port: "localhost:8000", "[::1]:8000" and "localhost" alike."""
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def error_reply(status: int, code: str, message: str) -> HttpReply:
    """An answer in the one shape that errors of the admin API have."""
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return HttpReply(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body)


def foreign_host(host: str) -> HttpReply:
    """The answer to who addresses it by a name that is not its own."""
    text = f"this emulator is for this machine only, and not by the name {host[:100]!r}; --allow-host gives it that name"
    return error_reply(403, "foreign-host", text)


def is_admin_target(target: str) -> bool:
    """Whether a request's target (path and query) is for the admin API, not for the emulated service."""
    return any(target.startswith(prefix) and target[len(prefix) : len(prefix) + 1] in ("", "/", "?") for prefix in (PREFIX, CHAOS_PREFIX))
