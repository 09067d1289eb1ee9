"""The meaning of an expression: nodes with every placeholder resolved, ready to be evaluated against items.

Operands have `value(item)`: the AttributeValue, or None where the item has none. Conditions have `holds(item)`. Nothing here
raises; what can be wrong with an expression was refused when its nodes were made (`check.py`). Legacy parameters and PartiQL
are compiled to the same nodes. Nodes are frozen by convention: the decorator would cost microseconds per request.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Protocol

from dynafault_dataclass import dataclass
from emulator.aws.values import SET_TYPES, AttributeValue, Item, compare, equal

_NUMBER_OF_ELEMENTS = SET_TYPES | {"L", "M"}
_MEMBER_SETS = {"S": "SS", "N": "NS", "B": "BS"}


class Operand(Protocol):
    def value(self, item: Item) -> AttributeValue | None: ...


class ConditionNode(Protocol):
    @property
    def symbol(self) -> str:
        """The operator or function, as messages name it."""
        ...

    def holds(self, item: Item) -> bool: ...


@dataclass(slots=True)
class Path:
    """A document path: an attribute name, then names of map members (str) and list indexes (int)."""

    steps: tuple[str | int, ...]

    def value(self, item: Item) -> AttributeValue | None:
        steps = self.steps
        found = item.get(steps[0])  # type: ignore[arg-type]  # the first step is a name
        if len(steps) == 1:
            return found
        for step in steps[1:]:
            if found is None:
                return None
            if isinstance(step, str):
                found = found["M"].get(step) if "M" in found else None
            else:
                elements = found.get("L", ())
                found = elements[step] if step < len(elements) else None
        return found

    def __str__(self) -> str:
        """As messages print it: `[a, b, [0]]`."""
        return f"[{', '.join(step if isinstance(step, str) else f'[{step}]' for step in self.steps)}]"


@dataclass(slots=True)
class Literal:
    """A value that came with the request."""

    content: AttributeValue

    def value(self, item: Item) -> AttributeValue:
        return self.content


@dataclass(slots=True)
class Size:
    """`size(operand)`: a number, or nothing where the operand is missing or has no size."""

    operand: Operand

    def value(self, item: Item) -> AttributeValue | None:
        found = self.operand.value(item)
        return None if found is None else size_of(found)


def size_of(value: AttributeValue) -> AttributeValue | None:
    for kind, content in value.items():
        if kind == "S":
            # UTF-16 code units: nubo-db/dynoxide#34
            return {"N": str(len(content) if content.isascii() else len(content.encode("utf-16-le")) // 2)}
        if kind == "B":
            return {"N": str(len(b64decode(content)))}
        if kind in _NUMBER_OF_ELEMENTS:
            return {"N": str(len(content))}
    return None


@dataclass(slots=True)
class Comparison:
    """`left = right` and the other five. Against a missing operand only `<>` holds (ExtendDB/extenddb#5)."""

    symbol: str
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        left, right = self.left.value(item), self.right.value(item)
        symbol = self.symbol
        if left is None or right is None:
            return symbol == "<>"
        if symbol == "=":
            return equal(left, right)
        if symbol == "<>":
            return not equal(left, right)
        order = compare(left, right)
        if order is None:
            return False
        if symbol == "<":
            return order < 0
        if symbol == "<=":
            return order <= 0
        if symbol == ">":
            return order > 0
        return order >= 0


@dataclass(slots=True)
class Between:
    """`operand BETWEEN low AND high`, both bounds included."""

    operand: Operand
    low: Operand
    high: Operand
    symbol: str = "BETWEEN"

    def holds(self, item: Item) -> bool:
        found, low, high = self.operand.value(item), self.low.value(item), self.high.value(item)
        if found is None or low is None or high is None:
            return False
        above, below = compare(low, found), compare(found, high)
        return above is not None and below is not None and above <= 0 and below <= 0


@dataclass(slots=True)
class In:
    """`operand IN (members)`."""

    operand: Operand
    members: tuple[Operand, ...]
    symbol: str = "IN"

    def holds(self, item: Item) -> bool:
        found = self.operand.value(item)
        if found is None:
            return False
        for member in self.members:
            candidate = member.value(item)
            if candidate is not None and equal(found, candidate):
                return True
        return False


@dataclass(slots=True)
class Exists:
    """`attribute_exists(path)`."""

    path: Path
    symbol: str = "attribute_exists"

    def holds(self, item: Item) -> bool:
        return self.path.value(item) is not None


@dataclass(slots=True)
class NotExists:
    """`attribute_not_exists(path)`."""

    path: Path
    symbol: str = "attribute_not_exists"

    def holds(self, item: Item) -> bool:
        return self.path.value(item) is None


@dataclass(slots=True)
class HasType:
    """`attribute_type(operand, type)`; `type` is a type member such as "SS"."""

    operand: Operand
    type: str
    symbol: str = "attribute_type"

    def holds(self, item: Item) -> bool:
        found = self.operand.value(item)
        return found is not None and self.type in found


@dataclass(slots=True)
class BeginsWith:
    """`begins_with(operand, prefix)`: text with text, binary with binary."""

    operand: Operand
    prefix: Operand
    symbol: str = "begins_with"

    def holds(self, item: Item) -> bool:
        found, prefix = self.operand.value(item), self.prefix.value(item)
        if found is None or prefix is None:
            return False
        if "S" in found and "S" in prefix:
            return bool(found["S"].startswith(prefix["S"]))
        if "B" in found and "B" in prefix:
            return b64decode(found["B"]).startswith(b64decode(prefix["B"]))
        return False


@dataclass(slots=True)
class Contains:
    """`contains(operand, part)`: part of a text or a binary, member of a set, element of a list."""

    operand: Operand
    part: Operand
    symbol: str = "contains"

    def holds(self, item: Item) -> bool:
        found, part = self.operand.value(item), self.part.value(item)
        return found is not None and part is not None and _contains(found, part)


def _contains(whole: AttributeValue, part: AttributeValue) -> bool:
    if "L" in whole:
        return any(equal(element, part) for element in whole["L"])
    for kind, content in part.items():
        members = whole.get(_MEMBER_SETS.get(kind, ""))
        if members is not None:
            return content in members
        if kind == "S" and "S" in whole:
            return content in whole["S"]
        if kind == "B" and "B" in whole:
            return b64decode(content) in b64decode(whole["B"])
    return False


@dataclass(slots=True)
class And:
    """All of two or more."""

    parts: tuple[ConditionNode, ...]
    symbol: str = "AND"

    def holds(self, item: Item) -> bool:
        for part in self.parts:  # a generator would double the depth of the stack
            if not part.holds(item):
                return False
        return True


@dataclass(slots=True)
class Or:
    """Any of two or more."""

    parts: tuple[ConditionNode, ...]
    symbol: str = "OR"

    def holds(self, item: Item) -> bool:
        for part in self.parts:  # a generator would double the depth of the stack
            if part.holds(item):
                return True
        return False


@dataclass(slots=True)
class Not:
    """The opposite."""

    part: ConditionNode
    symbol: str = "NOT"

    def holds(self, item: Item) -> bool:
        return not self.part.holds(item)
