"""Creating a table, new or restored: checks that there is room for it, gives it its identity, and lets it become ACTIVE."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.catalog import table_arn
from emulator.backends.dynamodb.definitions import TableDefinition
from emulator.backends.dynamodb.limits import TABLES, TABLES_IN_TRANSITION
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call


def check_room(state: State, call: Call, now: float) -> None:
    """Raises ServiceError (LimitExceededException) where the account can have no further table now. Hold the lock."""
    tables = list(state.catalog.tables(call, now))
    if len(tables) >= TABLES:
        raise ServiceError("LimitExceededException", f"Subscriber limit exceeded: There is a limit of {TABLES} tables per subscriber")
    if sum(table.in_transition for table in tables) >= TABLES_IN_TRANSITION:
        text = f"Subscriber limit exceeded: Only {TABLES_IN_TRANSITION} tables can be created, updated, or deleted simultaneously"
        raise ServiceError("LimitExceededException", text)


def create(state: State, call: Call, definition: TableDefinition, now: float, prepare: Callable[[Table], None]) -> Table:
    """A table of which there is none of that name yet, CREATING for as long as that takes here, and at least until it is next
    looked up, since the live service's own answer always says so. `prepare` gives it what it has besides its definition. Hold
    the lock."""
    arn = table_arn(call.account, call.region, definition.name)
    # Every table has an id of its own, random to the look as the service's are, and yet the same run gives the same ids
    table_id = str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, f"{arn}#{now!r}#{state.catalog.serial}").bytes, version=4))
    table = Table(definition, arn, table_id, now, state.clock.elapsed)
    view = definition.settings.stream_view
    if view is not None:
        table.stream = state.streams.open(call, state.clock, arn, table.key.schema, view)
    table.history = state.history
    prepare(table)
    state.catalog.add(call, table)
    table.status = "CREATING"
    for index in table.indexes.values():
        index.status = "CREATING"
    ready = now + state.table_delay
    table.after(state.table_delay, lambda table: _activate(table, ready))
    return table


def _activate(table: Table, now: float) -> None:
    table.status = "ACTIVE"
    for index in table.indexes.values():
        index.status = "ACTIVE"
    if table.stream is not None:
        table.stream.enable(now)
