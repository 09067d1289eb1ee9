"""DeleteItem."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.expressions import Condition
from emulator.backends.dynamodb.operations.answers import add_collection, add_usage
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.records import splice
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import DeleteWrite, perform, written_alone
from emulator.messages import Call, Outcome


def delete_item(state: State, call: Call) -> Outcome:
    params = call.params
    try:
        key, condition = _prepare(params, state.parser_context(call))
    except ServiceError as error:
        raise parameters.enveloped(error, call, state.parser_context(call)) from None
    table = state.table(call, params["TableName"])
    write = DeleteWrite(table, key, condition)
    with state.lock:
        change = perform(write, show_on_failure=parameters.shows_failed_item(params))
    answer: dict[str, Any] = {}
    if change.old is not None and params.get("ReturnValues") == "ALL_OLD":
        answer["Attributes"] = splice(change.old)
    add_usage(answer, params, change)
    add_collection(answer, params, table, key)
    return Outcome(answer, written_alone(write))


def _prepare(params: dict[str, Any], context: ParserContext) -> tuple[Item, Condition | None]:
    parameters.check_family(params, parameters.CONDITIONAL, context)
    key = parameters.normal_key(params["Key"], context)
    condition = parameters.condition(params, context)
    # Unlike PutItem, which looks at this before the condition
    parameters.check_old_or_none(params)
    return key, condition
