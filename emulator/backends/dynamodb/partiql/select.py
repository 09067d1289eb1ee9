"""SELECT: from the partitions that its WHERE names, one after another, or from the whole table or index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, encode_key_part
from emulator.backends.dynamodb import reading
from emulator.backends.dynamodb.capacity import Usage, consumed, reporting_mode
from emulator.backends.dynamodb.expressions import Condition, Projection
from emulator.backends.dynamodb.expressions.nodes import ConditionNode, Path
from emulator.backends.dynamodb.key_ranges import key_range
from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.limits import PAGE_BYTES, READ_UNIT_BYTES
from emulator.backends.dynamodb.operations import selecting
from emulator.backends.dynamodb.operations.selecting import ItemSelection
from emulator.backends.dynamodb.partiql.keys import Found, Partitions, partitions, single
from emulator.backends.dynamodb.partiql.statements import SelectStatement, Where
from emulator.backends.dynamodb.partiql.tokens import Place
from emulator.backends.dynamodb.reading import ReadPlan, ReadSource
from emulator.backends.dynamodb.records import Record, decode
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

_WHOLE = (b"", None)

Range = tuple[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a page of a SELECT gave; `place` is where the next one begins, None at the end."""

    items: list[Any]
    place: Place | None
    capacity: dict[str, Any] | None


def select(state: State, call: Call, statement: SelectStatement, params: Mapping[str, Any], start: Place | None) -> Rows:
    """One page. `params` may hold ConsistentRead, Limit and ReturnConsumedCapacity. Raises ServiceError."""
    request = {**params, "TableName": statement.table}
    if statement.index is not None:
        request["IndexName"] = statement.index
    source = _source(state, call, statement, request)
    found = partitions(statement.where, source.key)
    descends = _check_order(statement, source.key, found)
    ranges: list[Range] = [_WHOLE]
    rest = None if statement.where is None else statement.where.root
    if found is not None:
        ranges = _ranges(found, statement, source.key)
        rest = found.rest
    if found is not None:
        _check_held(source, found.rest, statement.where)
    selection = ItemSelection(_condition(rest, statement.where), _columns(statement), None)
    plan = selecting.reading(source, {**request, "ReturnConsumedCapacity": "INDEXES"}, selection)
    pages = _Pages(state, plan, ranges, descends)
    return pages.read(start, reporting_mode(params))


def _source(state: State, call: Call, statement: SelectStatement, request: Mapping[str, Any]) -> ReadSource:
    """Raises ServiceError as `selecting.source` does, in the words of statements (paritysuite/dynamodb-conformance#171, 2026-09-02)."""
    if statement.index is not None:
        table = state.table(call, statement.table)
        index = table.indexes.get(statement.index)
        if index is None:
            raise refusal("The table does not have the specified index")
        if index.is_global and request.get("ConsistentRead"):
            raise refusal("Strongly consistent read is not supported on Global Secondary Indexes")
    return selecting.source(state, call, statement.table, request)


def _check_held(source: ReadSource, rest: ConditionNode | None, where: Where | None) -> None:
    """Raises ServiceError (ValidationException) where a read by an index's key filters by what the index does not hold; one that goes
    through the whole index finds nothing (nubo-db/dynoxide, changelog after 0.13.0, eu-west-2, which has not the sentence)."""
    index = source.index
    if index is None or rest is None or where is None or source.holds(where.names):
        return
    missing = ", ".join(sorted(name for name in where.names if not source.holds((name,))))
    raise invalid(f"{'Global' if index.is_global else 'Local'} secondary index {index.name} does not project [{missing}]")


def locate(table: Table, statement: SelectStatement, operation: str) -> Found:
    """The one item that a SELECT names by its whole key. Raises ServiceError (ValidationException) for one that may select
    several, or from an index."""
    found = None if statement.index is not None else single(statement.where, table.key.names)
    if found is None:
        raise refusal(f"Select statements within {operation} must specify the primary key in the where clause.")
    return found


def selected(statement: SelectStatement, found: Found, record: Record | None) -> Item | None:
    """As much of a stored item as is selected, None where the WHERE does not hold for it."""
    if record is None:
        return None
    item = decode(record)
    if found.rest is not None and not found.rest.holds(item):
        return None
    columns = _columns(statement)
    return item if columns is None else columns.apply(item)


def _condition(rest: ConditionNode | None, where: Where | None) -> Condition | None:
    return None if rest is None or where is None else Condition(rest, where.names)


class Columns(Projection):
    """Gives `a.b[0]` as an attribute `b[0]` (Developer Guide, "PartiQL select statements", and floci-io/floci#3798)."""

    __slots__ = ("_columns",)

    def __init__(self, paths: Sequence[Path]) -> None:
        self._columns = [(_label(path), path) for path in paths]
        self.attribute_names = frozenset(str(path.steps[0]) for path in paths)
        self.nested_names = ()

    def apply(self, item: Item) -> Item:
        found = ((label, path.value(item)) for label, path in self._columns)
        return {label: value for label, value in found if value is not None}


def _label(path: Path) -> str:
    last = max(place for place, step in enumerate(path.steps) if isinstance(step, str))
    return str(path.steps[last]) + "".join(f"[{index}]" for index in path.steps[last + 1 :])


def _columns(statement: SelectStatement) -> Columns | None:
    return None if statement.columns is None else Columns(statement.columns)


def _check_order(statement: SelectStatement, schema: KeySchema, found: Partitions | None) -> bool:
    """Whether to read backward. Raises ServiceError (ValidationException) for an order that keys do not give."""
    if not statement.order:
        return False
    if statement.where is None:
        raise refusal("Must have WHERE clause in the statement when using ORDER BY clause.")
    if found is None:
        raise refusal("Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
    for name, _ in statement.order:
        if name not in schema.names:
            raise refusal(f"Variable reference {name} in ORDER BY clause must be part of the primary key")
    hashes = {attribute.name for attribute in schema.hash}
    if len(found.clauses) > 1 and statement.order[0][0] not in hashes:
        raise refusal("ORDER BY on the sort key is not supported over several partitions unless the partition key is ordered by first")
    return next((descends for name, descends in statement.order if name not in hashes), False)


def _ranges(found: Partitions, statement: SelectStatement, schema: KeySchema) -> list[Range]:
    """Where the partitions are, in the order in which they are to be read."""
    keyed = [(clauses[0].operands[0], key_range(schema, clauses)) for clauses in found.clauses]
    hashes = {attribute.name for attribute in schema.hash}
    for name, descends in statement.order:
        if name in hashes and len(keyed) > 1:
            keyed.sort(key=lambda pair: encode_key_part(pair[0]), reverse=descends)
    return [(keys.low, keys.high) for _, keys in keyed]


class _Pages:
    """Reads ranges one after another until the limit or the size of a page is reached."""

    def __init__(self, state: State, plan: ReadPlan, ranges: Sequence[Range], backward: bool) -> None:
        self._state = state
        self._plan = plan
        self._ranges = ranges
        self._backward = backward

    def read(self, start: Place | None, mode: str | None) -> Rows:
        number = 0 if start is None else start.partition
        if not 0 <= number < len(self._ranges):
            raise _outside()
        key = None if start is None else start.key
        items: list[Any] = []
        usage = Usage()
        left = self._plan.limit
        while True:
            answer = reading.read(self._state, self._limited(left), *self._range(number, key), backward=self._backward)
            items += answer["Items"]
            _count(usage, answer["ConsumedCapacity"], self._plan.source)
            key = answer.get("LastEvaluatedKey")
            if left is not None:
                left -= answer["ScannedCount"]
            if key is None:
                number += 1
            if number == len(self._ranges):
                return Rows(items, None, self._report(usage, mode))
            if key is not None or left == 0 or self._bytes(usage) >= PAGE_BYTES:
                return Rows(items, Place(number, key), self._report(usage, mode))

    def _bytes(self, usage: Usage) -> float:
        return usage.total * READ_UNIT_BYTES * (1 if self._plan.consistent else 2)

    def _limited(self, limit: int | None) -> ReadPlan:
        plan = self._plan
        return plan if limit == plan.limit else replace(plan, limit=limit)

    def _range(self, number: int, start: Item | None) -> Range:
        low, high = self._ranges[number]
        if start is None:
            return low, high
        if start.keys() != set(self._plan.source.key_names):
            raise _outside()
        position = selecting.start_position(self._plan.source, start)
        if position is None or position < low or (high is not None and position >= high):
            raise _outside()
        return (low, position) if self._backward else (position + b"\0", high)

    def _report(self, usage: Usage, mode: str | None) -> dict[str, Any] | None:
        return None if mode is None else consumed(self._plan.table_name, usage, mode)


def _count(usage: Usage, report: Mapping[str, Any], source: ReadSource) -> None:
    usage.table += report["Table"]["CapacityUnits"]
    if source.index is not None:
        usage.add_index(source.index.name, report["CapacityUnits"] - report["Table"]["CapacityUnits"], is_global=source.index.is_global)


def _outside() -> ServiceError:
    return refusal("NextToken does not match request")
