"""BatchExecuteStatement: each statement stands or falls alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.operations.execute_statement import statement_of
from emulator.backends.dynamodb.partiql import Exists, Select, Statement
from emulator.backends.dynamodb.partiql.reading import locate, selected
from emulator.backends.dynamodb.partiql.writing import prepare, returned
from emulator.backends.dynamodb.records import size_of
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import Write, perform, written
from emulator.messages import Call, Outcome

# The model's BatchStatementErrorCodeEnum; an error that is not listed is called by its own name
_CODES = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ValidationException": "ValidationError",
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
    "TransactionConflictException": "TransactionConflict",
    "ThrottlingException": "ThrottlingError",
    "ResourceNotFoundException": "ResourceNotFound",
    "AccessDeniedException": "AccessDenied",
    "DuplicateItemException": "DuplicateItem",
}


def batch_execute_statement(state: State, call: Call) -> Outcome:
    requests: Sequence[Mapping[str, Any]] = call.params["Statements"]
    wording = state.dialect(call).wording
    statements: list[Statement | ServiceError] = []
    for request in requests:
        try:
            statements.append(statement_of(request, wording))
        except ServiceError as error:
            statements.append(error)
    if len({isinstance(statement, Select) for statement in statements if not isinstance(statement, ServiceError)}) > 1:
        raise refusal("Read and write requests together in the same batch is not supported.")
    responses = []
    reports = []
    done: list[Write] = []
    mode = reporting_mode(call.params)
    for request, statement in zip(requests, statements, strict=True):
        response, usage = _respond(state, call, request, statement, done)
        responses.append(response)
        if usage is not None and mode is not None:
            reports.append(consumed(response["TableName"], usage, mode))
    answer: dict[str, Any] = {"Responses": responses}
    if mode is not None:
        answer["ConsumedCapacity"] = reports
    return Outcome(answer, None if is_read_only(call.operation, call.params) else written(done))


def _respond(
    state: State, call: Call, request: Mapping[str, Any], statement: Statement | ServiceError, done: list[Write]
) -> tuple[dict[str, Any], Usage | None]:
    if isinstance(statement, ServiceError):
        return {"Error": _error(statement)}, None
    response: dict[str, Any] = {"TableName": statement.select.table if isinstance(statement, Exists) else statement.table}
    try:
        item, usage = _execute(state, call, request, statement, done)
    except ServiceError as error:
        return {"Error": _error(error), **response}, None
    if item is not None:
        response["Item"] = item
    return response, usage


def _execute(state: State, call: Call, request: Mapping[str, Any], statement: Statement, done: list[Write]) -> tuple[Any, Usage]:
    """Carry out one statement; a write that has been carried out is added to `done`."""
    if isinstance(statement, Exists):
        raise refusal("EXISTS is only supported in ExecuteTransaction")
    if isinstance(statement, Select):
        return _read(state, call, request, statement)
    write = prepare(state.table(call, statement.table), statement, state.dialect(call).wording)
    with state.lock:
        change = perform(write, show_on_failure=parameters.shows_failed_item(request))
    done.append(write)
    items = returned(statement, change)
    return (items[0] if items else None), change.usage()


def _read(state: State, call: Call, request: Mapping[str, Any], statement: Select) -> tuple[Any, Usage]:
    if statement.index is not None:
        raise refusal("Select statements within BatchExecuteStatement can not be made against a secondary index.")
    consistent = request.get("ConsistentRead", False)
    table = state.seen(call, statement.table, consistent=consistent)
    found = locate(table, statement, "BatchExecuteStatement")
    record = table.get(table.key.of_key(found.key))
    units = read_units(0 if record is None else size_of(record), consistent=consistent)
    return selected(statement, found, record), Usage(units)


def _error(error: ServiceError) -> dict[str, Any]:
    return {"Code": _CODES.get(error.spec.name, error.spec.name), "Message": error.message, **error.members}
