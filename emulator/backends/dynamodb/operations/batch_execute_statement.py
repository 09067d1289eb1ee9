"""BatchExecuteStatement: each statement succeeds or fails by itself, once the batch as a whole has been accepted. What a member's answer
holds, and what it consumes, as captured by nubo-db/dynoxide in eu-west-2 (its changelog after 0.13.0, 2026)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.aws.values import item_size
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode, write_units
from emulator.backends.dynamodb.operations.answers import duplicate_keys
from emulator.backends.dynamodb.operations.execute_statement import statement_of
from emulator.backends.dynamodb.partiql import ExistsStatement, InsertStatement, SelectStatement, Statement
from emulator.backends.dynamodb.partiql.keys import Found
from emulator.backends.dynamodb.partiql.select import locate, selected
from emulator.backends.dynamodb.partiql.writing import prepare, returned
from emulator.backends.dynamodb.records import size_of
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
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


@dataclass(frozen=True, slots=True)
class _Read:
    """A SELECT, ready to be carried out."""

    statement: SelectStatement
    table: Table
    found: Found
    key: bytes
    consistent: bool

    def run(self) -> tuple[Any, Usage]:
        record = self.table.get(self.key)
        units = read_units(0 if record is None else size_of(record), consistent=self.consistent)
        return selected(self.statement, self.found, record), Usage(units)


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement that writes, ready to be carried out."""

    statement: Statement
    write: Write

    @property
    def table(self) -> Table:
        return self.write.table

    @property
    def key(self) -> bytes:
        return self.write.key

    def run(self) -> tuple[Any, Usage]:
        # The failed item is not shown, whatever ReturnValuesOnConditionCheckFailure says
        change = perform(self.write)
        items = returned(self.statement, change)
        return (items[0] if items else None), change.usage()

    def attempted(self) -> Usage:
        """The capacity that a failed write is charged: that of the write that it would have been."""
        old = self.write.table.get(self.write.key)
        brought = item_size(self.write.item) if isinstance(self.statement, InsertStatement) else 0
        return Usage(write_units(max(0 if old is None else size_of(old), brought)))


_Member = _Read | _Written


class _Batch:
    """What has been carried out so far: the writes, what each table is charged, and the tables of statements that succeeded."""

    def __init__(self) -> None:
        self.done: list[Write] = []
        self.charged: dict[str, Usage] = {}
        self.succeeded: set[str] = set()

    def carry_out(self, member: _Member) -> dict[str, Any]:
        """The response to a statement."""
        name = member.statement.table  # type: ignore[union-attr]  # EXISTS has been refused
        response: dict[str, Any] = {"TableName": name}
        try:
            item, usage = member.run()
        except ServiceError as error:
            assert isinstance(member, _Written)
            response["Error"] = _error(error)
            usage = member.attempted()
        else:
            self.succeeded.add(name)
            if item is not None:
                response["Item"] = item
            if isinstance(member, _Written):
                self.done.append(member.write)
        self.charged.setdefault(name, Usage()).add(usage)
        return response


def batch_execute_statement(state: State, call: Call) -> Outcome:
    members = _members(state, call)
    ready = [(member.table.id, member.key) for member in members if not isinstance(member, ServiceError)]
    if len(set(ready)) < len(ready):
        raise duplicate_keys()
    batch = _Batch()
    with state.lock:
        responses = [{"Error": _error(member)} if isinstance(member, ServiceError) else batch.carry_out(member) for member in members]
    answer: dict[str, Any] = {"Responses": responses}
    mode = reporting_mode(call.params)
    if mode is not None and batch.succeeded:
        answer["ConsumedCapacity"] = [consumed(name, usage, mode) for name, usage in batch.charged.items() if name in batch.succeeded]
    return Outcome(answer, None if is_read_only(call.operation, call.params) else written(batch.done))


def _members(state: State, call: Call) -> list[_Member | ServiceError]:
    """The statements, each ready or refused on its own account. Raises ServiceError (ValidationException) for reads among writes."""
    requests: Sequence[Mapping[str, Any]] = call.params["Statements"]
    wording = state.parser_context(call).wording
    statements: list[Statement | ServiceError] = []
    for request in requests:
        try:
            statements.append(statement_of(request, wording))
        except ServiceError as error:
            statements.append(error.settled())
    if len({isinstance(statement, SelectStatement) for statement in statements if not isinstance(statement, ServiceError)}) > 1:
        raise refusal("Read and write requests together in the same batch is not supported.")
    members: list[_Member | ServiceError] = []
    for request, statement in zip(requests, statements, strict=True):
        try:
            members.append(statement if isinstance(statement, ServiceError) else _ready(state, call, request, statement))
        except ServiceError as error:
            members.append(error.settled())
    return members


def _ready(state: State, call: Call, request: Mapping[str, Any], statement: Statement) -> _Member:
    if isinstance(statement, ExistsStatement):
        raise refusal("EXISTS is only supported in ExecuteTransaction")
    if not isinstance(statement, SelectStatement):
        return _Written(statement, prepare(state.table(call, statement.table), statement, state.parser_context(call).wording))
    consistent = request.get("ConsistentRead", False)
    table = state.seen(call, statement.table, consistent=consistent)
    found = locate(table, statement, "BatchExecuteStatement")
    return _Read(statement, table, found, table.key.of_key(found.key), consistent)


def _error(error: ServiceError) -> dict[str, Any]:
    return {"Code": _CODES.get(error.spec.name, error.spec.name), "Message": error.message}
