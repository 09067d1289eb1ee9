"""Key conditions of a query, turned into the range of encoded keys that satisfies them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulator.aws.values import AttributeValue, encode_key_part, value_size
from emulator.backends.dynamodb.expressions import KeyClause
from emulator.backends.dynamodb.keys import KeyAttribute, KeySchema, after_all, delimit, empty_key, hash_prefix, open_ended, too_long
from emulator.backends.dynamodb.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from emulator.backends.dynamodb.refusals import invalid, refusal

_NOT_SUPPORTED = "Query key condition not supported"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys with low <= key < high, all of them in the partition whose keys begin with `partition`."""

    partition: bytes
    low: bytes
    high: bytes


def key_range(schema: KeySchema, clauses: Sequence[KeyClause]) -> KeyRange:
    """The range that the clauses describe, at most one per attribute. Raises ServiceError (ValidationException) for clauses
    that do not fit the schema: all hash attributes by equality, range attributes from the left, only the last of them by
    anything but equality."""
    if len(clauses) > 2 >= len(schema.attributes):
        raise refusal("Conditions can be of length 1 or 2 only")
    by_name = {clause.attribute: clause for clause in clauses}
    hashes = [_taken(by_name, attribute) for attribute in schema.hash]
    if any(clause.operator != "=" for clause in hashes):
        raise refusal(_NOT_SUPPORTED)
    ranges: list[KeyClause] = []
    for attribute in schema.range:
        if not by_name:
            break
        if ranges and ranges[-1].operator != "=":
            raise refusal(_NOT_SUPPORTED)
        ranges.append(_taken(by_name, attribute))
    if by_name:
        raise refusal(_NOT_SUPPORTED)
    _check_operands(schema.hash, hashes, HASH_KEY_BYTES)
    _check_operands(schema.range, ranges, RANGE_KEY_BYTES)
    partition = hash_prefix([encode_key_part(clause.operands[0]) for clause in hashes])
    return _narrow(partition, ranges)


def _taken(by_name: dict[str, KeyClause], attribute: KeyAttribute) -> KeyClause:
    clause = by_name.pop(attribute.name, None)
    if clause is None:
        raise refusal(f"Query condition missed key schema element: {attribute.name}")
    return clause


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


def _narrow(partition: bytes, ranges: Sequence[KeyClause]) -> KeyRange:
    prefix = partition
    for clause in ranges[:-1]:
        prefix += _exactly(clause.operands[0])
    if not ranges:
        return KeyRange(partition, prefix, after_all(prefix))
    return KeyRange(partition, *_bounds(prefix, ranges[-1].operator, ranges[-1].operands))


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
