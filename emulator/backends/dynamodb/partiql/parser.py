"""Statements: SELECT, INSERT, UPDATE, DELETE, and EXISTS. Developer Guide, "PartiQL - a SQL-compatible query language"."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.aws.values import SET_TYPES, AttributeValue, type_of
from emulator.aws.wording import Words
from emulator.backends.dynamodb.expressions import check
from emulator.backends.dynamodb.expressions.nodes import Literal, Operand, Path
from emulator.backends.dynamodb.expressions.paths import check_apart
from emulator.backends.dynamodb.expressions.update import Action, Add, Delete, Remove, Set
from emulator.backends.dynamodb.partiql.conditions import condition
from emulator.backends.dynamodb.partiql.cursor import Cursor, malformed
from emulator.backends.dynamodb.partiql.statements import (
    DeleteStatement,
    ExistsStatement,
    InsertStatement,
    SelectStatement,
    Statement,
    UpdateStatement,
    Where,
)
from emulator.backends.dynamodb.refusals import refusal

_RETURNING = (("ALL", "OLD"), ("ALL", "NEW"), ("MODIFIED", "OLD"), ("MODIFIED", "NEW"))
_NOT_SUPPORTED = ("GROUP", "HAVING", "LIMIT", "OFFSET", "JOIN", "UNION", "INTERSECT", "EXCEPT", "LET")
_SET_FUNCTIONS = ("set_add", "set_delete")


def parse(text: str, parameters: Sequence[AttributeValue], wording: Words = "2026") -> Statement:
    """The statement with its parameters put in, which must be in normal form. Raises ServiceError (ValidationException)."""
    cursor = Cursor(text, parameters, wording)
    statement = _statement(cursor)
    cursor.finish()
    return statement


def _statement(cursor: Cursor) -> Statement:
    if cursor.takes("SELECT"):
        return _select(cursor)
    if cursor.takes("INSERT", "INTO"):
        return _insert(cursor)
    if cursor.takes("UPDATE"):
        return _update(cursor)
    if cursor.takes("DELETE", "FROM"):
        return _delete(cursor)
    if cursor.takes("EXISTS"):
        cursor.need_symbol("(")
        cursor.need("SELECT")
        select = _select(cursor)
        cursor.need_symbol(")")
        return ExistsStatement(select)
    raise malformed("Expected data manipulation")  # nubo-db/dynoxide#149


def _select(cursor: Cursor) -> SelectStatement:
    if cursor.calls():
        # COUNT(*): nubo-db/dynoxide 0.13.0 (2026-07-30, eu-west-2)
        raise refusal(f"Unexpected path component at {cursor.place()}")
    columns = None if cursor.symbol("*") else _paths(cursor)
    cursor.need("FROM")
    table = cursor.name()
    index = cursor.name() if cursor.symbol(".") else None
    cursor.names.clear()
    where = _where(cursor)
    order = _order(cursor)
    if cursor.token.upper in _NOT_SUPPORTED:
        raise refusal(f"Unsupported clause: {cursor.token.upper}")
    return SelectStatement(table, index, columns, where, order)


def _insert(cursor: Cursor) -> InsertStatement:
    table = cursor.name()
    if cursor.symbol("("):
        raise cursor.unexpected()  # read as the arguments of a function: passren/PyDynamoDB#26
    cursor.need("VALUE")
    value = cursor.value()
    if "M" not in value:
        raise malformed("Expected a map of attributes")
    return InsertStatement(table, value["M"])


def _update(cursor: Cursor) -> UpdateStatement:
    table = cursor.name()
    actions: list[Action] = []
    while True:
        if cursor.takes("SET"):
            read = _assignment
        elif cursor.takes("REMOVE"):
            read = _removal
        else:
            break
        actions.append(read(cursor))
        while cursor.symbol(","):
            actions.append(read(cursor))
    if not actions:
        # `UPDATE a-b SET ...`: awsdocs/aws-sdk-for-javascript-v3#98
        raise malformed("Expected data manipulation")
    check_apart(cursor, [action.path for action in actions])
    cursor.names.clear()
    return UpdateStatement(table, actions, _where(cursor), _returning(cursor))


def _delete(cursor: Cursor) -> DeleteStatement:
    table = cursor.name()
    return DeleteStatement(table, _where(cursor), _returning(cursor))


def _paths(cursor: Cursor) -> tuple[Path, ...]:
    paths = [cursor.path()]
    while cursor.symbol(","):
        paths.append(cursor.path())
    return tuple(paths)


def _where(cursor: Cursor) -> Where | None:
    if not cursor.takes("WHERE"):
        return None
    root = condition(cursor)
    return Where(root, frozenset(cursor.names))


def _order(cursor: Cursor) -> tuple[tuple[str, bool], ...]:
    if not cursor.takes("ORDER", "BY"):
        return ()
    order = [_order_key(cursor)]
    while cursor.symbol(","):
        order.append(_order_key(cursor))
    return tuple(order)


def _order_key(cursor: Cursor) -> tuple[str, bool]:
    name = cursor.name()
    if cursor.takes("DESC"):
        return name, True
    cursor.takes("ASC")
    return name, False


def _returning(cursor: Cursor) -> str | None:
    if not cursor.takes("RETURNING"):
        return None
    for words in _RETURNING:
        if cursor.takes(*words):
            cursor.need_symbol("*")
            return " ".join(words)
    raise cursor.unexpected()


def _removal(cursor: Cursor) -> Action:
    return Remove(cursor.path())


def _assignment(cursor: Cursor) -> Action:
    path = cursor.path()
    cursor.need_symbol("=")
    if cursor.token.text.lower() in _SET_FUNCTIONS and cursor.token.kind == "word":
        return _set_action(cursor, path)
    return Set(path, _assigned(cursor))


def _assigned(cursor: Cursor) -> Operand:
    """operand, operand + operand, or operand - operand."""
    left = _operand(cursor)
    for symbol in ("+", "-"):
        if cursor.symbol(symbol):
            return check.build_assigned(cursor, symbol, (left, _operand(cursor)))
    return left


def _operand(cursor: Cursor) -> Operand:
    word = cursor.token.text.lower() if cursor.token.kind == "word" else ""
    if word in ("list_append", "if_not_exists"):
        cursor.advance()
        cursor.need_symbol("(")
        cursor.enter()
        operands = [_assigned(cursor)]
        while cursor.symbol(","):
            operands.append(_assigned(cursor))
        cursor.need_symbol(")")
        cursor.leave()
        return check.build_assigned(cursor, word, operands)
    value = cursor.literal()
    return cursor.path() if value is None else Literal(value)


def _set_action(cursor: Cursor, path: Path) -> Action:
    """`a = set_add(a, <<1>>)` is what an update expression calls ADD, and `set_delete` its DELETE."""
    function = cursor.advance().text.lower()
    cursor.need_symbol("(")
    changed = cursor.path()
    cursor.need_symbol(",")
    members = cursor.value()
    cursor.need_symbol(")")
    if changed != path:
        raise refusal(f"The first operand of {function} must be the attribute that is assigned; attribute: {path}")
    if type_of(members) not in SET_TYPES:
        kind = type_of(members)
        raise refusal(f"Incorrect operand type for operator or function; operator or function: {function}, operand type: {kind}")
    return Add(path, members) if function == "set_add" else Delete(path, members)
