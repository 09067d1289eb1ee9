"""The engine as its callers see it: a call goes in, the members of the answer come out, or a ServiceError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.services.carried_out import OPERATION_MODULES
from emulator.aws.wording import check_wording
from emulator.backends.dynamodb.contents import TableContents, contents_of
from emulator.backends.dynamodb.dispatch import find_operation, outcome_of
from emulator.backends.dynamodb.fixtures import load_backup, load_table
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.streams.service import StreamsEngine
from emulator.clock import Clock
from emulator.messages import AS_USUAL, Call, Capacity, ExecutionContext, Outcome


class Engine:
    """A DynamoDB without HTTP and without faults, all of it in memory. Safe to use from several threads.

    `wording` is one of `emulator.aws.wording.WORDING_NAMES`, `table_delay` how many seconds a table stays in CREATING, UPDATING and
    DELETING (0: no time at all). `streams` is the service that reads the tables' streams. Raises EmulatorError for a wording that does
    not exist."""

    def __init__(self, clock: Clock, *, wording: str = "2026-10", table_delay: float = 0.0) -> None:
        self._state = State(clock, check_wording(wording), table_delay)
        self.operations = frozenset(OPERATION_MODULES)
        self.streams = StreamsEngine(self._state)

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome:
        """Carry out a call whose parameters have the types and keep the constraints of the model.

        An item in the answer may be an `orjson.Fragment`. Reads of the past see items as far back as that is remembered
        (`remember`); writes are done to the items as they are. Raises ServiceError, and then nothing has changed; anything else
        that is raised is a bug."""
        if call.operation not in OPERATION_MODULES:
            raise ServiceError("UnknownOperationException")
        operation = find_operation(call.operation)
        if context is AS_USUAL or context.is_present:
            result = operation(self._state, call)
            return result if type(result) is Outcome else outcome_of(call, result)
        # Reading earlier versions of items needs the lock
        with self._state.lock:
            return outcome_of(call, operation(self._state.under(context), call))

    def successor(self) -> Engine:
        """An engine with the same tables, backups and streams. Tables that are added to it or replaced in it are not seen in this one; an
        item that is written in one of the two is seen in both."""
        return self._with(self._state.successor())

    def new_empty(self) -> Engine:
        """An engine with the same settings, and nothing in it."""
        return self._with(self._state.new_empty())

    def _with(self, state: State) -> Engine:
        engine = copy(self)
        engine._state = state
        engine.streams = StreamsEngine(state)
        return engine

    def remember(self, seconds: float) -> None:
        """Keep earlier versions of items for so many seconds of the emulator's clock; 0 keeps none, as it is at first."""
        with self._state.lock:
            self._state.history.keep(seconds)

    def load_table(
        self, region: str, account: str, create: Mapping[str, Any], items: Iterable[Mapping[str, Any]], *, ttl: str | None = None
    ) -> None:
        """Put a fixture in place (see `fixtures`). Raises ServiceError for what the service would refuse."""
        load_table(self._state, region, account, create, items, ttl)

    def load_backup(self, region: str, account: str, table: str, name: str) -> None:
        """Put a backup of a table in place, instead of those with the same name. Raises ServiceError for what the service would refuse."""
        load_backup(self._state, region, account, table, name)

    def contents(self) -> list[TableContents]:
        """Every table of every region as it is now, by region and name."""
        return contents_of(self._state)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""
        return self._state.key_names(call, table)

    def capacity(self, call: Call, table: str, index: str | None = None) -> Capacity | None:
        """What a table or an index of it may take; None for one that is not there."""
        return self._state.capacity(call, table, index)
