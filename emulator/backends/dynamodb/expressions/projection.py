"""ProjectionExpression."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.aws.values import Item
from emulator.backends.dynamodb.expressions import parser
from emulator.backends.dynamodb.expressions.nodes import Path
from emulator.backends.dynamodb.expressions.paths import check_apart, pick, tree_of
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.scope import ExpressionScope

_PARAMETER = "ProjectionExpression"


class Projection:
    """The parts of an item that a reader asked for. `attribute_names` are the top-level attributes among them, `nested_names` those
    of which only something within is wanted."""

    __slots__ = ("_tree", "attribute_names", "nested_names")

    def __init__(self, paths: list[Path]) -> None:
        self._tree = tree_of(paths)
        self.attribute_names: frozenset[str] = frozenset(self._tree)
        self.nested_names: Sequence[str] = [name for name, branch in self._tree.items() if branch]

    def apply(self, item: Item) -> Item:
        """A new item with what there is at the paths: `l[2], l[0]` gives both elements, in the order of the list."""
        return pick(self._tree, item)


def parse_projection(text: str, placeholders: Placeholders) -> Projection:
    """Raises ServiceError (ValidationException)."""
    terms = placeholders.cache.parsed(parser.parse_projection, text, _PARAMETER)
    scope = ExpressionScope(placeholders, _PARAMETER)
    paths = [scope.path(term) for term in terms]
    check_apart(scope, paths)
    return Projection(paths)
