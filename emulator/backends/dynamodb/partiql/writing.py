"""INSERT, UPDATE, DELETE and the condition of EXISTS, as writes of the engine."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import normalise_item
from emulator.aws.wording import Words
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.expressions import Condition, Update
from emulator.backends.dynamodb.expressions.nodes import And, ConditionNode, Exists, NotExists, Or, Path
from emulator.backends.dynamodb.partiql import statements
from emulator.backends.dynamodb.partiql.keys import Found, single
from emulator.backends.dynamodb.partiql.statements import DeleteStatement, InsertStatement, SelectStatement, UpdateStatement, Where
from emulator.backends.dynamodb.records import Record
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.transactions import CheckWrite
from emulator.backends.dynamodb.writes import DeleteWrite, PutWrite, UpdateWrite, Write, check_item_size


class InsertWrite(PutWrite):
    """A put that is refused where there is an item already."""

    __slots__ = ()

    def check(self, old: Record | None) -> None:
        if old is not None:
            raise ServiceError("DuplicateItemException")


def prepare(table: Table, statement: InsertStatement | UpdateStatement | DeleteStatement, wording: Words) -> Write:
    """Raises ServiceError (ValidationException) for a statement that the table does not fit."""
    if isinstance(statement, InsertStatement):
        item = normalise_item(statement.item, wording)
        size = check_item_size(item)
        return InsertWrite(table, table.key.of_item(item), item, size, _condition(NotExists(_hash(table)), None, table))
    found = keyed(table, statement.where)
    if isinstance(statement, DeleteStatement):
        if statement.returning not in (None, "ALL OLD"):
            raise refusal(f"RETURNING {statement.returning} * is not supported in a DELETE statement")
        # Without an item there is nothing to delete, and nothing wrong with that either
        rest = None if found.rest is None else Or((NotExists(_hash(table)), found.rest))
        return DeleteWrite(table, found.key, None if rest is None else _condition(rest, statement.where, table))
    return UpdateWrite(table, found.key, Update(statement.actions), existing(table, statement.where, found))


def prepare_check(table: Table, select: SelectStatement) -> Write:
    """What EXISTS asks: that there is an item, and that the WHERE holds for it."""
    found = keyed(table, select.where)
    return CheckWrite(table, found.key, existing(table, select.where, found))


def keyed(table: Table, where: Where | None) -> Found:
    """The one item that a WHERE names. Raises ServiceError (ValidationException) where it may be several."""
    found = single(where, table.key.names)
    if found is None:
        raise refusal("Where clause does not contain a mandatory equality on all key attributes")
    return found


def existing(table: Table, where: Where | None, found: Found) -> Condition:
    """That there is an item, and that what the WHERE says beside its key holds: an UPDATE never makes an item."""
    exists: ConditionNode = Exists(_hash(table))
    return _condition(exists if found.rest is None else And((exists, found.rest)), where, table)


def returned(statement: statements.Statement, change: Change) -> list[Any]:
    """What RETURNING gives: one item, or nothing where that would be empty."""
    if not isinstance(statement, UpdateStatement | DeleteStatement) or statement.returning is None:
        return []
    if statement.returning == "ALL OLD":
        item = change.old_item
    elif statement.returning == "ALL NEW":
        item = change.new_item
    else:
        assert isinstance(statement, UpdateStatement)
        old, new = Update(statement.actions).touched(change.old_item or {}, change.new_item or {})
        item = old if statement.returning == "MODIFIED OLD" else new
    return [item] if item else []


def _hash(table: Table) -> Path:
    return Path((table.key.names[0],))


def _condition(root: ConditionNode, where: Where | None, table: Table) -> Condition:
    names = frozenset(table.key.names) if where is None else where.names
    return Condition(root, names)
