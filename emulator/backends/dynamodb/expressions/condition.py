"""ConditionExpression and FilterExpression."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.aws.values import Item
from emulator.backends.dynamodb.expressions import check, parser
from emulator.backends.dynamodb.expressions.nodes import ConditionNode
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.scope import ExpressionScope

_NO_ITEM: Item = {}


class Condition:
    """A condition ready to be asked of items. `attribute_names` are the top-level attributes that it mentions, `nested_names` those
    that it looks into."""

    __slots__ = ("attribute_names", "nested_names", "root")

    def __init__(self, root: ConditionNode, attribute_names: frozenset[str], nested_names: Sequence[str] = ()) -> None:
        self.root = root
        self.attribute_names = attribute_names
        self.nested_names = nested_names

    def holds(self, item: Item | None) -> bool:
        """Whether the item, or the absence of one, meets the condition."""
        return self.root.holds(_NO_ITEM if item is None else item)


def parse_condition(text: str, placeholders: Placeholders, parameter: str = "ConditionExpression") -> Condition:
    """Raises ServiceError (ValidationException), worded for `parameter`."""
    formula = placeholders.cache.parsed(parser.parse_condition, text, parameter)
    scope = ExpressionScope(placeholders, parameter)
    root = check.condition(formula, scope)
    return Condition(root, frozenset(scope.attribute_names), scope.nested_names)
