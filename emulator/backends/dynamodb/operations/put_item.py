"""PutItem."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, normalise_item
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.expressions import Condition
from emulator.backends.dynamodb.operations.answers import add_collection, add_usage
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.records import splice
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import PutWrite, check_item_size, perform, written_alone
from emulator.messages import Call, Outcome


def put_item(state: State, call: Call) -> Outcome:
    params = call.params
    try:
        item, size, condition = _prepare(params, state.parser_context(call))
    except ServiceError as error:
        raise parameters.enveloped(error, call, state.parser_context(call)) from None
    table = state.table(call, params["TableName"])
    write = PutWrite(table, table.key.of_item(item), item, size, condition)
    with state.lock:
        change = perform(write, show_on_failure=parameters.shows_failed_item(params))
    answer: dict[str, Any] = {}
    if change.old is not None and params.get("ReturnValues") == "ALL_OLD":
        answer["Attributes"] = splice(change.old)
    add_usage(answer, params, change)
    add_collection(answer, params, table, item)
    return Outcome(answer, written_alone(write))


def _prepare(params: dict[str, Any], context: ParserContext) -> tuple[Item, int, Condition | None]:
    is_plain = parameters.CONDITIONAL.related.isdisjoint(params)
    if not is_plain:
        parameters.check_family(params, parameters.CONDITIONAL, context)
    item = normalise_item(params["Item"], context.wording)
    parameters.check_old_or_none(params)
    return item, check_item_size(item), None if is_plain else parameters.condition(params, context)
