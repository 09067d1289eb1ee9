"""Tables that take time to change, as a scenario wants it: the upstream's answers are changed to say so, and requests that the service
would refuse meanwhile are not sent."""

from __future__ import annotations

import threading
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.upstream.tables import OF_ITEMS
from emulator.clock import Clock
from emulator.messages import Call

_STATES = {"CreateTable": "CREATING", "UpdateTable": "UPDATING", "DeleteTable": "DELETING"}
_DOING = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}
MAX_TABLES = 1_000


@dataclass(frozen=True, slots=True)
class _Pending:
    """`until` is `Clock.elapsed()`; `description` is what the answer said that began it."""

    status: str
    until: float
    description: dict[str, Any]


class TableStates:
    """Thread-safe; remembers a bounded number of tables."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: dict[tuple[str, str], _Pending] = {}

    def check(self, call: Call) -> None:
        """Raises ServiceError for a call that the service refuses while its table changes."""
        if not self._pending:
            return
        for table in call.tables:
            pending = self._find(call, table)
            if pending is None:
                continue
            if call.operation in OF_ITEMS and pending.status != "UPDATING":
                raise ServiceError("ResourceNotFoundException", "Requested resource not found")
            if call.operation == "CreateTable":
                raise ServiceError("ResourceInUseException", f"Table already exists: {table}")
            if call.operation in _STATES:
                text = f"Attempt to change a resource which is still in use: Table is being {_DOING[pending.status]}: {table}"
                raise ServiceError("ResourceInUseException", text)

    def concerns(self, call: Call, delay: float | None) -> bool:
        """Whether the answer to a call may have to be changed. `delay`: how long the table takes, in seconds, None: as long as it really
        does."""
        return (delay is not None and call.operation in _STATES) or (
            call.operation == "DescribeTable" and self._find(call, *call.tables[:1]) is not None
        )

    def shown(self, call: Call, output: dict[str, Any] | None, delay: float | None) -> dict[str, Any] | None:
        """The answer to give in place of an upstream's; None for an error means that the table is not there."""
        if call.operation == "DescribeTable":
            pending = self._find(call, *call.tables[:1])
            if pending is None or (output is None and pending.status != "DELETING"):
                return output
            described = pending.description if output is None else output.get("Table") or pending.description
            return {"Table": {**described, "TableStatus": pending.status}}
        if delay is None or output is None or not call.tables:
            return output
        description = {**(output.get("TableDescription") or {}), "TableStatus": _STATES[call.operation]}
        with self._lock:
            if len(self._pending) >= MAX_TABLES:
                self._pending.clear()
            self._pending[call.region, call.tables[0]] = _Pending(_STATES[call.operation], self._clock.elapsed() + delay, description)
        return {"TableDescription": description}

    def _find(self, call: Call, table: str = "") -> _Pending | None:
        if not self._pending:
            return None
        name = (call.region, table)
        with self._lock:
            pending = self._pending.get(name)
            if pending is not None and self._clock.elapsed() >= pending.until:
                del self._pending[name]
                return None
            return pending
