"""The grammar of WHERE: conditions to the nodes of expressions, with the same checks."""

from __future__ import annotations

from emulator.backends.dynamodb.expressions import check
from emulator.backends.dynamodb.expressions.nodes import And, ConditionNode, HasType, Literal, Not, NotExists, Operand, Or, Path
from emulator.backends.dynamodb.partiql.cursor import Cursor

_COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FUNCTIONS = frozenset(("attribute_type", "begins_with", "contains"))
_MEASURES = frozenset(("size",))


def condition(cursor: Cursor) -> ConditionNode:
    """Raises ServiceError (ValidationException)."""
    cursor.enter()
    parts = [_conjunction(cursor)]
    while cursor.takes("OR"):
        parts.append(_conjunction(cursor))
    cursor.leave()
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _conjunction(cursor: Cursor) -> ConditionNode:
    parts = [_negation(cursor)]
    while cursor.takes("AND"):
        parts.append(_negation(cursor))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _negation(cursor: Cursor) -> ConditionNode:
    negative = False
    while cursor.takes("NOT"):
        negative = not negative
    node = _predicate(cursor)
    return Not(node) if negative else node


def _predicate(cursor: Cursor) -> ConditionNode:
    if cursor.symbol("("):
        node = condition(cursor)
        cursor.need_symbol(")")
        return node
    function = _call_of(cursor, _FUNCTIONS)
    if function is not None:
        return check.build(cursor, function, _arguments(cursor))  # type: ignore[return-value]  # these are conditions
    return _test(cursor, _operand(cursor))


def _test(cursor: Cursor, operand: Operand) -> ConditionNode:
    token = cursor.token
    if token.kind == "symbol" and token.text in _COMPARATORS:
        cursor.advance()
        right = _operand(cursor)
        return check.build(cursor, _COMPARATORS[token.text], (operand, right))  # type: ignore[return-value]
    if cursor.takes("IS"):
        negative = cursor.takes("NOT")
        node = _kind_test(cursor, operand)
    else:
        negative = cursor.takes("NOT")
        node = _range_test(cursor, operand)
    return Not(node) if negative else node


def _kind_test(cursor: Cursor, operand: Operand) -> ConditionNode:
    if not isinstance(operand, Path):
        raise cursor.unexpected()
    if cursor.takes("MISSING"):
        return NotExists(operand)
    cursor.need("NULL")
    return HasType(operand, "NULL")


def _range_test(cursor: Cursor, operand: Operand) -> ConditionNode:
    if cursor.takes("BETWEEN"):
        low = _operand(cursor)
        cursor.need("AND")
        return check.build(cursor, "BETWEEN", (operand, low, _operand(cursor)))  # type: ignore[return-value]
    cursor.need("IN")
    return check.build(cursor, "IN", (operand, *_members(cursor)))  # type: ignore[return-value]


def _members(cursor: Cursor) -> list[Operand]:
    """`(1, 2)`, `[1, 2]`, or a parameter that is a list."""
    if cursor.symbol("("):
        members = [_operand(cursor)]
        while cursor.symbol(","):
            members.append(_operand(cursor))
        cursor.need_symbol(")")
        return members
    value = cursor.value()
    if "L" not in value or not value["L"]:
        cursor.rewind(1)
        raise cursor.unexpected()
    return [Literal(element) for element in value["L"]]


def _operand(cursor: Cursor) -> Operand:
    function = _call_of(cursor, _MEASURES)
    if function is not None:
        return check.build(cursor, function, _arguments(cursor))  # type: ignore[return-value]  # an operand
    value = cursor.literal()
    return cursor.path() if value is None else Literal(value)


def _call_of(cursor: Cursor, functions: frozenset[str]) -> str | None:
    """The function of these that is called here, whose opening parenthesis is read; None where none of them is."""
    word = cursor.token.text.lower() if cursor.token.kind == "word" else ""
    if word not in functions:
        return None
    cursor.advance()
    if cursor.symbol("("):
        return word
    cursor.rewind(1)
    return None


def _arguments(cursor: Cursor) -> list[Operand]:
    arguments = [_operand(cursor)]
    while cursor.symbol(","):
        arguments.append(_operand(cursor))
    cursor.need_symbol(")")
    return arguments
