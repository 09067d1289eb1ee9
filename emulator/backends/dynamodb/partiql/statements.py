"""What a statement says once its literals and parameters are values: one class per kind of statement.

Conditions and paths are the nodes of `expressions`; which attributes are keys, only the table knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynafault_dataclass import dataclass
from emulator.aws.values import Item
from emulator.backends.dynamodb.expressions.nodes import ConditionNode, Path
from emulator.backends.dynamodb.expressions.update import Action


@dataclass(frozen=True, slots=True)
class Where:
    """The condition of a statement, and the top-level attributes that it mentions."""

    root: ConditionNode
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class SelectStatement:
    """`columns` None: whole items. `order`: attribute names, each with whether it descends."""

    table: str
    index: str | None
    columns: tuple[Path, ...] | None
    where: Where | None
    order: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class InsertStatement:
    table: str
    item: Item


@dataclass(frozen=True, slots=True)
class UpdateStatement:
    """UPDATE. `returning` is one of ALL OLD, ALL NEW, MODIFIED OLD, MODIFIED NEW, or None."""

    table: str
    actions: Sequence[Action]
    where: Where | None
    returning: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteStatement:
    """DELETE. `returning` as for UPDATE, though only ALL OLD makes sense."""

    table: str
    where: Where | None
    returning: str | None = None


@dataclass(frozen=True, slots=True)
class ExistsStatement:
    """EXISTS(SELECT ...): a condition of a transaction."""

    select: SelectStatement


Statement = SelectStatement | InsertStatement | UpdateStatement | DeleteStatement | ExistsStatement
