"""What SET can assign: operands that compute. Unlike conditions, these raise when the item does not fit."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.aws.values import AttributeValue, Item, add, subtract
from emulator.backends.dynamodb.expressions.nodes import Operand, Path
from emulator.backends.dynamodb.refusals import refusal

MISSING_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"


def required(operand: Operand, item: Item) -> AttributeValue:
    """The operand's value. Raises ServiceError (ValidationException) where the item has none."""
    found = operand.value(item)
    if found is None:
        raise refusal(MISSING_ATTRIBUTE)
    return found


@dataclass(slots=True)
class Arithmetic:
    """`left + right` or `left - right`."""

    symbol: str
    left: Operand
    right: Operand

    def value(self, item: Item) -> AttributeValue:
        left, right = required(self.left, item), required(self.right, item)
        if "N" not in left or "N" not in right:
            raise refusal(WRONG_TYPE)
        function = add if self.symbol == "+" else subtract
        return {"N": function(left["N"], right["N"])}


@dataclass(slots=True)
class ListAppend:
    """`list_append(first, second)`."""

    first: Operand
    second: Operand

    def value(self, item: Item) -> AttributeValue:
        first, second = required(self.first, item), required(self.second, item)
        if "L" not in first or "L" not in second:
            raise refusal(WRONG_TYPE)
        return {"L": first["L"] + second["L"]}


@dataclass(slots=True)
class IfNotExists:
    """`if_not_exists(path, default)`; the default is evaluated only where it is needed."""

    path: Path
    default: Operand

    def value(self, item: Item) -> AttributeValue | None:
        found = self.path.value(item)
        return self.default.value(item) if found is None else found
