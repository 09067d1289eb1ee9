"""What the parser makes of an expression before any placeholder is resolved: terms in postfix order.

    a = :v AND size(#b) > :n    ->    a  :v  =  #b  size/1  :n  >  AND

Postfix keeps the checks in the order of the text and needs no recursion, however deep the parentheses of a request nest.
"""

from __future__ import annotations

from dynafault_dataclass import dataclass


@dataclass(slots=True)
class PathTerm:
    """A document path as written: words, `#names`, and list indexes as integers."""

    parts: tuple[str | int, ...]


@dataclass(slots=True)
class ValueTerm:
    """A `:value`."""

    key: str


@dataclass(slots=True)
class ApplyTerm:
    """An operator or function applied to the `arity` results before it. Operators are in upper case."""

    symbol: str
    arity: int
    is_function: bool = False


Term = PathTerm | ValueTerm | ApplyTerm


@dataclass(slots=True)
class Formula:
    """A condition, or the right-hand side of an assignment. `operators` counts functions too; `redundant` says that
    parentheses hold nothing but another pair."""

    terms: list[Term]
    operators: int
    redundant: bool


@dataclass(slots=True)
class ActionTerm:
    """One action of an update: `section` is SET (with a formula), REMOVE (without operand), ADD or DELETE (with a value)."""

    section: str
    path: PathTerm
    operand: Formula | ValueTerm | None


@dataclass(slots=True)
class UpdateSyntax:
    """The actions in the order of the text; `repeated` is the first section that occurs twice."""

    actions: list[ActionTerm]
    repeated: str | None
