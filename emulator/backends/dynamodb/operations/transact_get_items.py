"""TransactGetItems: several items as they are at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item
from emulator.backends.dynamodb import parameters, transactions
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.expressions import Projection
from emulator.backends.dynamodb.keys import EmptyKeyError
from emulator.backends.dynamodb.limits import TRANSACTION_BYTES
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.records import Record, decode, size_of, splice
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.transactions import CONFLICT, NO_REASON, Reason
from emulator.messages import Call


def transact_get_items(state: State, call: Call) -> dict[str, Any]:
    context = state.parser_context(call)
    wanted = [entry["Get"] for entry in call.params["TransactItems"]]
    checked = [_check(params, context) for params in wanted]
    tables = [state.seen(call, params["TableName"], consistent=True) for params in wanted]
    reasons = [NO_REASON] * len(wanted)
    keys = [_encoded(table, key, reasons, place) for place, (table, (key, _)) in enumerate(zip(tables, checked, strict=True))]
    refuse_twice(tables, keys)
    records = read_all(state, tables, keys, reasons)
    transactions.refuse_cancelled(reasons)
    if sum(size_of(record) for record in records if record is not None) > TRANSACTION_BYTES:
        raise transactions.too_large()
    answer: dict[str, Any] = {
        "Responses": [_response(record, projection) for record, (_, projection) in zip(records, checked, strict=True)]
    }
    mode = reporting_mode(call.params)
    if mode is not None:
        answer["ConsumedCapacity"] = _usages(wanted, records, mode)
    return answer


def _check(params: Mapping[str, Any], context: ParserContext) -> tuple[Item, Projection | None]:
    # Names without an expression are taken, unlike elsewhere (ExtendDB/extenddb#169, 2026-06-05)
    return parameters.normal_key(params["Key"], context), parameters.projection(params, context)


def _encoded(table: Table, key: Item, reasons: list[Reason], place: int) -> bytes | None:
    """The encoded key; None for one that does not fit, which becomes a cancellation reason, as an empty one does, unlike in a write
    (dynoxide#102)."""
    try:
        return table.key.of_key(key)
    except EmptyKeyError as error:
        reasons[place] = {"Code": "ValidationError", "Message": error.message}
    except ServiceError as error:
        reasons[place] = transactions.validation_reason(error)
    return None


def refuse_twice(tables: Sequence[Table], keys: Sequence[bytes | None]) -> None:
    """Raises ServiceError (ValidationException) where one item is named twice."""
    given = [(table.id, key) for table, key in zip(tables, keys, strict=True) if key is not None]
    if len(set(given)) < len(given):
        raise transactions.twice()


def read_all(state: State, tables: Sequence[Table], keys: Sequence[bytes | None], reasons: list[Reason]) -> list[Record | None]:
    """The records at one moment. An item that a transaction is writing gets a reason."""
    records: list[Record | None] = []
    with state.lock:
        for place, (table, key) in enumerate(zip(tables, keys, strict=True)):
            if key is not None and key in table.claims:
                reasons[place] = CONFLICT
            records.append(None if key is None else table.get(key))
    return records


def _response(record: Record | None, projection: Projection | None) -> dict[str, Any]:
    if record is None:
        return {}
    return {"Item": splice(record) if projection is None else projection.apply(decode(record))}


def _usages(wanted: Sequence[Mapping[str, Any]], records: Sequence[Record | None], mode: str) -> list[dict[str, Any]]:
    usages: dict[str, Usage] = {}
    for params, record in zip(wanted, records, strict=True):
        units = 2 * read_units(0 if record is None else size_of(record), consistent=True)
        usages.setdefault(params["TableName"], Usage()).add(Usage(units))
    return [consumed(name, usage, mode, "Read") for name, usage in usages.items()]
