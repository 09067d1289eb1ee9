"""BatchGetItem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.values import Item
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.expressions import Projection
from emulator.backends.dynamodb.limits import BATCH_GET_BYTES, BATCH_KEYS
from emulator.backends.dynamodb.operations.answers import duplicate_keys
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.records import Record, decode, size_of, splice
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call


@dataclass(slots=True)
class _Part:
    """What is asked of one table. `params` and `name` as sent, `keys` normal, `encoded` in the same order."""

    name: str
    params: Mapping[str, Any]
    keys: list[Item]
    projection: Projection | None
    table: Table
    encoded: list[bytes]


def batch_get_item(state: State, call: Call) -> dict[str, Any]:
    requested: dict[str, dict[str, Any]] = call.params["RequestItems"]
    if not requested:
        raise refusal("The requestItems parameter is required for BatchGetItem")
    if sum(len(params["Keys"]) for params in requested.values()) > BATCH_KEYS:
        raise refusal("Too many items requested for the BatchGetItem call")
    context = state.parser_context(call)
    if len(requested) > 1:
        _check_together(requested.values(), context)
    checked = {name: _check(params, context) for name, params in requested.items()}
    parts = [_part(state, call, name, requested[name], *checked[name]) for name in requested]
    answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}}
    mode = reporting_mode(call.params)
    room = BATCH_GET_BYTES
    usages = []
    for part in parts:
        records = _records(part, room)
        room -= sum(size_of(record) for record in records if record is not None)
        _answer_part(answer, part, records)
        if mode is not None:
            usages.append(consumed(part.name, _usage(part, records), mode))
    if mode is not None:
        answer["ConsumedCapacity"] = usages
    return answer


def _check_together(parts: Iterable[Mapping[str, Any]], context: ParserContext) -> None:
    """Refuses old and new parameters in one request, even if they are those of different tables (nubo-db/dynoxide 0.11.2, 2026-07-02,
    eu-west-2). Raises ServiceError (ValidationException)."""
    together = dict.fromkeys(name for part in parts for name in part)
    if "ProjectionExpression" in together:
        parameters.check_family(together, parameters.GET, context)


def _check(params: Mapping[str, Any], context: ParserContext) -> tuple[list[Item], Projection | None]:
    parameters.check_family(params, parameters.GET, context)
    projection = parameters.projection(params, context)
    keys: dict[str, Item] = {}
    for key in params["Keys"]:
        normal = parameters.normal_key(key, context)
        # Values in normal form, of whatever type: that a set is no key is found later, by the table
        shown = repr(sorted(normal.items()))
        if shown in keys:
            raise duplicate_keys()
        keys[shown] = normal
    return list(keys.values()), projection


def _part(state: State, call: Call, name: str, params: Mapping[str, Any], keys: list[Item], projection: Projection | None) -> _Part:
    table = state.seen(call, name, consistent=params.get("ConsistentRead", False))
    encoded = [table.key.of_key(key) for key in keys]
    if projection is not None:
        table.check_scalars(projection.nested_names)
    return _Part(name, params, keys, projection, table, encoded)


def _records(part: _Part, room: int) -> list[Record | None]:
    """The records of the keys, None for a missing item; fewer than there are keys where they do not fit."""
    records: list[Record | None] = []
    for key in part.encoded:
        record = part.table.get(key)
        if record is not None:
            room -= size_of(record)
            if room < 0:
                break
        records.append(record)
    return records


def _answer_part(answer: dict[str, Any], part: _Part, records: list[Record | None]) -> None:
    found = [record for record in records if record is not None]
    if part.projection is None:
        answer["Responses"][part.name] = [splice(record) for record in found]
    else:
        answer["Responses"][part.name] = [part.projection.apply(decode(record)) for record in found]
    left = part.keys[len(records) :]
    if left:
        answer["UnprocessedKeys"][part.name] = {**part.params, "Keys": left}


def _usage(part: _Part, records: list[Record | None]) -> Usage:
    consistent = part.params.get("ConsistentRead", False)
    return Usage(sum(read_units(0 if record is None else size_of(record), consistent=consistent) for record in records))
