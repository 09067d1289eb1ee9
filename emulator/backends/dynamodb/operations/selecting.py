"""What Query and Scan have in common before they read: what is selected, from which index, and where a page starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import ContentError, Item, type_of
from emulator.aws.wording import contradicting_select
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.capacity import reporting_mode
from emulator.backends.dynamodb.expressions import Condition, Projection
from emulator.backends.dynamodb.keys import delimit, empty_key, encode_all, hash_prefix
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.reading import ReadPlan, ReadSource
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.backends.dynamodb.state import State
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class ItemSelection:
    """What a request wants of each item, before it is known what the table has. `start` is its ExclusiveStartKey."""

    filter: Condition | None
    projection: Projection | None
    start: Item | None


def check_select(params: Mapping[str, Any], context: ParserContext) -> None:
    """Raises ServiceError (ValidationException) for a Select that contradicts the other parameters."""
    select = params.get("Select")
    given = "AttributesToGet" if "AttributesToGet" in params else "ProjectionExpression" if "ProjectionExpression" in params else None
    if select == "SPECIFIC_ATTRIBUTES" and given is None:
        raise _contradiction("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES", context)
    if select is not None and select != "SPECIFIC_ATTRIBUTES" and given is not None:
        what = "only the Count" if select == "COUNT" else select
        raise _contradiction(f"Cannot specify the {given} when choosing to get {what}", context)
    if select == "ALL_PROJECTED_ATTRIBUTES" and "IndexName" not in params:
        # "Querying" also when it is a Scan (dynoxide#100)
        raise _contradiction("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName", context)


def _contradiction(sentence: str, context: ParserContext) -> ServiceError:
    return refusal(contradicting_select(context.wording, sentence))


def source(state: State, call: Call, table_name: str, params: Mapping[str, Any]) -> ReadSource:
    """The table, or the index that the request names. Raises ServiceError (ResourceNotFoundException, ValidationException)."""
    table = state.seen(call, table_name, consistent=params.get("ConsistentRead", False))
    name = params.get("IndexName")
    if name is None:
        return ReadSource(table)
    index = table.indexes.get(name)
    if index is None:
        raise refusal(f"The table does not have the specified index: {name}")
    if index.status in ("CREATING", "DELETING"):
        raise refusal(f"Cannot read from backfilling global secondary index: {name}")
    if index.is_global and params.get("ConsistentRead"):
        raise refusal("Consistent reads are not supported on global secondary indexes")
    return ReadSource(table, index)


def reading(source: ReadSource, params: Mapping[str, Any], selection: ItemSelection) -> ReadPlan:
    """Raises ServiceError (ValidationException) where a global index does not hold what is wanted of it."""
    select = params.get("Select")
    wants_all = select == "ALL_ATTRIBUTES"
    wanted = frozenset() if selection.projection is None else selection.projection.attribute_names
    index = source.index
    if index is not None and index.is_global:
        if wants_all and index.projected is not None:
            what = f"global secondary index {index.name} because its projection type is not ALL"
            raise invalid(f"Select type ALL_ATTRIBUTES is not supported for {what}")
        if not source.holds(wanted):
            missing = ", ".join(sorted(name for name in wanted if not source.holds((name,))))
            raise invalid(f"Global secondary index {index.name} does not project [{missing}]")
        fetches = False
    else:
        filtered = frozenset() if selection.filter is None else selection.filter.attribute_names
        fetches = index is not None and ((wants_all and index.projected is not None) or not source.holds(wanted | filtered))
    return ReadPlan(
        source=source,
        table_name=params["TableName"],
        filter=selection.filter,
        projection=selection.projection,
        counts_only=select == "COUNT",
        fetches=fetches,
        consistent=params.get("ConsistentRead", False),
        limit=params.get("Limit"),
        mode=reporting_mode(params),
    )


def check_scalars(source: ReadSource, selection: ItemSelection) -> None:
    """Raises ServiceError (ValidationException) where the projection or the filter looks into a key attribute."""
    for part in (selection.projection, selection.filter):
        if part is not None and part.nested_names:
            source.table.check_scalars(part.nested_names)


def starting_key(params: Mapping[str, Any], context: ParserContext) -> Item | None:
    """The ExclusiveStartKey with its values checked and normal. Raises ServiceError (ValidationException)."""
    key = params.get("ExclusiveStartKey")
    if key is None:
        return None
    try:
        return parameters.normal_key(key, context)
    except ContentError:
        raise
    except ServiceError as error:
        raise refusal(f"The provided starting key is invalid: {error.message}") from None


def check_empty_keys(source: ReadSource, start: Item) -> None:
    """Raises ServiceError (ValidationException) for an empty key attribute in an ExclusiveStartKey, if it is otherwise one."""
    if start.keys() == set(source.key_names):
        for attribute in (*source.key.attributes, *source.table.key.schema.attributes):
            if start[attribute.name].get(attribute.type) == "":
                raise empty_key(attribute.name, attribute.type)


def start_position(source: ReadSource, start: Item) -> bytes | None:
    """The encoded key of an ExclusiveStartKey; None where it is not a key of the table and of the index, and nothing else."""
    if start.keys() != set(source.key_names):
        return None
    table_key = source.table.key
    for attribute in (*source.key.attributes, *table_key.schema.attributes):
        value = start[attribute.name]
        if type_of(value) != attribute.type or value[attribute.type] == "":
            return None
    primary = table_key.of_stored(start)
    if source.index is None:
        return primary
    hashes, ranges = encode_all(source.key.hash, start), encode_all(source.key.range, start)
    assert hashes is not None
    assert ranges is not None
    return b"".join((hash_prefix(hashes), *map(delimit, ranges), primary))
