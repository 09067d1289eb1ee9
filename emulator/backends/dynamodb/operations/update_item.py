"""UpdateItem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, check_depth
from emulator.backends.dynamodb import legacy, parameters
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.expressions import Condition, Update, parse_condition, parse_update
from emulator.backends.dynamodb.operations.answers import add_collection, add_usage
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.records import splice
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import UpdateWrite, perform, written_alone
from emulator.messages import Call, Outcome


def update_item(state: State, call: Call) -> Outcome:
    params = call.params
    try:
        key, update, condition = _prepare(params, state.parser_context(call))
    except ServiceError as error:
        raise parameters.enveloped(error, call, state.parser_context(call)) from None
    write = UpdateWrite(state.table(call, params["TableName"]), key, update, condition)
    with state.lock:
        change = perform(write, show_on_failure=parameters.shows_failed_item(params))
    answer: dict[str, Any] = {}
    attributes = _attributes(params.get("ReturnValues", "NONE"), change, update)
    if attributes:
        answer["Attributes"] = attributes
    add_usage(answer, params, change)
    add_collection(answer, params, write.table, key)
    return Outcome(answer, written_alone(write))


def _prepare(params: dict[str, Any], context: ParserContext) -> tuple[Item, Update | None, Condition | None]:
    parameters.check_family(params, parameters.UPDATE, context)
    key = parameters.normal_key(params["Key"], context)
    update, condition = expressions(params, context)
    check_values_depth(params)
    return key, update, condition


def check_values_depth(params: Mapping[str, Any]) -> None:
    """Raises ServiceError (ValidationException) for a value that is nested too deep, whichever expression uses it, unlike in other
    operations, where one that is only compared may be deeper (ExtendDB/extenddb#190 and #191, 2026-06-30, us-east-1)."""
    for value in (params.get("ExpressionAttributeValues") or {}).values():
        if "L" in value or "M" in value:
            check_depth(value)


def expressions(params: Mapping[str, Any], context: ParserContext) -> tuple[Update | None, Condition | None]:
    """The update and the condition of a request, whose placeholders are shared. Raises ServiceError (ValidationException)."""
    if params.get("UpdateExpression") is None and params.get("ConditionExpression") is None:
        updates = params.get("AttributeUpdates")
        update = legacy.attribute_updates(updates, context) if updates else None
        return update, parameters.condition(params, context)
    return context.resolutions.find(_resolved, params, context)


def _resolved(params: Mapping[str, Any], context: ParserContext) -> tuple[Update | None, Condition | None]:
    update_text, condition_text = params.get("UpdateExpression"), params.get("ConditionExpression")
    placeholders = parameters.placeholders(params, context)
    parsed = None if update_text is None else parse_update(update_text, placeholders)
    condition = None if condition_text is None else parse_condition(condition_text, placeholders)
    placeholders.check_all_used()
    return parsed, condition


def _attributes(wanted: str, change: Change, update: Update | None) -> Any:
    """What ReturnValues asks for; empty where there is nothing to show, and then the answer leaves the member out."""
    if wanted == "NONE":
        return None
    if wanted == "ALL_OLD":
        return None if change.old is None else splice(change.old)
    if wanted == "ALL_NEW":
        return None if change.new is None else splice(change.new)
    if update is None or change.new_item is None:
        return None
    old, new = update.touched(change.old_item or {}, change.new_item)
    return old if wanted == "UPDATED_OLD" else new
