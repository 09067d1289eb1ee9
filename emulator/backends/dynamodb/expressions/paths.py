"""Several document paths at once: whether they overlap, and what an item has at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.aws.values import AttributeValue, Item
from emulator.backends.dynamodb.expressions.check import Refuser
from emulator.backends.dynamodb.expressions.nodes import Path

# Steps to what is below them; an empty branch is the end of a path
Tree = dict[Any, Any]


def check_apart(scope: Refuser, paths: Sequence[Path]) -> None:
    """Raises ServiceError (ValidationException) where one path contains another, or where one takes a value for a map and another for a
    list."""
    if _are_apart(paths):
        return
    # Which two they are is told of the first that is in the way of an earlier one
    for place, second in enumerate(paths):
        for first in paths[:place]:
            _check_pair(scope, first, second)


def _are_apart(paths: Sequence[Path]) -> bool:
    root: Tree = {}
    for path in paths:
        branch, is_new = root, False
        for step in path.steps:
            if is_new or not branch:
                # A branch that was there and is empty is the end of another path
                if not is_new and branch is not root:
                    return False
                is_new = True
            elif isinstance(next(iter(branch)), int) is not isinstance(step, int):
                return False
            elif step not in branch:
                is_new = True
            branch = branch.setdefault(step, {})
        if not is_new:
            return False
    return True


def _check_pair(scope: Refuser, first: Path, second: Path) -> None:
    # Path one is the one that stands first in the text: ExtendDB/extenddb#173
    both = f"must remove or rewrite one of these paths; path one: {first}, path two: {second}"
    for left, right in zip(first.steps, second.steps, strict=False):
        if isinstance(left, int) is not isinstance(right, int):
            raise scope.refuse(f"Two document paths conflict with each other; {both}")
        if left != right:
            return
    raise scope.refuse(f"Two document paths overlap with each other; {both}")


def tree_of(paths: Iterable[Path]) -> Tree:
    """The paths as a tree; they must be apart."""
    root: Tree = {}
    for path in paths:
        branch = root
        for step in path.steps:
            branch = branch.setdefault(step, {})
    return root


def pick(tree: Tree, item: Item) -> Item:
    """What the item has at the paths, in the structure around it; list elements close up in their order."""
    picked = {}
    for name, branch in tree.items():
        value = item.get(name)
        if value is not None:
            part = _part(branch, value)
            if part is not None:
                picked[name] = part
    return picked


def _part(branch: Tree, value: AttributeValue) -> AttributeValue | None:
    if not branch:
        return value
    if isinstance(next(iter(branch)), int):
        elements = _elements(branch, value.get("L", ()))
        return {"L": elements} if elements else None
    members = pick(branch, value.get("M", {}))
    return {"M": members} if members else None


def _elements(branch: Tree, elements: Sequence[AttributeValue]) -> list[AttributeValue]:
    parts = (_part(branch[index], elements[index]) for index in sorted(branch) if index < len(elements))
    return [part for part in parts if part is not None]
