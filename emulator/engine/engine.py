"""The engine as its callers see it: a call goes in, the members of the answer come out, or a ServiceError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.clock import Clock
from emulator.engine.dispatch import MODULES, find_operation
from emulator.engine.furnishing import furnish, furnish_backup
from emulator.engine.state import State
from emulator.engine.streams.service import StreamsEngine
from emulator.errors import ServiceError
from emulator.messages import Call
from emulator.wording import check_wording


class Engine:
    """A DynamoDB without HTTP and without faults, all of it in memory. Safe to use from several threads.

    `wording` is "2026" or "classic", `table_delay` how many seconds a table stays in CREATING, UPDATING and DELETING (0: no time
    at all). `streams` is the service that reads the tables' streams. Raises EmulatorError for a wording that does not exist."""

    def __init__(self, clock: Clock, *, wording: str = "2026", table_delay: float = 0.0) -> None:
        self._state = State(clock, check_wording(wording), table_delay)
        self.operations = frozenset(MODULES)
        self.streams = StreamsEngine(self._state)

    def execute(self, call: Call) -> dict[str, Any] | None:
        """Carry out a call whose parameters have the types and keep the constraints of the model.

        None is an empty body. An item in the answer may be an `orjson.Fragment`. Raises ServiceError, and then nothing has
        changed; anything else that is raised is a bug."""
        if call.operation not in MODULES:
            raise ServiceError("UnknownOperationException")
        return find_operation(call.operation)(self._state, call)

    def execute_looking_back(self, call: Call, *, consistent: float, eventual: float) -> dict[str, Any] | None:
        """As `execute`, but strongly and eventually consistent reads see items as they were so many seconds ago, as far as that is
        remembered. Writes are done to the items as they are."""
        # The past is no place to read without the lock
        with self._state.lock:
            return find_operation(call.operation)(self._state.looking_back(consistent, eventual), call)

    def execute_slowly(self, call: Call, seconds: float) -> dict[str, Any] | None:
        """As `execute`, but a table that changes its state takes so long."""
        return find_operation(call.operation)(self._state.with_table_delay(seconds), call)

    def remember(self, seconds: float) -> None:
        """Keep what items were for so long, by the emulator's clock; 0: not at all, which is how an engine begins."""
        with self._state.lock:
            self._state.history.keep(seconds)

    def furnish(
        self, region: str, account: str, create: Mapping[str, Any], items: Iterable[Mapping[str, Any]], *, ttl: str | None = None
    ) -> None:
        """Put a fixture in place (see `furnishing`). Raises ServiceError for what the service would refuse."""
        furnish(self._state, region, account, create, items, ttl)

    def furnish_backup(self, region: str, account: str, table: str, name: str) -> None:
        """Put a backup of a table in place, in the stead of those of its name. Raises ServiceError for what the service would
        refuse."""
        furnish_backup(self._state, region, account, table, name)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""
        return self._state.key_names(call, table)

    def reset(self) -> None:
        """Drop all tables, backups and streams, and what is remembered of transactions."""
        self._state.clear()
