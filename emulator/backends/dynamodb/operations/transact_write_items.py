"""TransactWriteItems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.values import Item, item_size, normalise_item
from emulator.backends.dynamodb import parameters, transactions
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.limits import TRANSACTION_BYTES
from emulator.backends.dynamodb.operations.answers import collection_metrics
from emulator.backends.dynamodb.operations.update_item import check_values_depth, expressions
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.transactions import Action, CheckWrite
from emulator.backends.dynamodb.writes import DeleteWrite, PutWrite, UpdateWrite, Write, check_item_size
from emulator.messages import REPLAYED, Call, Outcome, Written


@dataclass(frozen=True, slots=True)
class _Checked:
    """One action whose own parameters are right. `item` is normal: the item to be put, or the key. `size` counts for the limit
    of the request. `prepare` makes the write of the table."""

    table_name: str
    item: Item
    size: int
    prepare: Callable[[Table], Write]
    shows_item: bool


def transact_write_items(state: State, call: Call) -> Outcome:
    params = call.params

    def run() -> Done:
        checked, tables, changes, written = _run(state, call)
        names = [entry.table_name for entry in checked]
        return Done(Outcome(_answer(params, checked, tables, changes), written), sizes(names, changes))

    return once(state, call, params["TransactItems"], run)


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction came to, and the bytes of its items per table."""

    outcome: Outcome
    sizes: dict[str, list[int]]


def once(state: State, call: Call, request: Any, run: Callable[[], Done]) -> Outcome:
    """Run the transaction, unless it has been run under the call's ClientRequestToken: then only its capacity is reported again. `request`
    is what two calls must have in common to be the same."""
    token = call.params.get("ClientRequestToken")
    if token is None:
        return run().outcome
    key = (call.account, call.region, token)
    with state.lock:
        known = state.tokens.begin(key, request, state.clock.elapsed())
    if known is not None:
        return Outcome(_repeated(call.params, known), REPLAYED)
    try:
        done = run()
    except BaseException:
        with state.lock:
            state.tokens.fail(key)
        raise
    with state.lock:
        state.tokens.succeed(key, done.sizes, state.clock.elapsed())
    return done.outcome


def _run(state: State, call: Call) -> tuple[Sequence[_Checked], Sequence[Table], Sequence[Change], Written]:
    context = state.parser_context(call)
    checked = [_check(entry, context) for entry in call.params["TransactItems"]]
    if sum(entry.size for entry in checked) > TRANSACTION_BYTES:
        raise transactions.too_large()
    tables = [state.table(call, entry.table_name) for entry in checked]
    actions = [Action(partial(entry.prepare, table), entry.shows_item) for entry, table in zip(checked, tables, strict=True)]
    return checked, tables, *transactions.run(state, actions)


def _check(entry: Mapping[str, Any], context: ParserContext) -> _Checked:
    if not entry:
        raise refusal("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
    if len(entry) != 1:
        # Seen by moto#5521
        raise refusal("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, params),) = entry.items()
    # Names and values without an expression are taken, unlike elsewhere (ExtendDB/extenddb#169, 2026-06-05)
    return _CHECKS[kind](params, context)


def _check_put(params: Mapping[str, Any], context: ParserContext) -> _Checked:
    item = normalise_item(params["Item"], context.wording)
    size = check_item_size(item)
    condition = parameters.condition(params, context)

    def prepare(table: Table) -> Write:
        return PutWrite(table, table.key.of_item(item), item, size, condition)

    return _checked(params, item, size, prepare)


def _check_update(params: Mapping[str, Any], context: ParserContext) -> _Checked:
    key = parameters.normal_key(params["Key"], context)
    update, condition = expressions(params, context)

    def prepare(table: Table) -> Write:
        # A reason, other than what else is wrong with expressions (paritysuite/dynamodb-conformance#178, 2026-09-11, two regions)
        check_values_depth(params)
        return UpdateWrite(table, key, update, condition)

    return _checked(params, key, item_size(key), prepare)


def _check_delete(params: Mapping[str, Any], context: ParserContext) -> _Checked:
    key = parameters.normal_key(params["Key"], context)
    condition = parameters.condition(params, context)

    def prepare(table: Table) -> Write:
        return DeleteWrite(table, key, condition)

    return _checked(params, key, item_size(key), prepare)


def _check_condition(params: Mapping[str, Any], context: ParserContext) -> _Checked:
    key = parameters.normal_key(params["Key"], context)
    condition = parameters.condition(params, context)

    def prepare(table: Table) -> Write:
        return CheckWrite(table, key, condition)

    return _checked(params, key, item_size(key), prepare)


_CHECKS = {"Put": _check_put, "Update": _check_update, "Delete": _check_delete, "ConditionCheck": _check_condition}


def _checked(params: Mapping[str, Any], item: Item, size: int, prepare: Callable[[Table], Write]) -> _Checked:
    size += item_size(params.get("ExpressionAttributeValues") or {})
    return _Checked(params["TableName"], item, size, prepare, parameters.shows_failed_item(params))


def _answer(params: Mapping[str, Any], checked: Sequence[_Checked], tables: Sequence[Table], changes: Sequence[Change]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    mode = reporting_mode(params)
    if mode is not None:
        answer["ConsumedCapacity"] = charged([entry.table_name for entry in checked], changes, mode)
    if params.get("ReturnItemCollectionMetrics") == "SIZE":
        metrics: dict[str, list[dict[str, Any]]] = {}
        for entry, table in zip(checked, tables, strict=True):
            if table.has_local_index:
                metrics.setdefault(entry.table_name, []).append(collection_metrics(table, entry.item))
        if metrics:
            answer["ItemCollectionMetrics"] = metrics
    return answer


def charged(names: Sequence[str], changes: Sequence[Change], mode: str) -> list[dict[str, Any]]:
    """ConsumedCapacity of the changes of a transaction, by the names of their tables."""
    usages: dict[str, Usage] = {}
    for name, change in zip(names, changes, strict=True):
        usage = change.usage()
        # Twice the units for the table, and the usual ones for its indexes (dynoxide#188)
        usage.table *= 2
        usages.setdefault(name, Usage()).add(usage)
    return [consumed(name, usage, mode, "Write") for name, usage in usages.items()]


def sizes(names: Sequence[str], changes: Sequence[Change]) -> dict[str, list[int]]:
    """Bytes of the items per table."""
    found: dict[str, list[int]] = {}
    for name, change in zip(names, changes, strict=True):
        found.setdefault(name, []).append(change.size)
    return found


def _repeated(params: Mapping[str, Any], sizes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """The answer to a repetition: it is charged as a transactional read of the same items (dynamodb-conformance#74)."""
    mode = reporting_mode(params)
    if mode is None:
        return {}
    usages = {name: Usage(sum(2 * read_units(size, consistent=True) for size in part)) for name, part in sizes.items()}
    return {"ConsumedCapacity": [consumed(name, usage, mode, "Read") for name, usage in usages.items()]}
