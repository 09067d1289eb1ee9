"""ExecuteTransaction: statements that read, or statements that write, all at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from emulator.aws.values import item_size
from emulator.aws.wording import Words
from emulator.backends.dynamodb import parameters, transactions
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.limits import TRANSACTION_BYTES
from emulator.backends.dynamodb.operations.execute_statement import statement_of
from emulator.backends.dynamodb.operations.transact_get_items import read_all, refuse_twice
from emulator.backends.dynamodb.operations.transact_write_items import Done, charged, once, sizes
from emulator.backends.dynamodb.partiql import DeleteStatement, ExistsStatement, InsertStatement, SelectStatement, UpdateStatement
from emulator.backends.dynamodb.partiql.select import locate, selected
from emulator.backends.dynamodb.partiql.writing import keyed, prepare, prepare_check
from emulator.backends.dynamodb.records import size_of
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.transactions import NO_REASON, Action
from emulator.backends.dynamodb.writes import Write
from emulator.messages import Call, Outcome

Writing = InsertStatement | UpdateStatement | DeleteStatement | ExistsStatement


def execute_transaction(state: State, call: Call) -> Outcome:
    requests = call.params["TransactStatements"]
    wording = state.parser_context(call).wording
    statements = [statement_of(request, wording) for request in requests]
    reads = [statement for statement in statements if isinstance(statement, SelectStatement)]
    writes = [statement for statement in statements if not isinstance(statement, SelectStatement)]
    if reads and writes:
        raise refusal("ExecuteTransaction API does not support both read and write operations in the same request.")
    if reads:
        return Outcome(_read(state, call, reads))
    _refuse_returning(writes)
    return once(state, call, requests, lambda: _write(state, call, writes))


def _refuse_returning(statements: Sequence[Writing]) -> None:
    if any(isinstance(statement, UpdateStatement | DeleteStatement) and statement.returning is not None for statement in statements):
        # Known from the service is that it refuses, and that it does so before anything else happens (dynoxide#147)
        raise refusal("RETURNING clause is not supported in ExecuteTransaction")


def _write(state: State, call: Call, statements: Sequence[Writing]) -> Done:
    wording = state.parser_context(call).wording
    names = [statement.select.table if isinstance(statement, ExistsStatement) else statement.table for statement in statements]
    if sum(item_size(statement.item) for statement in statements if isinstance(statement, InsertStatement)) > TRANSACTION_BYTES:
        raise transactions.too_large()
    actions = []
    for name, statement, request in zip(names, statements, call.params["TransactStatements"], strict=True):
        table = state.table(call, name)
        _check_key(table, statement)
        actions.append(Action(_preparation(table, statement, wording), parameters.shows_failed_item(request)))
    changes, written = transactions.run(state, actions)
    # One recording of the live service; the API reference has an element for each statement
    answer: dict[str, Any] = {"Responses": []}
    mode = reporting_mode(call.params)
    if mode is not None:
        answer["ConsumedCapacity"] = charged(names, changes, mode)
    return Done(Outcome(answer, written), sizes(names, changes))


def _check_key(table: Table, statement: Writing) -> None:
    if not isinstance(statement, InsertStatement):
        keyed(table, statement.select.where if isinstance(statement, ExistsStatement) else statement.where)


def _preparation(table: Table, statement: Writing, wording: Words) -> Callable[[], Write]:
    if isinstance(statement, ExistsStatement):
        return partial(prepare_check, table, statement.select)
    return partial(prepare, table, statement, wording)


def _read(state: State, call: Call, statements: Sequence[SelectStatement]) -> dict[str, Any]:
    if any(statement.index is not None for statement in statements):
        raise refusal("Reads on indices are not supported within transactions.")  # floci-io/floci#3798
    tables = [state.seen(call, statement.table, consistent=True) for statement in statements]
    found = [locate(table, statement, "ExecuteTransaction") for table, statement in zip(tables, statements, strict=True)]
    keys = [table.key.of_key(one.key) for table, one in zip(tables, found, strict=True)]
    refuse_twice(tables, keys)
    reasons = [NO_REASON] * len(statements)
    records = read_all(state, tables, keys, reasons)
    transactions.refuse_cancelled(reasons)
    bytes_read = [0 if record is None else size_of(record) for record in records]
    if sum(bytes_read) > TRANSACTION_BYTES:
        raise transactions.too_large()
    items = [selected(*row) for row in zip(statements, found, records, strict=True)]
    answer: dict[str, Any] = {"Responses": [{} if item is None else {"Item": item} for item in items]}
    mode = reporting_mode(call.params)
    if mode is not None:
        usages: dict[str, Usage] = {}
        for statement, size in zip(statements, bytes_read, strict=True):
            usages.setdefault(statement.table, Usage()).add(Usage(2 * read_units(size, consistent=True)))
        answer["ConsumedCapacity"] = [consumed(name, usage, mode, "Read") for name, usage in usages.items()]
    return answer
