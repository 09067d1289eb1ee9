"""UpdateExpression: the actions of an update, applied to an item at once.

Every action sees the item as it was before the update. Nothing is changed in place: what an update touches is copied on the
way down to it, so a refusal half-way leaves the old item whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.values import SET_TYPES, AttributeValue, Item, add, check_depth, type_of
from emulator.backends.dynamodb.expressions import check, parser
from emulator.backends.dynamodb.expressions.assignment import WRONG_TYPE, required
from emulator.backends.dynamodb.expressions.nodes import Literal, Operand, Path
from emulator.backends.dynamodb.expressions.paths import Tree, check_apart, pick, tree_of
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.scope import ExpressionScope
from emulator.backends.dynamodb.expressions.syntax import ActionTerm, Formula
from emulator.backends.dynamodb.refusals import refusal

_PARAMETER = "UpdateExpression"

_BAD_PATH = "The document path provided in the update expression is invalid for update"

# Names of types in the sentences of ADD and DELETE, which differ from those of all other operators
_TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
    "L": "LIST",
    "M": "MAP",
}


@dataclass(slots=True)
class Set:
    """Put what the operand yields at the path."""

    path: Path
    operand: Operand

    @property
    def given(self) -> AttributeValue | None:
        return self.operand.content if isinstance(self.operand, Literal) else None

    def result(self, item: Item) -> AttributeValue | None:
        return required(self.operand, item)


@dataclass(slots=True)
class Remove:
    """Take away what is at the path."""

    path: Path
    given = None

    def result(self, item: Item) -> AttributeValue | None:
        return None


@dataclass(slots=True)
class Add:
    """Add to a number, members to a set, or elements to a list; a missing one starts from nothing."""

    path: Path
    content: AttributeValue

    @property
    def given(self) -> AttributeValue:
        return self.content

    def result(self, item: Item) -> AttributeValue | None:
        old = self.path.value(item)
        if old is None:
            return self.content
        kind = type_of(self.content)
        if kind not in old:
            raise refusal(WRONG_TYPE)
        if kind == "N":
            return {"N": add(old["N"], self.content["N"])}
        if kind == "L":
            return {"L": old["L"] + self.content["L"]}
        present = set(old[kind])
        return {kind: old[kind] + [member for member in self.content[kind] if member not in present]}


@dataclass(slots=True)
class Delete:
    """Take members out of a set; the last one takes the set with it."""

    path: Path
    content: AttributeValue
    given = None

    def result(self, item: Item) -> AttributeValue | None:
        old = self.path.value(item)
        if old is None:
            return None
        kind = type_of(self.content)
        if kind not in old:
            raise refusal(WRONG_TYPE)
        gone = set(self.content[kind])
        left = [member for member in old[kind] if member not in gone]
        return {kind: left} if left else None


Action = Set | Remove | Add | Delete


class Update:
    """The actions of an update. `attribute_names` are the top-level attributes that they write, `nested_names` those that they look
    into."""

    __slots__ = ("_actions", "attribute_names", "nested_names")

    def __init__(self, actions: Sequence[Action], nested_names: Sequence[str] = ()) -> None:
        self._actions = actions
        self.nested_names = nested_names
        self.attribute_names: frozenset[str] = frozenset(str(action.path.steps[0]) for action in actions)

    @property
    def creates(self) -> bool:
        """Whether the update may create a missing item: one that only removes leaves it missing (scylladb/scylladb#5862)."""
        return not self._actions or any(not isinstance(action, Remove | Delete) for action in self._actions)

    def given(self) -> Item:
        """The values that top-level attributes get as the request has them, by the attributes' names."""
        values = ((action, action.given) for action in self._actions if len(action.path.steps) == 1)
        return {str(action.path.steps[0]): value for action, value in values if value is not None}

    def apply(self, item: Item) -> Item:
        """The updated item; the input stays as it is.

        Raises ServiceError (ValidationException): an attribute that is missing or has the wrong type, a path that leads
        nowhere, a number out of range, more than 32 levels."""
        new = dict(item)
        nested: Tree = {}
        for action in self._actions:
            result = action.result(item)
            steps = action.path.steps
            if len(steps) == 1:
                _store(new, steps[0], result)
            else:
                if result is not None:
                    check_depth(result, len(steps))
                _plan(nested, steps, result)
        for name, branch in nested.items():
            new[name] = _edited(item.get(name), branch)
        return new

    def touched(self, old: Item, new: Item) -> tuple[Item, Item]:
        """What UPDATED_OLD and UPDATED_NEW return: the written paths as they are in either item, and only where they are.

        A removed path is not new, even where the next list element has moved up to it (ExtendDB/extenddb#105)."""
        written = [action.path for action in self._actions]
        kept = [action.path for action in self._actions if not isinstance(action, Remove)]
        return pick(tree_of(written), old), pick(tree_of(kept), new)


@dataclass(slots=True)
class _Edit:
    """The end of a path in the plan of nested changes; a result of None removes."""

    result: AttributeValue | None


def _plan(tree: Tree, steps: Sequence[str | int], result: AttributeValue | None) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    tree[steps[-1]] = _Edit(result)


def _store(members: dict[Any, AttributeValue], name: str | int, result: AttributeValue | None) -> None:
    if result is None:
        members.pop(name, None)
    else:
        members[name] = result


def _edited(value: AttributeValue | None, branch: Tree) -> AttributeValue:
    kind = "L" if isinstance(next(iter(branch)), int) else "M"
    if value is None or kind not in value:
        raise refusal(_BAD_PATH)
    if kind == "L":
        return {"L": _edited_list(value["L"], branch)}
    members = dict(value["M"])
    for name, change in branch.items():
        _store(members, name, change.result if isinstance(change, _Edit) else _edited(members.get(name), change))
    return {"M": members}


def _edited_list(elements: Sequence[AttributeValue], branch: Tree) -> list[AttributeValue]:
    """Indexes count in the list as it was; what lies behind its end is appended in the order of the indexes."""
    edited: dict[int, AttributeValue] = dict(enumerate(elements))
    for index in sorted(branch):
        change = branch[index]
        _store(edited, index, change.result if isinstance(change, _Edit) else _edited(edited.get(index), change))
    return list(edited.values())


def parse_update(text: str, placeholders: Placeholders) -> Update:
    """Raises ServiceError (ValidationException)."""
    syntax = placeholders.cache.parsed(parser.parse_update, text, _PARAMETER)
    scope = ExpressionScope(placeholders, _PARAMETER)
    if syntax.repeated is not None:
        raise scope.refuse(f'The "{syntax.repeated}" section can only be used once in an update expression;')
    check.check_operators(scope, sum(term.operand.operators for term in syntax.actions if isinstance(term.operand, Formula)))
    actions = [_action(scope, term) for term in syntax.actions]
    check_apart(scope, [action.path for action in actions])
    return Update(actions, scope.nested_names)


def _action(scope: ExpressionScope, term: ActionTerm) -> Action:
    path = scope.path(term.path)
    if isinstance(term.operand, Formula):
        return Set(path, check.assigned(term.operand, scope))
    if term.operand is None:
        return Remove(path)
    content = scope.value(term.operand).content
    kind = type_of(content)
    if kind not in SET_TYPES and not (kind == "N" and term.section == "ADD"):
        raise scope.refuse(
            f"Incorrect operand type for operator or function; operator: {term.section}, operand type: {_TYPE_NAMES[kind]}, "
            f"typeSet: ALLOWED_FOR_{term.section}_OPERAND"
        )
    return Add(path, content) if term.section == "ADD" else Delete(path, content)
