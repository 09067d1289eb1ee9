"""The checks of the operations that carry out PartiQL statements, in their order. Data only."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb.checks.check import Check, Order
from emulator.backends.dynamodb.checks.examples import CONSTRAINTS, MISSING_TABLE, TEXT

_WHERE = "WHERE pk = 'a' AND sk = 'a'"
_READ, _WRITE = f"SELECT * FROM orders {_WHERE}", f"DELETE FROM orders {_WHERE}"
_MALFORMED = "Statement wasn't well formed"


def _batch(*texts: str) -> dict[str, Any]:
    return {"Statements": [{"Statement": text} for text in texts]}


def _transaction(*texts: str) -> dict[str, Any]:
    return {"TransactStatements": [{"Statement": text} for text in texts]}


ORDER: dict[str, Order] = {
    "ExecuteStatement": Order(
        {"Statement": "SELECT * FROM orders"},
        (
            CONSTRAINTS,
            Check("request", "the statement is one", {"Statement": "nonsense"}, _MALFORMED),
            Check("request", "there is a parameter for each question mark", {"Parameters": [TEXT]}, "Number of parameters in request"),
            Check("request", "the token can be read", {"NextToken": "x"}, "Invalid NextToken"),
            Check(
                "table",
                "the table exists",
                {"Statement": f"SELECT * FROM {MISSING_TABLE}"},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("table", "the index exists", {"Statement": 'SELECT * FROM "orders"."gone"'}, "does not have the specified index"),
            Check(
                "schema",
                "the key is not changed",
                {"Statement": f"UPDATE orders SET pk = 'b' {_WHERE}"},
                "This attribute is part of the key",
            ),
            Check(
                "item",
                "the item that is changed is there",
                {"Statement": f"UPDATE orders SET a = 'b' {_WHERE}"},
                "The conditional request failed",
                "ConditionalCheckFailedException",
            ),
        ),
    ),
    "BatchExecuteStatement": Order(
        _batch(_READ),
        (
            CONSTRAINTS,
            Check(
                "request",
                "reads and writes are not mixed; what else is wrong with a statement is its own answer's",
                _batch(_READ, _WRITE),
                "Read and write requests together in the same batch is not supported.",
            ),
            Check("schema", "no two statements are about one item", _batch(_READ, _READ), "contains duplicates"),
        ),
    ),
    "ExecuteTransaction": Order(
        _transaction(_READ),
        (
            CONSTRAINTS,
            Check("request", "the statements are such", _transaction("nonsense", _READ, _WRITE), _MALFORMED),
            Check(
                "request",
                "reads and writes are not mixed",
                _transaction(f"SELECT * FROM {MISSING_TABLE} {_WHERE}", _WRITE),
                "does not support both read and write operations",
            ),
            Check(
                "request", "nothing is to be returned", _transaction(f"{_WRITE} RETURNING ALL OLD *"), "RETURNING clause is not supported"
            ),
            Check(
                "table",
                "the tables exist",
                _transaction(f"DELETE FROM {MISSING_TABLE} {_WHERE}"),
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("schema", "no two statements are about one item", _transaction(_WRITE, _WRITE), "multiple operations on one item"),
            Check(
                "item",
                "the conditions hold; those that do not are reasons to cancel",
                _transaction(f"UPDATE orders SET a = 'b' {_WHERE}"),
                "specific reasons [ConditionalCheckFailed]",
                "TransactionCanceledException",
            ),
        ),
    ),
}
