"""Which tables a request is about, read off its parameters: rules select by them, reports group by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from emulator.aws.arns import table_name
from emulator.aws.services import Shape

TableFinder = Callable[[dict[str, Any]], tuple[str, ...]]

# The table of a PartiQL statement follows one of these words, in quotes or bare; an index may follow it after a dot
_STATEMENT_TABLE = re.compile(r"""\b(?:FROM|INTO|UPDATE)\s+(?:"([^"]+)"|([A-Za-z0-9_\-]+))""", re.IGNORECASE)
_NAMES = ("TableName", "SourceTableName", "TargetTableName", "GlobalTableName")
_ARNS = ("TableArn", "SourceTableArn", "BackupArn", "ResourceArn", "StreamArn", "ExportArn", "ImportArn", "BulkOperationArn")


def compile_finder(shape: Shape | None) -> TableFinder:
    """The finder for an operation with that input shape."""
    members = shape.members if shape is not None else {}
    if "TableName" in members and "RequestItems" not in members:
        return _by_table_name
    if "RequestItems" in members:
        return lambda params: _distinct(params.get("RequestItems") or ())
    if "TransactItems" in members:
        return lambda params: _distinct(_of_transaction(params.get("TransactItems") or ()))
    if "Statement" in members:
        return lambda params: _distinct(_of_statement(params.get("Statement")))
    if "Statements" in members or "TransactStatements" in members:
        return lambda params: _distinct(_of_statements(params.get("Statements") or params.get("TransactStatements") or ()))
    present = tuple(name for name in (*_NAMES, *_ARNS) if name in members)
    return (lambda params: _distinct(_named(params, present))) if present else (lambda params: ())


def _by_table_name(params: dict[str, Any]) -> tuple[str, ...]:
    name = params.get("TableName")
    return () if name is None else (table_name(name),)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table_name(name) for name in names))


def _named(params: dict[str, Any], members: tuple[str, ...]) -> Iterable[str]:
    return (params[name] for name in members if params.get(name))


def _of_transaction(entries: Iterable[Any]) -> Iterable[str]:
    for entry in entries:
        for action in (entry or {}).values():
            name = (action or {}).get("TableName")
            if name is not None:
                yield name


def _of_statements(statements: Iterable[Any]) -> Iterable[str]:
    for statement in statements:
        yield from _of_statement((statement or {}).get("Statement"))


def _of_statement(text: str | None) -> Iterable[str]:
    match = _STATEMENT_TABLE.search(text or "")
    return () if match is None else (match[1] or match[2],)
