"""Tokens to terms: the grammar of conditions, projections and updates. Only syntax errors are raised here.

What comes back is shared between requests (`cache.py`) and must not be changed.

Developer Guide, "Condition and filter expressions, operators, and functions" and "Using update expressions". Beyond the
guide, the live service takes parentheses around operands (`SET c = (c - :v)`, nubo-db/dynoxide#35).
"""

from __future__ import annotations

from emulator.backends.dynamodb.expressions.cursor import Cursor
from emulator.backends.dynamodb.expressions.formula import FormulaParser
from emulator.backends.dynamodb.expressions.syntax import ActionTerm, Formula, PathTerm, UpdateSyntax, ValueTerm

_CONDITION_KEYWORDS = frozenset(("AND", "OR", "NOT", "BETWEEN", "IN"))
_SECTIONS = frozenset(("SET", "REMOVE", "ADD", "DELETE"))
_NO_KEYWORDS: frozenset[str] = frozenset()


def parse_condition(source: str, parameter: str) -> Formula:
    cursor = Cursor(source, parameter, _CONDITION_KEYWORDS)
    formula = FormulaParser(cursor, is_condition=True).parse()
    cursor.take("")
    return formula


def parse_projection(source: str, parameter: str) -> list[PathTerm]:
    cursor = Cursor(source, parameter, _NO_KEYWORDS)
    paths = [cursor.path()]
    while cursor.token == ",":
        cursor.position += 1
        paths.append(cursor.path())
    cursor.take("")
    return paths


def parse_update(source: str, parameter: str) -> UpdateSyntax:
    cursor = Cursor(source, parameter, _SECTIONS)
    actions: list[ActionTerm] = []
    seen: set[str] = set()
    repeated = None
    while cursor.token or not seen:
        section = cursor.token.upper()
        if section not in _SECTIONS:
            cursor.fail()
        if section in seen:
            repeated = repeated or section
        seen.add(section)
        _section(cursor, section, actions)
    return UpdateSyntax(actions, repeated)


def _section(cursor: Cursor, section: str, actions: list[ActionTerm]) -> None:
    while True:
        cursor.position += 1  # over the keyword, or the comma
        path = cursor.path()
        actions.append(ActionTerm(section, path, _operand(cursor, section)))
        if cursor.token != ",":
            return


def _operand(cursor: Cursor, section: str) -> Formula | ValueTerm | None:
    if section == "SET":
        cursor.take("=")
        return FormulaParser(cursor, is_condition=False).parse()
    return None if section == "REMOVE" else cursor.value()
