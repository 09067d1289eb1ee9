"""Query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.values import Item
from emulator.backends.dynamodb import legacy, parameters
from emulator.backends.dynamodb.expressions import Condition, KeyClause, Projection, parse_condition, parse_projection, read_key_condition
from emulator.backends.dynamodb.key_ranges import KeyRange, key_range
from emulator.backends.dynamodb.keys import mismatch
from emulator.backends.dynamodb.operations import selecting
from emulator.backends.dynamodb.operations.selecting import ItemSelection
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.reading import ReadSource, read
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.messages import Call, Outcome


def query(state: State, call: Call) -> Outcome:
    params = call.params
    context = state.parser_context(call)
    clauses, selection = _prepare(params, context)
    source = selecting.source(state, call, params["TableName"], params)
    # The start comes before the conditions, and before what is selected (recordings up to October 2026)
    position = None if selection.start is None else _position(source, selection.start, context)
    keys = key_range(source.key, clauses)
    if position is not None:
        _check_start(source, position, keys)
    reading = selecting.reading(source, params, selection)
    _check_filter(source, selection, "QueryFilter" if "QueryFilter" in params else "Filter Expression")
    selecting.check_scalars(source, selection)
    backward = not params.get("ScanIndexForward", True)
    low, high = keys.low, keys.high
    if position is not None:
        # The least key after the start, since no key is the beginning of another
        low, high = (low, position) if backward else (position + b"\0", high)
    return Outcome(read(state, reading, low, high, backward=backward))


def _prepare(params: Mapping[str, Any], context: ParserContext) -> tuple[Sequence[KeyClause], ItemSelection]:
    parameters.check_family(params, parameters.QUERY, context)
    filtered = attributes = None
    if not parameters.QUERY.legacy_names.isdisjoint(params):
        filtered = legacy.filter_condition(params, "QueryFilter", context)
        attributes = legacy.projection(params)
    start = selecting.starting_key(params, context)
    selecting.check_select(params, context)
    if params.get("KeyConditionExpression") is None and not params.get("KeyConditions"):
        raise refusal("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    if parameters.QUERY.expression_names.isdisjoint(params):
        return legacy.key_clauses(params["KeyConditions"], context), ItemSelection(filtered, attributes, start)
    keys, condition, projection = context.resolutions.find(_resolved, params, context)
    return legacy.key_clauses(params["KeyConditions"], context) if keys is None else keys, ItemSelection(condition, projection, start)


def _resolved(params: Mapping[str, Any], context: ParserContext) -> tuple[Sequence[KeyClause] | None, Condition | None, Projection | None]:
    """The key condition, the filter and the projection, of those that there are."""
    text = params.get("KeyConditionExpression")
    resolver = parameters.placeholders(params, context)
    # All expressions are read before the key condition is judged (recordings up to October 2026)
    keys = None if text is None else read_key_condition(text, resolver)
    filter_text, projection_text = params.get("FilterExpression"), params.get("ProjectionExpression")
    condition = None if filter_text is None else parse_condition(filter_text, resolver, "FilterExpression")
    projection = None if projection_text is None else parse_projection(projection_text, resolver)
    resolver.check_all_used()
    return None if keys is None else keys.judged(context.wording).clauses, condition, projection


def _check_filter(source: ReadSource, selection: ItemSelection, what: str) -> None:
    if selection.filter is None:
        return
    for name in source.key.names:
        if name in selection.filter.attribute_names:
            raise refusal(f"{what} can only contain non-primary key attributes: Primary key attribute: {name}")


def _position(source: ReadSource, start: Item, context: ParserContext) -> bytes:
    """Where the page starts. Raises ServiceError (ValidationException) for what is no key of the table and the index."""
    selecting.check_empty_keys(source, start)
    position = selecting.start_position(source, start)
    if position is None:
        # Seen in the new words as early as May 2026 (ExtendDB/extenddb#86)
        raise mismatch() if context.is_classic else refusal("The provided starting key is invalid")
    return position


def _check_start(source: ReadSource, position: bytes, keys: KeyRange) -> None:
    """Raises ServiceError (ValidationException) for a key that this query could not have ended at."""
    if keys.is_one_key and source.index is None:
        raise refusal("The query can return at most one row and cannot be restarted")
    if not position.startswith(keys.partition):
        raise refusal("The provided starting key is outside query boundaries based on provided conditions")
    if not keys.low <= position < keys.high:
        raise refusal("The provided starting key does not match the range key predicate")
