"""What must hold between the parameters of a data request, whatever the table: checked before the table is looked up.

In the service's order: expressions not mixed with the parameters that they replaced, no names or values without an
expression, then the operation's own rules, then the expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws import wording as sentences
from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, check_value, is_plain_number
from emulator.backends.dynamodb import legacy
from emulator.backends.dynamodb.expressions import Condition, Placeholders, Projection, parse_condition, parse_projection
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.refusals import refusal
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class Family:
    """The parameters of one operation: those that expressions replaced, the expressions, and those expressions that take values, in the
    order in which the service names them when they are missing."""

    legacy: tuple[str, ...]
    expressions: tuple[str, ...]
    with_values: tuple[str, ...] = ()
    # What no request has that is about nothing here; these and the next are asked about every request
    related: frozenset[str] = field(init=False)
    legacy_names: frozenset[str] = field(init=False)
    expression_names: frozenset[str] = field(init=False)
    value_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {*self.legacy, *self.expressions, "ExpressionAttributeNames", "ExpressionAttributeValues"}
        object.__setattr__(self, "related", frozenset(names))
        object.__setattr__(self, "legacy_names", frozenset(self.legacy))
        object.__setattr__(self, "expression_names", frozenset(self.expressions))
        object.__setattr__(self, "value_names", frozenset(self.with_values))


CONDITIONAL = Family(("Expected", "ConditionalOperator"), ("ConditionExpression",), ("ConditionExpression",))
UPDATE = Family(
    ("AttributeUpdates", "Expected", "ConditionalOperator"),
    ("UpdateExpression", "ConditionExpression"),
    ("UpdateExpression", "ConditionExpression"),
)
GET = Family(("AttributesToGet",), ("ProjectionExpression",))
QUERY = Family(
    ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"),
    ("ProjectionExpression", "FilterExpression", "KeyConditionExpression"),
    ("FilterExpression", "KeyConditionExpression"),
)
SCAN = Family(
    ("AttributesToGet", "ScanFilter", "ConditionalOperator"),
    ("ProjectionExpression", "FilterExpression"),
    ("FilterExpression",),
)


class ItemTooLargeError(ServiceError):
    """Found before the table is looked up, yet answered without the envelope of other errors that are found there."""


def enveloped(error: ServiceError, call: Call, context: ParserContext) -> ServiceError:
    """The error as the operation answers it when it was found before the table was looked up."""
    if isinstance(error, ItemTooLargeError) or error.message is None:
        return error
    return refusal(sentences.envelope(call.operation, context.wording, error.message))


def check_family(params: Mapping[str, Any], family: Family, context: ParserContext) -> None:
    """Raises ServiceError (ValidationException) for mixed parameters, and for names or values without an expression."""
    if family.related.isdisjoint(params):
        return
    if not family.expression_names.isdisjoint(params):
        if not family.legacy_names.isdisjoint(params):
            _check_unmixed(params, family)
    elif "ExpressionAttributeNames" in params:
        raise refusal("ExpressionAttributeNames can only be specified when using expressions")
    if "ExpressionAttributeValues" in params and family.value_names.isdisjoint(params):
        nulls = f"{' and '.join(family.with_values)} {'is' if len(family.with_values) == 1 else 'are'} null"
        raise refusal(sentences.values_without_expression(context.wording, nulls))


def _check_unmixed(params: Mapping[str, Any], family: Family) -> None:
    legacy = [name for name in family.legacy if name in params]
    # Old key conditions go along with new filters and projections, as guregu/dynamo sends them
    if "KeyConditions" in legacy and "KeyConditionExpression" not in params:
        legacy.remove("KeyConditions")
    if legacy:
        expressions = [name for name in family.expressions if name in params]
        raise refusal(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(legacy)}}} Expression parameters: {{{', '.join(expressions)}}}"
        )


def placeholders(params: Mapping[str, Any], context: ParserContext) -> Placeholders:
    names, values = params.get("ExpressionAttributeNames"), params.get("ExpressionAttributeValues")
    return Placeholders(names, values, context.wording, context.cache)


def condition(params: Mapping[str, Any], context: ParserContext) -> Condition | None:
    """The condition of a request that has no other expression. Raises ServiceError (ValidationException)."""
    if params.get("ConditionExpression") is None:
        return legacy.expected(params, context) if _has_expectations(params) else None
    return context.resolutions.find(_condition, params, context)


def _condition(params: Mapping[str, Any], context: ParserContext) -> Condition:
    resolver = placeholders(params, context)
    parsed = parse_condition(params["ConditionExpression"], resolver)
    resolver.check_all_used()
    return parsed


def projection(params: Mapping[str, Any], context: ParserContext) -> Projection | None:
    """The same for a request that has no other expression than a projection."""
    if params.get("ProjectionExpression") is None:
        return legacy.projection(params)
    return context.resolutions.find(_projection, params, context)


def _projection(params: Mapping[str, Any], context: ParserContext) -> Projection:
    resolver = placeholders(params, context)
    parsed = parse_projection(params["ProjectionExpression"], resolver)
    resolver.check_all_used()
    return parsed


def _has_expectations(params: Mapping[str, Any]) -> bool:
    return "Expected" in params or "ConditionalOperator" in params


def check_old_or_none(params: Mapping[str, Any]) -> None:
    """Raises ServiceError (ValidationException) for what PutItem and DeleteItem cannot return."""
    if params.get("ReturnValues", "NONE") not in ("NONE", "ALL_OLD"):
        raise refusal("ReturnValues can only be ALL_OLD or NONE")


def shows_failed_item(params: Mapping[str, Any]) -> bool:
    return params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def normal_key(key: Item, context: ParserContext) -> Item:
    """The key with its values checked and normal, the same object if it is so already. Raises ServiceError (ValidationException)."""
    normal = key
    for name, value in key.items():
        # Most keys are strings, which need no look at their contents, or numbers in normal form
        if len(value) == 1 and ("S" in value or ("N" in value and is_plain_number(value["N"]))):
            continue
        checked = check_value(value, context.wording)
        if checked is not value:
            normal = dict(key) if normal is key else normal
            normal[name] = checked
    return normal
