"""ExecuteStatement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.aws.values import AttributeValue, check_value
from emulator.aws.wording import Words
from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.operations.answers import add_usage
from emulator.backends.dynamodb.partiql import ExistsStatement, SelectStatement, Statement, parse
from emulator.backends.dynamodb.partiql.select import select
from emulator.backends.dynamodb.partiql.tokens import issue, redeem
from emulator.backends.dynamodb.partiql.writing import prepare, returned
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import perform, written
from emulator.messages import Call, Outcome


def execute_statement(state: State, call: Call) -> Outcome:
    params = call.params
    wording = state.parser_context(call).wording
    values = parameter_values(params, wording)
    statement = parse(params["Statement"], values, wording)
    if isinstance(statement, ExistsStatement):
        raise refusal("EXISTS is only supported in ExecuteTransaction")
    if isinstance(statement, SelectStatement):
        return Outcome(_rows(state, call, statement, values))
    if "NextToken" in params:
        redeem(params["NextToken"], params["Statement"], values)
        raise refusal("NextToken does not match request")
    write = prepare(state.table(call, statement.table), statement, wording)
    with state.lock:
        change = perform(write, show_on_failure=parameters.shows_failed_item(params))
    answer: dict[str, Any] = {"Items": returned(statement, change)}
    add_usage(answer, {**params, "TableName": statement.table}, change)
    return Outcome(answer, written([write]))


def parameter_values(params: Mapping[str, Any], wording: Words) -> list[AttributeValue]:
    """The values for the question marks of a statement, in normal form. Raises ServiceError (ValidationException)."""
    return [check_value(value, wording) for value in params.get("Parameters", ())]


def statement_of(params: Mapping[str, Any], wording: Words) -> Statement:
    """One statement of several. Raises ServiceError (ValidationException)."""
    return parse(params["Statement"], parameter_values(params, wording), wording)


def _rows(state: State, call: Call, statement: SelectStatement, values: Sequence[AttributeValue]) -> dict[str, Any]:
    params = call.params
    token = params.get("NextToken")
    start = None if token is None else redeem(token, params["Statement"], values)
    rows = select(state, call, statement, params, start)
    answer: dict[str, Any] = {"Items": rows.items}
    if rows.place is not None:
        answer["NextToken"] = issue(rows.place, params["Statement"], values)
        if rows.place.key is not None:
            answer["LastEvaluatedKey"] = rows.place.key
    if rows.capacity is not None:
        answer["ConsumedCapacity"] = rows.capacity
    return answer
