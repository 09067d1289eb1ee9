"""The columns of a SELECT: parts of an item under their last names."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.aws.values import Item
from emulator.backends.dynamodb.expressions import Projection
from emulator.backends.dynamodb.expressions.nodes import Path


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
