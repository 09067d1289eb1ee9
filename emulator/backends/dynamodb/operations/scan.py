"""Scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws.values import Item
from emulator.backends.dynamodb import legacy, parameters
from emulator.backends.dynamodb.expressions import Condition, Projection, parse_condition, parse_projection
from emulator.backends.dynamodb.keys import DIGEST_BYTES
from emulator.backends.dynamodb.operations import selecting
from emulator.backends.dynamodb.operations.selecting import ItemSelection
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.reading import ReadSource, read
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.messages import Call


def scan(state: State, call: Call) -> dict[str, Any]:
    params = call.params
    selection = _prepare(params, state.parser_context(call))
    source = selecting.source(state, call, params["TableName"], params)
    reading = selecting.reading(source, params, selection)
    low, high = _segment(params.get("Segment", 0), params.get("TotalSegments", 1))
    if selection.start is not None:
        position = _start(source, selection.start)
        if position < low or (high is not None and position >= high):
            raise refusal(
                "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                f"TotalSegments: {params['TotalSegments']} Segment: {params['Segment']}"
            )
        low = position + b"\0"
    selecting.check_scalars(source, selection)
    return read(state, reading, low, high, backward=False)


def _prepare(params: Mapping[str, Any], context: ParserContext) -> ItemSelection:
    parameters.check_family(params, parameters.SCAN, context)
    attributes = legacy.projection(params)
    filtered = legacy.filter_condition(params, "ScanFilter", context)
    start = selecting.starting_key(params, context)
    _check_segment(params)
    selecting.check_select(params, context)
    if params.get("FilterExpression") is None and params.get("ProjectionExpression") is None:
        return ItemSelection(filtered, attributes, start)
    return ItemSelection(*context.resolutions.find(_resolved, params, context), start)


def _resolved(params: Mapping[str, Any], context: ParserContext) -> tuple[Condition | None, Projection | None]:
    """The filter and the projection, of those that there are."""
    filter_text, projection_text = params.get("FilterExpression"), params.get("ProjectionExpression")
    resolver = parameters.placeholders(params, context)
    condition = None if filter_text is None else parse_condition(filter_text, resolver, "FilterExpression")
    projection = None if projection_text is None else parse_projection(projection_text, resolver)
    resolver.check_all_used()
    return condition, projection


def _check_segment(params: Mapping[str, Any]) -> None:
    segment, total = params.get("Segment"), params.get("TotalSegments")
    if segment is None and total is not None:
        text = "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
        raise refusal(text)
    if segment is not None and total is None:
        text = "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
        raise refusal(text)
    if segment is not None and total is not None and segment >= total:
        text = "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        raise refusal(f"{text}Segment: {segment} is not less than TotalSegments: {total}")


def _segment(segment: int, total: int) -> tuple[bytes, bytes | None]:
    """The keys of a segment: equal shares of the digests that keys begin with, so that a key never changes its segment."""
    return _share(segment, total), None if segment + 1 == total else _share(segment + 1, total)


def _share(number: int, total: int) -> bytes:
    return (-(-(number << (8 * DIGEST_BYTES)) // total)).to_bytes(DIGEST_BYTES, "big")


def _start(source: ReadSource, start: Item) -> bytes:
    position = selecting.start_position(source, start)
    if position is None:
        text = "The provided starting key is invalid"
        if source.index is None:
            text += ": The provided key element does not match the schema"
        raise refusal(text)
    return position
