"""PartiQL: what rules know of statements, and errors of single statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.aws.services import load_service
from emulator.clock import EmulatedClock
from emulator.scenario import ScenarioError, load_scenario
from emulator.scenario.effects import STATEMENT_ERRORS

TABLES = [
    {
        "name": "orders",
        "key": {"id": "S"},
        "indexes": [{"name": "by-day", "key": {"day": "S"}}],
        "items": [{"id": letter, "v": 7, "day": "mon"} for letter in "abc"],
    }
]
STORED = {"id": {"S": "a"}, "v": {"N": "7"}, "day": {"S": "mon"}}


@pytest.fixture
def client(
    start: Callable[..., Emulator], client_for: Callable[..., Any], no_retries: Config, emulated_clock: EmulatedClock
) -> Callable[..., Any]:
    """A client of one rule about statements."""

    def of(fault: Any, when: dict[str, Any] | None = None, **scenario: Any) -> Any:
        rule = {"name": "r", "when": {"operation": "partiql", **(when or {})}, "fault": fault}
        emulator = start({"version": 1, "tables": TABLES, "rules": [rule], **scenario}, clock=emulated_clock)
        made = client_for(emulator, config=no_retries)
        made.emulator = emulator
        return made

    return of


def run(client: Any, statement: str, *parameters: str, **more: Any) -> Any:
    """The items, or the name of the error."""
    if parameters:
        more["Parameters"] = [{"S": one} for one in parameters]
    try:
        return client.execute_statement(Statement=statement, **more)["Items"]
    except ClientError as error:
        return error.response["Error"]["Code"]


def batch(client: Any, *statements: str, **more: Any) -> list[str]:
    """For each statement: the code of its error, or ok."""
    responses = client.batch_execute_statement(Statements=[{"Statement": one, **more} for one in statements])["Responses"]
    return [response["Error"]["Code"] if "Error" in response else "ok" for response in responses]


THROTTLED = "ThrottlingException"
BATCH = {"operation": "BatchExecuteStatement"}


@pytest.mark.parametrize(
    ("statement", "parameters", "is_hit"),
    [
        ("SELECT * FROM orders WHERE id = 'a'", (), True),
        ("SELECT * FROM orders WHERE id = ?", ("a",), True),
        ("SELECT * FROM orders WHERE v > 5 AND 'a' = id", (), True),
        ("UPDATE orders SET v = 8 WHERE id = 'a'", (), True),
        ("DELETE FROM orders WHERE id = 'a' AND v = 7", (), True),
        ("INSERT INTO orders VALUE {'id': 'a', 'v': 1}", (), True),
        ("INSERT INTO orders VALUE {'id': ?}", ("a",), True),
        ("SELECT * FROM orders WHERE id = 'b'", (), False),
        ("SELECT * FROM orders WHERE id = 'a' OR id = 'b'", (), False),
        ("SELECT * FROM orders", (), False),
        ("SELECT * FROM \"orders\".\"by-day\" WHERE id = 'a' AND day = 'mon'", (), False),
    ],
)
def test_a_rule_knows_the_key_of_a_statement(client: Callable[..., Any], statement: str, parameters: tuple[str, ...], is_hit: bool) -> None:
    c = client(THROTTLED, {"key": {"id": "a"}})
    assert (run(c, statement, *parameters) == THROTTLED) == is_hit


def test_what_does_not_parse_names_nothing(client: Callable[..., Any]) -> None:
    c = client("InternalServerError", {"key": {"id": "a"}})
    assert run(c, "SELECT * FROM orders WHERE id = ") == "ValidationException"
    assert run(c, "SELECT * FROM orders WHERE id = ?") == "ValidationException"


def test_a_rule_knows_the_index_of_a_statement(client: Callable[..., Any]) -> None:
    c = client(THROTTLED, {"index": "by-*"})
    assert run(c, 'SELECT * FROM "orders"."by-day" WHERE day = \'mon\'') == THROTTLED
    assert len(run(c, "SELECT * FROM orders WHERE day = 'mon'")) == 3


def test_batches_and_transactions_name_items_too(client: Callable[..., Any]) -> None:
    c = client("InternalServerError", {"key": {"id": "b"}})
    select = "SELECT * FROM orders WHERE id = '%s'"
    assert batch(c, select % "a", select % "c") == ["ok", "ok"]
    with pytest.raises(ClientError, match="InternalServerError"):
        batch(c, select % "a", select % "b")
    with pytest.raises(ClientError, match="InternalServerError"):
        c.execute_transaction(TransactStatements=[{"Statement": select % "b"}])


def test_stale_statements(client: Callable[..., Any], emulated_clock: EmulatedClock) -> None:
    c = client({"stale": "10s"})
    emulated_clock.advance(20)
    select = "SELECT v FROM orders WHERE id = 'a'"
    assert run(c, "UPDATE orders SET v = 8 WHERE id = 'a'") == []
    assert run(c, select, ConsistentRead=True) == [{"v": {"N": "7"}}]
    (told,) = c.batch_execute_statement(Statements=[{"Statement": select, "ConsistentRead": True}])["Responses"]
    assert told["Item"] == {"v": {"N": "7"}}
    (told,) = c.execute_transaction(TransactStatements=[{"Statement": select}])["Responses"]
    assert told["Item"] == {"v": {"N": "7"}}
    emulated_clock.advance(10)
    assert run(c, select) == [{"v": {"N": "8"}}]
    written, *read = list(c.emulator.journal)
    assert (written.fault, {one.fault for one in read}) == ("", {"stale by 10s"})
    assert c.emulator.core.explain(written)[0].text == "read: wanted a request that reads, was ExecuteStatement"


def test_a_key_is_a_scope_for_statements_and_items_alike(client: Callable[..., Any]) -> None:
    c = client(THROTTLED, {"operation": ["ExecuteStatement", "GetItem"], "per": "key", "request": 2})
    assert run(c, "SELECT * FROM orders WHERE id = 'a'") == [STORED]
    assert run(c, "SELECT * FROM orders WHERE id = 'b'") != THROTTLED
    with pytest.raises(ClientError, match=THROTTLED):
        c.get_item(TableName="orders", Key={"id": {"S": "a"}})


def test_a_try_is_known_by_the_key_of_a_statement(client: Callable[..., Any]) -> None:
    c = client(THROTTLED, {"try": "1..2"})
    update = "UPDATE orders SET v = %d WHERE id = '%s'"
    assert run(c, update % (1, "a")) == THROTTLED
    # Reading it in between is something else
    assert run(c, "SELECT * FROM orders WHERE id = 'a'") == THROTTLED
    assert run(c, update % (2, "a")) == THROTTLED
    assert run(c, update % (3, "a")) == []
    assert run(c, update % (4, "b")) == THROTTLED


def test_statements_that_failed_in_a_batch_go_on_in_the_next(client: Callable[..., Any]) -> None:
    c = client({"statements": {"every": 1, "error": "ThrottlingError"}}, {**BATCH, "try": 1, "per": "key"})
    update = "UPDATE orders SET v = 9 WHERE id = '%s'"
    assert batch(c, update % "a") == ["ThrottlingError"]
    assert batch(c, update % "a", update % "b") == ["ok", "ThrottlingError"]
    assert batch(c, update % "b") == ["ok"]


def test_writes_by_statements_count_for_their_keys(client: Callable[..., Any]) -> None:
    expect = [{"calls": {"key": {"id": "a"}}, "applied": {"per_key": 2}}, {"calls": {"key": {"id": "b"}}, "applied": {"per_key": 0}}]
    c = client({"statements": {"keys": [{"id": "b"}], "error": "ThrottlingError"}}, BATCH, expect=expect)
    assert run(c, "UPDATE orders SET v = 8 WHERE id = 'a'") == []
    assert batch(c, "UPDATE orders SET v = 9 WHERE id = 'a'") == ["ok"]
    assert batch(c, "UPDATE orders SET v = 9 WHERE id = 'b'") == ["ThrottlingError"]
    assert [finding.status for finding in c.emulator.report().expectations] == ["pass", "pass"]


# --- errors of single statements


def stored(client: Any) -> dict[str, str]:
    return {item["id"]["S"]: item["v"]["N"] for item in client.scan(TableName="orders")["Items"]}


def test_statements_fail_by_position_and_really_are_not_done(client: Callable[..., Any]) -> None:
    c = client({"statements": {"0": "ThrottlingError", "2": "InternalServerError", "9": "DuplicateItem"}}, BATCH)
    assert batch(c, *(f"UPDATE orders SET v = 9 WHERE id = '{one}'" for one in "abc")) == ["ThrottlingError", "ok", "InternalServerError"]
    assert stored(c) == {"a": "7", "b": "9", "c": "7"}
    (entry, _) = c.emulator.journal
    assert (entry.fault, entry.applied, len(entry.written.keys)) == ("statements 2 of 3", True, 1)


def test_each_has_its_text_and_its_table(client: Callable[..., Any]) -> None:
    c = client({"statements": {"1": "ThrottlingError"}}, BATCH)
    select = "SELECT v FROM orders WHERE id = '%s'"
    first, second = c.batch_execute_statement(Statements=[{"Statement": select % "a"}, {"Statement": select % "b"}])["Responses"]
    assert first == {"TableName": "orders", "Item": {"v": {"N": "7"}}}
    assert (second["TableName"], second["Error"]["Code"]) == ("orders", "ThrottlingError")
    assert second["Error"]["Message"]


@pytest.mark.parametrize(
    ("which", "codes"),
    [
        ({"every": 2}, ["ok", "DuplicateItem", "ok"]),
        ({"indexes": [0, 2]}, ["DuplicateItem", "ok", "DuplicateItem"]),
        ({"all_but": 1}, ["ok", "DuplicateItem", "DuplicateItem"]),
        ({"keys": [{"id": "b"}]}, ["ok", "DuplicateItem", "ok"]),
        ({"fraction": 1}, ["DuplicateItem"] * 3),
    ],
)
def test_statements_are_selected_as_entries_are(client: Callable[..., Any], which: dict[str, Any], codes: list[str]) -> None:
    c = client({"statements": {**which, "error": "DuplicateItem"}}, BATCH)
    assert batch(c, *(f"UPDATE orders SET v = 9 WHERE id = '{one}'" for one in "abc")) == codes
    assert stored(c) == {one: "9" if code == "ok" else "7" for one, code in zip("abc", codes, strict=True)}
    (entry, _) = c.emulator.journal
    assert entry.applied is ("ok" in codes)


def test_all_of_a_reading_batch(client: Callable[..., Any]) -> None:
    c = client({"statements": {"every": 1, "error": "AccessDenied"}}, BATCH)
    assert batch(c, "SELECT * FROM orders WHERE id = 'a'") == ["AccessDenied"]
    told = c.batch_execute_statement(Statements=[{"Statement": "SELECT * FROM orders WHERE id = 'a'"}], ReturnConsumedCapacity="TOTAL")
    assert told["ConsumedCapacity"] == []
    assert {entry.applied for entry in c.emulator.journal} == {None}


def test_only_statements_that_the_rule_is_about(client: Callable[..., Any]) -> None:
    c = client({"statements": {"every": 1, "error": "ThrottlingError"}}, {**BATCH, "key": {"id": "[bc]"}})
    assert batch(c, *(f"SELECT * FROM orders WHERE id = '{one}'" for one in "abc")) == ["ok", "ThrottlingError", "ThrottlingError"]


def test_failed_conditions_need_one_and_show_the_item_that_is_stored(client: Callable[..., Any]) -> None:
    c = client({"statements": {"every": 1, "error": "ConditionalCheckFailed"}}, BATCH)
    assert batch(c, "INSERT INTO orders VALUE {'id': 'd'}", "UPDATE orders SET v = 9 WHERE id = 'a'") == ["ok", "ConditionalCheckFailed"]
    asked = {"Statement": "UPDATE orders SET v = 9 WHERE id = 'a'", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    (told,) = c.batch_execute_statement(Statements=[asked])["Responses"]
    assert told["Error"]["Item"] == STORED
    assert batch(c, "SELECT * FROM orders WHERE id = 'a'") == ["ok"]
    (report,) = c.emulator.rules.list()
    assert (report.matched, report.fired) == (2, 2)


def test_the_codes_are_those_of_the_model() -> None:
    assert set(STATEMENT_ERRORS) == set(load_service("dynamodb").shape("BatchStatementErrorCodeEnum").enum)


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ("{0: Throttling}", "ThrottlingError"),
        ("{x: ThrottlingError}", "expected a position from 0 to 99"),
        ("{every: 2}", "'statements' needs the key 'error'"),
        ("{error: ThrottlingError}", "'statements' selects in one way, not 0"),
        ("{error: ThrottlingError, every: 2, all_but: 1}", "'statements' selects in one way, not 2"),
        ("[]", "expected errors by position, from 0"),
    ],
)
def test_problems_say_what_is_wrong(statements: str, complaint: str) -> None:
    text = "version: 1\nrules: [{name: r, when: {operation: BatchExecuteStatement}, fault: {statements: %s}}]"
    with pytest.raises(ScenarioError, match=complaint):
        load_scenario(text % statements)
    with pytest.raises(ScenarioError, match="'statements' is for BatchExecuteStatement, but this rule also matches"):
        load_scenario((text % "{0: ThrottlingError}").replace("BatchExecuteStatement}", "partiql}"))
