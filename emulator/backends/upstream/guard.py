"""What may be sent to an upstream: which regions and tables, reads only, how many requests a second, until when."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import NoReturn

from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.clock import Clock
from emulator.messages import Call
from emulator.scenario.upstream import UpstreamSettings

# They name no table, and tell nothing of any but its name
_WITHOUT_TABLE = frozenset(
    (
        "DescribeEndpoints",
        "DescribeLimits",
        "GetRecords",
        "ListBackups",
        "ListExports",
        "ListGlobalTables",
        "ListImports",
        "ListStreams",
        "ListTables",
    )
)


class Guard:
    """Refuses requests that must not be sent. The errors are DynamoDB's own; their texts say that dynafault refuses."""

    def __init__(self, settings: UpstreamSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._left = self._most = 0.0 if settings.rate is None else max(1.0, settings.rate)
        self._filled = clock.monotonic()

    def admits(self, call: Call) -> bool:
        """Whether a question about the tables of a call may be sent. It does not count against the rate."""
        try:
            self._check(call)
        except ServiceError:
            return False
        return True

    def check(self, call: Call) -> None:
        """Raises ServiceError for a call that must not be sent."""
        self._check(call)
        if self._settings.rate is not None and not self._take(self._settings.rate):
            text = f"dynafault: no more than {self._settings.rate:g} requests a second go on to the upstream (upstream.rate)"
            raise ServiceError("ThrottlingException", text)

    def _check(self, call: Call) -> None:
        settings = self._settings
        if settings.until is not None and self._clock.machine() >= settings.until:
            _refuse(call, f"nothing goes on to the upstream since {moment(settings.until)} (upstream.until)")
        if settings.regions and call.region not in settings.regions:
            _refuse(call, f"nothing goes on to the upstream for region {call.region[:40]!r} (upstream.regions)")
        if settings.read_only and not is_read_only(call.operation, call.params):
            _refuse(call, "only reads go on to the upstream (upstream.read_only)")
        if settings.tables:
            self._check_tables(call)

    def _check_tables(self, call: Call) -> None:
        others = [table for table in call.tables if not any(fnmatchcase(table, glob) for glob in self._settings.tables)]
        if others:
            _refuse(call, f"nothing about table {others[0][:255]!r} goes on to the upstream (upstream.tables)")
        if not call.tables and call.operation not in _WITHOUT_TABLE:
            _refuse(call, f"{call.operation} names no table, and only named ones go on to the upstream (upstream.tables)")

    def _take(self, rate: float) -> bool:
        now = self._clock.monotonic()
        with self._lock:
            self._left = min(self._most, self._left + (now - self._filled) * rate)
            self._filled = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def moment(seconds: float) -> str:
    """A time in seconds since 1970, as people write it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse(call: Call, text: str) -> NoReturn:
    raise ServiceError("AccessDeniedException", f"dynafault: {text}", service=call.service)
