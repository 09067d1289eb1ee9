"""Key conditions of a query, turned into the range of encoded keys that satisfies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynafault_dataclass import dataclass
from emulator.aws.values import AttributeValue, encode_key_part, value_size
from emulator.backends.dynamodb.expressions import KeyClause
from emulator.backends.dynamodb.keys import KeyAttribute, KeySchema, after_all, delimit, empty_key, hash_prefix, open_ended, too_long
from emulator.backends.dynamodb.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from emulator.backends.dynamodb.refusals import invalid, refusal

_NOT_SUPPORTED = "Query key condition not supported"
_INDEXABLE = frozenset(("=", "<", "<=", ">", ">=", "between", "begins_with"))
_MAX_CLAUSES = 2


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys with low <= key < high, all of them in the partition whose keys begin with `partition`. `is_one_key`: every attribute of
    the key is given by equality."""

    partition: bytes
    low: bytes
    high: bytes
    is_one_key: bool


def key_range(schema: KeySchema, clauses: Sequence[KeyClause]) -> KeyRange:
    """The range that the clauses describe, at most one per attribute. Raises ServiceError (ValidationException) for clauses
    that do not fit the schema: all hash attributes by equality, range attributes from the left, only the last of them by
    anything but equality."""
    by_name = {clause.attribute: clause for clause in clauses}
    hashes, ranges = (_of_several if schema.has_several else _of_one)(schema, by_name)
    for clause in clauses:
        if clause.operator not in _INDEXABLE:
            # KeyConditions with an operator that filters have and keys have not: after all else (recordings up to October 2026)
            raise refusal("Attempted conditional constraint is not an indexable operation")
    for clause in hashes:
        if clause.operator != "=":
            raise refusal(_NOT_SUPPORTED)
    if len(hashes) + len(ranges) < len(clauses):
        raise refusal(_NOT_SUPPORTED)
    _check_operands(schema.hash, hashes, HASH_KEY_BYTES)
    _check_operands(schema.range, ranges, RANGE_KEY_BYTES)
    partition = hash_prefix([encode_key_part(clause.operands[0]) for clause in hashes])
    return _narrow(partition, ranges, is_whole=len(ranges) == len(schema.range))


def _of_one(schema: KeySchema, by_name: Mapping[str, KeyClause]) -> tuple[list[KeyClause], list[KeyClause]]:
    """The clauses on a hash attribute, and on a range attribute if there is one."""
    if len(by_name) > _MAX_CLAUSES:
        raise refusal("Conditions can be of length 1 or 2 only")
    wanted = schema.attributes[: len(by_name)]
    for attribute in wanted:
        if attribute.name not in by_name:
            raise refusal(f"Query condition missed key schema element: {attribute.name}")
    found = [by_name[attribute.name] for attribute in wanted]
    return found[:1], found[1:]


def _of_several(schema: KeySchema, by_name: Mapping[str, KeyClause]) -> tuple[list[KeyClause], list[KeyClause]]:
    """The clauses on a key of several hash or range attributes. Sentences as in recordings up to October 2026."""
    if len(by_name) > len(schema.attributes):
        raise refusal(
            f"The number of query conditions ({len(by_name)}) exceeds the number of key attributes defined in the schema "
            f"({len(schema.attributes)})"
        )
    unequal = [attribute.name for attribute in schema.hash if not _is_equality(by_name.get(attribute.name))]
    if unequal:
        raise refusal(f"HASH key attributes {', '.join(unequal)} must have equality conditions specified in the query")
    names = [attribute.name for attribute in schema.range]
    last = max((place for place, name in enumerate(names) if name in by_name), default=-1)
    unequal = [name for name in names[: max(last, 0)] if not _is_equality(by_name.get(name))]
    if unequal:
        raise refusal(
            f"RANGE key attributes {', '.join(unequal)} must have equality conditions specified in the query because a condition is "
            f"present on key attribute {names[last]}"
        )
    return [by_name[attribute.name] for attribute in schema.hash], [by_name[name] for name in names[: last + 1]]


def _is_equality(clause: KeyClause | None) -> bool:
    return clause is not None and clause.operator == "="


def _check_operands(attributes: Sequence[KeyAttribute], clauses: Sequence[KeyClause], limit: int) -> None:
    """Values that could be keys; also the length of what is asked for is limited (facebook/ThreatExchange#1324)."""
    for attribute, clause in zip(attributes, clauses, strict=False):
        for operand in clause.operands:
            if attribute.type not in operand:
                raise invalid("Condition parameter type does not match schema type")
            if operand[attribute.type] == "":
                raise empty_key(attribute.name, attribute.type)
            if len(operand[attribute.type]) > limit // 4 and value_size(operand) > limit and attribute.type != "N":
                raise too_long(limit == HASH_KEY_BYTES)


def _narrow(partition: bytes, ranges: Sequence[KeyClause], *, is_whole: bool) -> KeyRange:
    prefix = partition
    for clause in ranges[:-1]:
        prefix += _exactly(clause.operands[0])
    if not ranges:
        return KeyRange(partition, prefix, after_all(prefix), is_whole)
    last = ranges[-1]
    return KeyRange(partition, *_bounds(prefix, last.operator, last.operands), is_whole and last.operator == "=")


def _bounds(prefix: bytes, operator: str, operands: Sequence[AttributeValue]) -> tuple[bytes, bytes]:
    if operator == "begins_with":
        start = prefix + open_ended(encode_key_part(operands[0]))
        return start, after_all(start)
    first = prefix + _exactly(operands[0])
    if operator == "=":
        return first, after_all(first)
    if operator == "<":
        return prefix, first
    if operator == "<=":
        return prefix, after_all(first)
    if operator == ">":
        return after_all(first), after_all(prefix)
    if operator == ">=":
        return first, after_all(prefix)
    return first, after_all(prefix + _exactly(operands[1]))


def _exactly(value: AttributeValue) -> bytes:
    return delimit(encode_key_part(value))
