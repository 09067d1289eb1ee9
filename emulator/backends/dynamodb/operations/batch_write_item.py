"""BatchWriteItem: every entry is checked before the first is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.values import Item, normalise_item
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.capacity import Usage, consumed, reporting_mode
from emulator.backends.dynamodb.keys import mismatch
from emulator.backends.dynamodb.limits import BATCH_WRITES
from emulator.backends.dynamodb.operations.answers import collection_metrics, duplicate_keys
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.writes import DeleteWrite, PutWrite, Write, check_item_size, perform, written
from emulator.messages import Call, Outcome

# An entry checked: the normal item and its size, or the normal key of what is to be deleted
Entry = tuple[Item, int | None]


def batch_write_item(state: State, call: Call) -> Outcome:
    requested: dict[str, list[dict[str, Any]]] = call.params["RequestItems"]
    if not requested:
        raise refusal("The requestItems parameter is required for BatchWriteItem")
    if sum(map(len, requested.values())) > BATCH_WRITES:
        raise refusal("Too many items requested for the BatchWriteItem call")
    context = state.parser_context(call)
    entries = {name: [_check(entry, context) for entry in part] for name, part in requested.items()}
    writes = {name: _writes(state.table(call, name), part) for name, part in entries.items()}
    usages: dict[str, Usage] = {name: Usage() for name in writes}
    unprocessed: dict[str, list[dict[str, Any]]] = {}
    done: list[Write] = []
    mode = reporting_mode(call.params)
    with state.lock:
        for name, part in writes.items():
            for place, write in enumerate(part):
                if write.key in write.table.claims:
                    # Each entry is a request of its own, and this one has to be made again after the transaction
                    unprocessed.setdefault(name, []).append(requested[name][place])
                    continue
                change = perform(write)
                done.append(write)
                if mode is not None:
                    usages[name].add(change.usage())
    answer: dict[str, Any] = {"UnprocessedItems": unprocessed}
    if mode is not None:
        answer["ConsumedCapacity"] = [consumed(name, usage, mode) for name, usage in usages.items()]
    metrics = _collections(call.params, writes, entries)
    if metrics:
        answer["ItemCollectionMetrics"] = metrics
    return Outcome(answer, written(done))


def _check(entry: Mapping[str, Any], context: ParserContext) -> Entry:
    put, delete = entry.get("PutRequest"), entry.get("DeleteRequest")
    if (put is None) == (delete is None):
        # The service's own slip, which speaks of values; weak: two peers say the same of an empty entry
        raise refusal("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
    if put is not None:
        item = normalise_item(put["Item"], context.wording)
        return item, check_item_size(item)
    assert delete is not None
    return parameters.normal_key(delete["Key"], context), None


def _writes(table: Table, entries: Sequence[Entry]) -> list[Write]:
    writes = [_write(table, item, size) for item, size in entries]
    if len({write.key for write in writes}) < len(writes):
        raise duplicate_keys()
    return writes


def _write(table: Table, item: Item, size: int | None) -> Write:
    if size is None:
        return DeleteWrite(table, item)
    if not table.key.fits(item):
        # A missing or mistyped key attribute is not named here as it is by PutItem (dynamodb-conformance#46)
        raise mismatch()
    return PutWrite(table, table.key.of_item(item), item, size)


def _collections(params: Mapping[str, Any], writes: Mapping[str, list[Write]], entries: Mapping[str, list[Entry]]) -> dict[str, Any]:
    if params.get("ReturnItemCollectionMetrics") != "SIZE":
        return {}
    metrics: dict[str, Any] = {}
    for name, part in writes.items():
        table = part[0].table
        if table.has_local_index:
            # One entry for each item collection, however many of its items were written
            collections = {table.key.partition(item): item for item, _ in entries[name]}
            metrics[name] = [collection_metrics(table, item) for item in collections.values()]
    return metrics
