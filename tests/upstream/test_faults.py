"""Every fault that makes sense in front of an upstream; what cannot be had there is refused when the scenario is loaded."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, HTTPClientError

from emulator import Emulator, EmulatorError
from emulator.scenario import ScenarioError
from tests.upstream.servers import Does, RawUpstream, answer, ask

Start = Callable[..., Emulator]
TABLE = {"name": "orders", "key": {"id": "S"}, "items": [{"id": name, "total": 7} for name in "abcdefgh"]}


class Pair:
    """A healthy emulator, one in front of it with a rule, and a client for each."""

    def __init__(self, start: Start, client_for: Callable[..., Any], settings: Any, fault: Any, **when: Any) -> None:
        self.far = start({"version": 1, "tables": [TABLE]})
        rules = [{"name": "rule", "when": when, "fault": fault}] if fault is not None else []
        self.near = start({"version": 1, "upstream": self.far.url, "rules": rules, **settings.get("scenario", {})})
        self.client = client_for(self.near, config=settings["config"])
        self.direct = client_for(self.far)

    def there(self, name: str) -> Any:
        return self.direct.get_item(TableName="orders", Key={"id": {"S": name}}).get("Item")

    def put(self, name: str = "new") -> Any:
        return self.client.put_item(TableName="orders", Item={"id": {"S": name}})

    @property
    def asked(self) -> list[str]:
        """The operations that the upstream saw, without looks at tables and what the direct client asked."""
        theirs = {entry.call.invocation for entry in self.near.journal if entry.call}
        known = [entry for entry in self.far.journal if entry.call and entry.call.invocation in theirs]
        return [entry.operation for entry in known if entry.operation != "DescribeTable"]


@pytest.fixture
def pair(start: Start, client_for: Callable[..., Any], no_retries: Any) -> Callable[..., Pair]:
    def make(fault: Any = None, scenario: dict[str, Any] | None = None, **when: Any) -> Pair:
        return Pair(start, client_for, {"config": no_retries, "scenario": scenario or {}}, fault, **when)

    return make


def test_an_error_is_kept_back(pair: Callable[..., Pair]) -> None:
    run = pair("ThrottlingException", operation="PutItem")
    with pytest.raises(ClientError, match="ThrottlingException"):
        run.put()
    assert (run.asked, run.there("new")) == ([], None)
    (entry,) = run.near.journal.entries()
    assert (entry.rule, entry.upstream, entry.applied, entry.is_upstreams_error) == ("rule", None, False, False)


@pytest.mark.parametrize(
    "fault",
    [{"error": "InternalServerError", "applied": True}, {"connection": "reset", "applied": True}, {"response": "html", "applied": True}],
)
def test_a_write_is_sent_on_and_its_answer_lost(fault: Any, pair: Callable[..., Pair]) -> None:
    run = pair(fault, operation="PutItem")
    if fault.get("response") == "html":
        # A page with status 200 is a success to boto3
        run.put()
    else:
        with pytest.raises((ClientError, HTTPClientError)):
            run.put()
    assert (run.asked, run.there("new") is not None) == (["PutItem"], True)
    (entry,) = run.near.journal.entries()
    assert (entry.applied, entry.upstream and entry.upstream.how, entry.is_upstreams_error) == (True, "answered", False)


@pytest.mark.parametrize("fault", [{"connection": "reset"}, {"connection": "close"}, {"connection": "reset", "after": "headers"}])
def test_connections_end_as_the_rule_has_it(fault: Any, pair: Callable[..., Pair]) -> None:
    run = pair(fault, operation="GetItem")
    with pytest.raises(HTTPClientError):
        run.client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    # A read whose answer nobody would see costs the upstream nothing
    assert run.asked == (["GetItem"] if "after" in fault else [])


def test_delays_and_drips_are_the_upstreams_own_answer_late(pair: Callable[..., Pair]) -> None:
    run = pair({"delay": "50ms", "drip": "10kB/s"}, operation="GetItem")
    assert run.client.get_item(TableName="orders", Key={"id": {"S": "a"}})["Item"]["total"] == {"N": "7"}
    (entry,) = run.near.journal.entries()
    assert entry.ended is not None
    assert entry.ended - entry.request.arrived >= 0.05


def test_half_a_batch_is_really_half(pair: Callable[..., Pair]) -> None:
    run = pair({"unprocessed": {"every": 2}}, operation="BatchWriteItem")
    batch = {"orders": [{"PutRequest": {"Item": {"id": {"S": f"new-{number}"}}}} for number in range(6)]}
    left = run.client.batch_write_item(RequestItems=batch)["UnprocessedItems"]["orders"]
    assert [entry["PutRequest"]["Item"]["id"]["S"] for entry in left] == ["new-1", "new-3", "new-5"]
    assert [run.there(f"new-{number}") is not None for number in range(6)] == [True, False] * 3
    (entry,) = run.near.journal.entries()
    assert entry.written is not None
    assert [key for _, key in entry.written.keys] == [f'{{"id":{{"S":"new-{number}"}}}}' for number in (0, 2, 4)]


def test_half_a_batch_of_reads_and_of_statements_too(pair: Callable[..., Pair]) -> None:
    run = pair({"unprocessed": {"all_but": 1}}, operation="BatchGetItem")
    answered = run.client.batch_get_item(RequestItems={"orders": {"Keys": [{"id": {"S": name}} for name in "abc"]}})
    assert [item["id"]["S"] for item in answered["Responses"]["orders"]] == ["a"]
    assert len(answered["UnprocessedKeys"]["orders"]["Keys"]) == 2
    run = pair({"statements": {0: "ThrottlingError"}}, operation="BatchExecuteStatement")
    statements = [{"Statement": f"INSERT INTO orders VALUE {{'id': '{name}'}}"} for name in ("first", "second")]
    responses = run.client.batch_execute_statement(Statements=statements)["Responses"]
    assert [response.get("Error", {}).get("Code") for response in responses] == ["ThrottlingError", None]
    assert (run.there("first"), run.there("second") is not None) == (None, True)
    assert [entry.written and entry.written.keys for entry in run.near.journal] == [(("orders", '{"id":{"S":"second"}}'),)]


def test_short_and_empty_pages(pair: Callable[..., Pair]) -> None:
    run = pair({"page": {"items": 3}}, operation="Scan")
    pages = [page["Count"] for page in run.client.get_paginator("scan").paginate(TableName="orders")]
    assert sum(pages) == 8
    assert max(pages) == 3
    run = pair({"page": "empty"}, operation="Scan", call=1)
    pages = [page["Count"] for page in run.client.get_paginator("scan").paginate(TableName="orders")]
    assert (pages[0], sum(pages)) == (0, 8)


def test_a_cancelled_transaction_is_kept_back(pair: Callable[..., Pair]) -> None:
    run = pair({"cancel": {"1": "TransactionConflict"}}, operation="TransactWriteItems")
    actions = [{"Put": {"TableName": "orders", "Item": {"id": {"S": name}}}} for name in ("first", "second")]
    with pytest.raises(ClientError) as caught:
        run.client.transact_write_items(TransactItems=actions)
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == ["None", "TransactionConflict"]
    assert run.asked == []


def test_a_failed_condition_shows_the_upstreams_item(pair: Callable[..., Pair]) -> None:
    run = pair("ConditionalCheckFailedException", operation="PutItem")
    condition = {"ConditionExpression": "attribute_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(ClientError) as caught:
        run.client.put_item(TableName="orders", Item={"id": {"S": "a"}}, **condition)
    response: Any = caught.value.response
    assert response["Item"] == {"id": {"S": "a"}, "total": {"N": "7"}}


def test_throughput_follows_what_the_upstream_reports(pair: Callable[..., Pair]) -> None:
    run = pair(scenario={"throughput": [{"limit": "partition-key", "table": "orders", "write": 2, "burst": "1h"}]})
    for _ in range(3):
        answered = run.client.put_item(TableName="orders", Item={"id": {"S": "hot"}, "big": {"S": "x" * 1024 * 1024 * 0 + "x" * 9000}})
        assert "ConsumedCapacity" not in answered
    # 9 kB are nine units at each write, as the upstream says; the bucket holds 7,200
    (state,) = run.near.core.rule_set._counters.throughput._states  # type: ignore[union-attr]
    (bucket,) = state._buckets.values()
    assert 7200 - bucket.units == pytest.approx(27, abs=1)


def test_a_table_takes_its_time_and_says_so(pair: Callable[..., Pair]) -> None:
    run = pair({"table_status": {"CREATING": "1h"}}, operation="CreateTable")
    attribute = {"AttributeName": "id"}
    created = run.client.create_table(
        TableName="slow",
        KeySchema=[{**attribute, "KeyType": "HASH"}],
        AttributeDefinitions=[{**attribute, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert created["TableDescription"]["TableStatus"] == "CREATING"
    assert run.client.describe_table(TableName="slow")["Table"]["TableStatus"] == "CREATING"
    assert run.direct.describe_table(TableName="slow")["Table"]["TableStatus"] == "ACTIVE"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        run.client.get_item(TableName="slow", Key={"id": {"S": "a"}})
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Table is being created: slow"):
        run.client.delete_table(TableName="slow")
    run.near.clock.advance(3600)
    assert run.client.describe_table(TableName="slow")["Table"]["TableStatus"] == "ACTIVE"


def test_a_deleted_table_is_still_there_for_a_while(pair: Callable[..., Pair]) -> None:
    run = pair({"table_status": {"DELETING": "1h"}}, operation="DeleteTable")
    assert run.client.delete_table(TableName="orders")["TableDescription"]["TableStatus"] == "DELETING"
    assert run.client.describe_table(TableName="orders")["Table"]["TableStatus"] == "DELETING"
    run.near.clock.advance(3600)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        run.client.describe_table(TableName="orders")


def test_clocks(pair: Callable[..., Pair]) -> None:
    run = pair({"skew": "-20m"}, operation="GetItem")
    response = run.client.get_item(TableName="orders", Key={"id": {"S": "a"}})["ResponseMetadata"]
    date = parsedate_to_datetime(response["HTTPHeaders"]["date"])
    assert timedelta(minutes=19) < datetime.now(timezone.utc) - date < timedelta(minutes=21)


def test_signatures(pair: Callable[..., Pair], client_for: Callable[..., Any], no_retries: Any) -> None:
    run = pair(scenario={"auth": {"keys": {"AKIDGOOD": "secret"}}})
    assert client_for(run.near).list_tables()["TableNames"] == ["orders"]
    stranger = client_for(run.near, aws_access_key_id="AKIDBAD", config=no_retries)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.list_tables()
    assert run.asked == ["ListTables"]


@pytest.mark.parametrize("response", ["wrong-crc", "no-crc", "cut-json", "not-json", "no-request-id", "wrong-content-type", "empty"])
def test_answers_are_broken_in_one_way(response: str, start: Start) -> None:
    said = answer(200, b'{"Item":{}}', ("x-amzn-RequestId", "THEIRS"), ("X-Odd", "kept"))
    rule = {"name": "broken", "fault": {"response": response}}
    with RawUpstream(lambda asked: Does(said)) as far:
        near = start({"version": 1, "upstream": far.url, "rules": [rule]})
        headers, body = ask("GetItem", TableName="orders", Key={"id": {"S": "a"}})
        came = requests.post(near.url, data=body, headers={**headers, "accept-encoding": "gzip"}, timeout=20)
        # What is to be broken must not come packed
        assert far.asked[0].headers["accept-encoding"] == "identity"
    assert came.headers["x-odd"] == "kept"
    assert (came.content == b'{"Item":{}}') == (response in ("wrong-crc", "no-crc", "no-request-id", "wrong-content-type"))


def test_a_page_that_is_no_answer_of_the_service_is_no_bug_of_ours(start: Start) -> None:
    """A rule wants to change what the answer of an odd upstream does not have."""
    rule = {"name": "half", "when": {"operation": "BatchExecuteStatement"}, "fault": {"statements": {0: "ThrottlingError"}}}
    with RawUpstream(lambda asked: Does(answer(200, b'{"odd":1}'))) as far:
        near = start({"version": 1, "upstream": far.url, "rules": [rule]})
        headers, body = ask("BatchExecuteStatement", Statements=[{"Statement": f"DELETE FROM t WHERE id='{one}'"} for one in "ab"])
        assert requests.post(near.url, data=body, headers=headers, timeout=20).json() == {"odd": 1}
    (entry,) = near.journal.entries()
    assert (entry.upstream and entry.upstream.how, entry.bug) == ("broken", "")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "stale reads": (
        {"rules": [{"name": "past", "when": {"operation": "GetItem"}, "fault": {"stale": "5s"}}]},
        "rule 'past' asks for reads of the past",
    ),
    "lag": ({"consistency": {"lag": "2s"}}, "'consistency' asks for reads of the past"),
    "end state": ({"expect": [{"table": "orders", "items": 1}]}, "what an upstream's tables hold is not looked at"),
    "tables": (
        {"tables": [{"name": "orders", "key": {"id": "S"}}]},
        "table 'orders' is made at an upstream with --create-tables PREFIX only",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_had_is_refused_with_its_place(name: str) -> None:
    sections, message = REFUSED[name]
    with pytest.raises(ScenarioError, match=message) as caught:
        Emulator({"version": 1, "upstream": "http://127.0.0.1:1", **sections})
    assert all(problem.line > 1 for problem in caught.value.problems)


def test_a_rule_that_comes_later_is_refused_too(start: Start) -> None:
    near = start(upstream="http://127.0.0.1:1")
    with pytest.raises(ScenarioError, match="reads of the past"):
        near.rules.add({"name": "past", "when": {"operation": "GetItem"}, "fault": {"stale": "5s"}})


def test_time_passes_at_an_upstream(start: Start) -> None:
    near = start(upstream="http://127.0.0.1:1")
    with pytest.raises(EmulatorError, match="at an upstream, time passes"), near.fast_time():
        pytest.fail("it must not begin")


def test_the_data_are_not_ours_to_drop(pair: Callable[..., Pair]) -> None:
    run = pair()
    with pytest.raises(Exception, match="the upstream's"):
        run.near.reset("data")
    run.near.reset()
    assert run.there("a") is not None


def test_reset_before_an_answer_is_rst(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
    near = start({"version": 1, "upstream": url, "rules": [{"name": "reset", "fault": {"connection": "reset"}}]})
    headers, body = ask("GetItem", TableName="orders", Key={"id": {"S": "a"}})
    with pytest.raises(requests.ConnectionError):
        requests.post(near.url, data=body, headers=headers, timeout=20)
