"""What PartiQL statements name, read by the parser of the embedded engine: their tables, indexes and items, and whether they can fail a
condition. A text that is no statement names nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, check_value
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class Reference:
    """What one statement says of where it reads or writes. `verb` is SELECT, INSERT, UPDATE, DELETE or EXISTS; `fixed` are the attributes
    whose values it fixes: the whole item of an INSERT, the equalities of a WHERE. `asks_more`: the WHERE says more than those."""

    verb: str
    table: str
    index: str | None
    fixed: Item
    asks_more: bool = False

    def key(self, names: Sequence[str] | None) -> Item | None:
        """The key of the one item that it names, given the names of the table's key attributes; None where it may be several. Where they
        are not known, all that it fixes stands for the key."""
        if self.index is not None:
            return None
        if names is None:
            return self.fixed or None
        return {name: self.fixed[name] for name in names} if all(name in self.fixed for name in names) else None

    def has_condition(self, names: Sequence[str] | None) -> bool:
        """Whether there is something that an item can fail: an UPDATE wants an item in any case, a DELETE what its WHERE says beside the
        key. An INSERT fails otherwise, as a duplicate."""
        if self.verb in ("UPDATE", "EXISTS"):
            return True
        return self.verb == "DELETE" and names is not None and (self.asks_more or bool(self.fixed.keys() - set(names)))


def statement_params(call: Call) -> Sequence[Mapping[str, Any]]:
    """The parts of a request that hold a statement each, in its order; none for another operation."""
    params = call.params
    if "Statement" in params:
        return [params]
    found = params.get("Statements") or params.get("TransactStatements") or ()
    return [entry if isinstance(entry, dict) else {} for entry in found] if isinstance(found, list) else ()


def verbs(call: Call) -> tuple[str, ...]:
    """What the statements of a request do, each once, by their first words; none for another operation."""
    found = (re.match(r"\s*([A-Za-z]+)", str(params.get("Statement") or "")) for params in statement_params(call))
    return tuple(sorted({match[1].upper() for match in found if match is not None}))


def references(call: Call) -> Iterator[Reference | None]:
    """The reference of each statement of a request; None for a statement that cannot be parsed."""
    return map(read_statement, statement_params(call))


def read_statement(params: Mapping[str, Any]) -> Reference | None:
    """The statement in one part of a request, with its parameters put in; None where it cannot be parsed."""
    # Most runs never see a statement, and should not wait for the parser
    from emulator.backends.dynamodb import partiql

    text, values = params.get("Statement"), params.get("Parameters") or ()
    if not isinstance(text, str):
        return None
    try:
        statement = partiql.parse(text, [check_value(value, "2026") for value in values])
    except (ServiceError, TypeError, AttributeError):
        # As much of a request that is refused as could be read may not even be values
        return None
    return _reference(statement)


def _reference(statement: Any) -> Reference:
    from emulator.backends.dynamodb import partiql
    from emulator.backends.dynamodb.partiql.keys import fixed

    if isinstance(statement, partiql.InsertStatement):
        return Reference("INSERT", statement.table, None, statement.item)
    if isinstance(statement, partiql.ExistsStatement):
        return Reference("EXISTS", statement.select.table, statement.select.index, *fixed(statement.select.where))
    index = statement.index if isinstance(statement, partiql.SelectStatement) else None
    verb = {partiql.SelectStatement: "SELECT", partiql.UpdateStatement: "UPDATE", partiql.DeleteStatement: "DELETE"}[type(statement)]
    return Reference(verb, statement.table, index, *fixed(statement.where))
