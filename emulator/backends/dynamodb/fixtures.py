"""Tables and backups that are there from the start, as fixtures of a test: creating them takes no time, and no rule is asked about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.dispatch import find_operation
from emulator.backends.dynamodb.state import State
from emulator.messages import Call, ExecutionContext, HttpRequest

_NO_REQUEST = HttpRequest("POST", "/", {}, b"")
_AT_ONCE = ExecutionContext(table_delay=0.0)


def load_table(
    state: State, region: str, account: str, create: Mapping[str, Any], items: Iterable[Mapping[str, Any]], ttl: str | None
) -> None:
    """Put a table in place, instead of one with the same name. `create` are the parameters of CreateTable, `items` in wire form, `ttl` the
    attribute of UpdateTimeToLive. Raises ServiceError for what the service would refuse; then there is no such table."""
    name = create["TableName"]
    at_once = state.under(_AT_ONCE)

    def ask(operation: str, **params: Any) -> None:
        find_operation(operation)(at_once, _call(operation, params, name, region, account))

    with state.lock:
        _remove(state, account, region, name)
        try:
            ask("CreateTable", **create)
            with _timeless(state, account, region, name):
                for item in items:
                    ask("PutItem", TableName=name, Item=dict(item))
            if ttl is not None:
                ask("UpdateTimeToLive", TableName=name, TimeToLiveSpecification={"AttributeName": ttl, "Enabled": True})
        except ServiceError:
            _remove(state, account, region, name)
            raise


@contextmanager
def _timeless(state: State, account: str, region: str, name: str) -> Iterator[None]:
    """While this lasts, nothing is noted in the table's history: for reads of the past, too, its items have always been there."""
    table = state.catalog.get(account, region, name)
    table.history = None
    yield
    table.history = state.history


def _remove(state: State, account: str, region: str, name: str) -> None:
    table = state.catalog.remove(account, region, name)
    if table is not None and table.stream is not None:
        state.streams.remove(account, region, table.stream.arn)


def load_backup(state: State, region: str, account: str, table: str, name: str) -> None:
    """Put a backup of a table in place, in place of those of that name. Raises ServiceError for what the service would
    refuse."""
    call = _call("CreateBackup", {"TableName": table, "BackupName": name}, table, region, account)
    with state.lock:
        state.backups.discard(call, table, name)
        find_operation(call.operation)(state.under(_AT_ONCE), call)


def _call(operation: str, params: dict[str, Any], table: str, region: str, account: str) -> Call:
    return Call("dynamodb", operation, params, (table,), region, account, "", "", _NO_REQUEST)
