"""The parameters that expressions replaced: Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter, AttributesToGet.

They are compiled to the nodes that expressions are made of; only their checks and their sentences are their own. Names are whole top-level
names, dots included. Rules: Developer Guide, "Legacy DynamoDB conditional parameters"; those of Expected as measured on the live service
(floci#2125, floci#2126).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import SET_TYPES, AttributeValue, Item, check_name, check_value, compare, type_of
from emulator.backends.dynamodb.expressions import Condition, KeyClause, Projection, Update
from emulator.backends.dynamodb.expressions.assignment import WRONG_TYPE
from emulator.backends.dynamodb.expressions.nodes import (
    And,
    BeginsWith,
    Between,
    Comparison,
    ConditionNode,
    Contains,
    Exists,
    In,
    Literal,
    Not,
    NotExists,
    Or,
    Path,
)
from emulator.backends.dynamodb.expressions.update import Action, Add, Delete, Remove, Set
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.refusals import invalid, refusal

_COMPARISONS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
# What a key condition may be, as the clause of an expression
_KEY_OPERATORS = {"EQ": "=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "BETWEEN": "between", "BEGINS_WITH": "begins_with"}
_SCALARS = frozenset("SNB")
# Types of arguments; an operator that is not here takes any
_ARGUMENT_TYPES = {
    **dict.fromkeys(("LT", "LE", "GT", "GE", "BETWEEN", "IN", "CONTAINS", "NOT_CONTAINS"), _SCALARS),
    "BEGINS_WITH": frozenset("SB"),
}
_ARGUMENT_COUNTS = {"BETWEEN": 2, "NULL": 0, "NOT_NULL": 0}  # one for the others, and any number but none for IN


# Lists, which ADD in an expression refuses, are appended to (getmoto/moto#3585 and architect/dynalite#57, both against the service)
_ADDED_TYPES = SET_TYPES | {"N", "L"}


def expected(params: Mapping[str, Any], context: ParserContext) -> Condition | None:
    """The condition of Expected and ConditionalOperator. Raises ServiceError (ValidationException)."""
    conditions = params.get("Expected") or {}
    for name in conditions:
        check_name(name)
    check_conditional_operator(params, conditions)
    return _joined({name: _expectation(name, details, context) for name, details in conditions.items()}, params)


def filter_condition(params: Mapping[str, Any], parameter: str, context: ParserContext) -> Condition | None:
    """The condition of QueryFilter or ScanFilter and ConditionalOperator. Raises ServiceError (ValidationException)."""
    conditions = params.get(parameter) or {}
    check_conditional_operator(params, conditions)
    nodes = {}
    for name, details in conditions.items():
        check_name(name)
        operator = details["ComparisonOperator"]
        nodes[name] = _node(name, operator, _arguments(operator, details.get("AttributeValueList", ()), context))
    return _joined(nodes, params)


def key_clauses(conditions: Mapping[str, Any], context: ParserContext) -> Sequence[KeyClause]:
    """The clauses of KeyConditions; one of an operator that no index has keeps its name (see `key_ranges`). Raises ServiceError
    (ValidationException)."""
    clauses = []
    for name, details in conditions.items():
        check_name(name)
        operator = details["ComparisonOperator"]
        arguments = _arguments(operator, details.get("AttributeValueList", ()), context)
        clauses.append(KeyClause(name, _KEY_OPERATORS.get(operator, operator), tuple(arguments)))
    return clauses


def projection(params: Mapping[str, Any]) -> Projection | None:
    """The projection of AttributesToGet. Raises ServiceError (ValidationException)."""
    names = params.get("AttributesToGet")
    if names is None:
        return None
    seen: set[str] = set()
    for name in names:
        check_name(name)
        if name in seen:
            raise invalid(f"Duplicate value in attribute name: {name}")
        seen.add(name)
    return Projection([Path((name,)) for name in names])


class AttributeUpdate(Update):
    """An update made of AttributeUpdates."""

    __slots__ = ()

    def apply(self, item: Item) -> Item:
        try:
            return super().apply(item)
        except ServiceError as error:
            if error.message == WRONG_TYPE:
                raise refusal("Type mismatch for attribute to update") from None
            raise


def attribute_updates(updates: Mapping[str, Any], context: ParserContext) -> AttributeUpdate:
    """Raises ServiceError (ValidationException)."""
    for name in updates:
        check_name(name)
    return AttributeUpdate([_action(name, details, context) for name, details in updates.items()])


def check_conditional_operator(params: Mapping[str, Any], conditions: Mapping[str, Any]) -> None:
    """Raises ServiceError (ValidationException) for a ConditionalOperator that has nothing to join."""
    if "ConditionalOperator" not in params:
        return
    if not conditions:
        raise refusal("ConditionalOperator cannot be used without Filter or Expected")
    if len(conditions) == 1:
        raise refusal("ConditionalOperator can only be used when Filter or Expected has two or more elements")


def _joined(nodes: Mapping[str, ConditionNode], params: Mapping[str, Any]) -> Condition | None:
    if not nodes:
        return None
    parts = tuple(nodes.values())
    together = Or if params.get("ConditionalOperator") == "OR" else And
    return Condition(together(parts) if len(parts) > 1 else parts[0], frozenset(nodes))


def _expectation(name: str, details: Mapping[str, Any], context: ParserContext) -> ConditionNode:
    operator, exists, value = details.get("ComparisonOperator"), details.get("Exists"), details.get("Value")
    listed = details.get("AttributeValueList")
    if listed is not None and value is not None:
        raise invalid(f"Value and AttributeValueList cannot be used together for Attribute: {name}")
    if operator is not None:
        if exists is not None:
            raise invalid(f"Exists and ComparisonOperator cannot be used together for Attribute: {name}")
        # Value with an operator is taken as its only argument, whatever the documentation says (floci#2126)
        arguments = listed if value is None else [value]
        if arguments is None and _ARGUMENT_COUNTS.get(operator, 1):
            raise invalid(f"Value or AttributeValueList must be used with ComparisonOperator: {operator} for Attribute: {name}")
        return _node(name, operator, _arguments(operator, arguments or (), context))
    if listed is not None:
        raise invalid(f"AttributeValueList can only be used with a ComparisonOperator for Attribute: {name}")
    if exists is False:
        if value is not None:
            raise invalid(f"Value cannot be used when Exists is false for Attribute: {name}")
        return NotExists(Path((name,)))
    if value is None:
        raise invalid(f"Value must be provided when Exists is {'null' if exists is None else 'true'} for Attribute: {name}")
    return Comparison("=", Path((name,)), Literal(check_value(value, context.wording)))


def _arguments(operator: str, values: Sequence[AttributeValue], context: ParserContext) -> list[AttributeValue]:
    arguments = [check_value(value, context.wording) for value in values]
    count = _ARGUMENT_COUNTS.get(operator, 1)
    if len(arguments) != count and not (operator == "IN" and arguments):
        raise invalid(f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    types = [type_of(value) for value in arguments]
    if len(set(types)) > 1:
        raise invalid("AttributeValues inside AttributeValueList must be of same type")
    allowed = _ARGUMENT_TYPES.get(operator)
    if allowed is not None:
        for kind in types:
            if kind not in allowed:
                raise invalid(f"ComparisonOperator {operator} is not valid for {kind} AttributeValue type")
    if operator == "BETWEEN" and (compare(arguments[0], arguments[1]) or 0) > 0:
        raise refusal("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
    return arguments


def _node(name: str, operator: str, arguments: Sequence[AttributeValue]) -> ConditionNode:
    path, literals = Path((name,)), [Literal(value) for value in arguments]
    if operator in _COMPARISONS:
        return Comparison(_COMPARISONS[operator], path, literals[0])
    if operator == "BETWEEN":
        return Between(path, literals[0], literals[1])
    if operator == "IN":
        return In(path, tuple(literals))
    if operator == "BEGINS_WITH":
        return BeginsWith(path, literals[0])
    if operator == "CONTAINS":
        return Contains(path, literals[0])
    if operator == "NOT_CONTAINS":
        return Not(Contains(path, literals[0]))
    return NotExists(path) if operator == "NULL" else Exists(path)


def _action(name: str, details: Mapping[str, Any], context: ParserContext) -> Action:
    action, path = details.get("Action", "PUT"), Path((name,))
    if "Value" not in details:
        if action != "DELETE":
            raise invalid("Only DELETE action is allowed when no attribute value is specified")
        return Remove(path)
    value = check_value(details["Value"], context.wording)
    kind = type_of(value)
    if action == "PUT":
        return Set(path, Literal(value))
    if action == "ADD":
        if kind not in _ADDED_TYPES:
            raise invalid(f"ADD action is not supported for the type {kind}")
        return Add(path, value)
    if kind not in SET_TYPES:
        raise invalid(f"DELETE action with value is not supported for the type {kind}")
    return Delete(path, value)
