"""A suite that was written for LocalStack's chaos routes runs here: the examples of its documentation, as far as they are DynamoDB's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.server.app import create_app

ONE_TABLE = "{version: 1, tables: [{name: orders, key: {id: S}}]}"
ITEM = {"id": {"S": "a"}}


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    return start(ONE_TABLE)


@pytest.fixture
def chaos(emulator: Emulator) -> Callable[..., Any]:
    def ask(method: str, what: str = "faults", body: Any = None, status: int = 200) -> Any:
        answer = requests.request(method, f"{emulator.url}/_localstack/chaos/{what}", json=body, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


@pytest.fixture
def client(emulator: Emulator, client_for: Callable[..., Any], no_retries: Config) -> Any:
    return client_for(emulator, config=no_retries)


def error_of(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_outage_begins_and_ends(chaos: Callable[..., Any], client: Any) -> None:
    outage = [{"service": "dynamodb", "region": "us-east-1"}, {"service": "s3"}]
    assert chaos("POST", body=outage) == outage
    assert chaos("GET") == outage
    assert error_of(client.list_tables) == ("ServiceUnavailable", 503)
    assert chaos("POST", body=[]) == []
    assert client.list_tables()["TableNames"] == ["orders"]


def test_another_region_is_untouched(chaos: Callable[..., Any], emulator: Emulator, client_for: Callable[..., Any]) -> None:
    chaos("POST", body=[{"service": "dynamodb", "region": "us-east-1"}])
    assert client_for(emulator, region="eu-central-1").list_tables()["TableNames"]


def test_rules_are_added_and_removed(chaos: Callable[..., Any], client: Any) -> None:
    chaos("POST", body=[{"operation": "DescribeTable"}])
    error = {"statusCode": 400, "code": "ProvisionedThroughputExceededException"}
    added = {"service": "dynamodb", "operation": "PutItem", "error": error}
    assert chaos("PATCH", body=[added]) == [{"operation": "DescribeTable"}, added]
    assert error_of(lambda: client.put_item(TableName="orders", Item=ITEM)) == ("ProvisionedThroughputExceededException", 400)
    assert error_of(lambda: client.describe_table(TableName="orders")) == ("ServiceUnavailable", 503)
    assert chaos("DELETE", body=[{**added, "probability": 0.5}]) == [{"operation": "DescribeTable"}, added]
    assert chaos("DELETE", body=[added]) == [{"operation": "DescribeTable"}]
    client.put_item(TableName="orders", Item=ITEM)


def test_an_empty_rule_hits_every_service(
    chaos: Callable[..., Any], emulator: Emulator, client_for: Callable[..., Any], no_retries: Config
) -> None:
    chaos("POST", body=[{"error": {"statusCode": 418, "code": "Teapot"}}])
    streams = client_for(emulator, "dynamodbstreams", config=no_retries)
    assert error_of(streams.list_streams) == ("Teapot", 418)
    assert error_of(client_for(emulator, config=no_retries).list_tables) == ("Teapot", 418)


def test_chance_is_drawn(chaos: Callable[..., Any], emulator: Emulator, client: Any) -> None:
    chaos("POST", body=[{"service": "dynamodb", "operation": "GetItem", "probability": 0}])
    client.get_item(TableName="orders", Key=ITEM)
    assert emulator.report().passed  # that it never fires is no fault of the run


def test_latency_is_added_to_faults_too(chaos: Callable[..., Any], emulator: Emulator, client: Any) -> None:
    chaos("POST", body=[{"service": "dynamodb", "operation": "ListTables"}])
    assert chaos("POST", "effects", {"latency": 30}) == {"latency": 30} == chaos("GET", "effects")
    client.get_item(TableName="orders", Key=ITEM)
    assert error_of(client.list_tables) == ("ServiceUnavailable", 503)
    plans = [entry.plan for entry in emulator.journal]
    assert [plan.delay if plan else 0 for plan in plans] == [0.03, 0.03]
    chaos("POST", "effects", {"latency": 0})
    assert [rule.name for rule in emulator.rules.list()] == ["localstack-1-dynamodb"]


def test_another_scenario_ends_it(chaos: Callable[..., Any], emulator: Emulator, client: Any) -> None:
    chaos("POST", body=[{"service": "dynamodb"}])
    chaos("POST", "effects", {"latency": 10})
    emulator.load(ONE_TABLE)
    assert (chaos("GET"), chaos("GET", "effects")) == ([], {"latency": 0})
    assert client.list_tables()["TableNames"] == ["orders"]


@pytest.mark.parametrize(
    ("what", "body", "said"),
    [
        ("faults", {"service": "dynamodb"}, "the body is a list of rules"),
        ("faults", [{"servise": "dynamodb"}], "unknown key 'servise'"),
        ("faults", [{"probability": 2}], "from 0 to 1"),
        ("faults", [{"region": 1}], "'region' is text"),
        ("faults", [{"error": {"statusCode": 99}}], "from 200 to 599"),
        ("faults", [{"error": {"status": 500}}], "'error' has a 'statusCode' and a 'code'"),
        ("effects", {"latency": -1}, "MILLISECONDS"),
        ("effects", {"jitter": 1}, "MILLISECONDS"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(chaos: Callable[..., Any], what: str, body: Any, said: str) -> None:
    chaos("POST", body=[{"service": "dynamodb"}])
    assert said in chaos("POST", what, body, 422)["error"]["message"]
    assert (chaos("GET"), chaos("GET", "effects")) == ([{"service": "dynamodb"}], {"latency": 0})


def test_who_may_not_use_the_admin_api_may_not_use_this(start: Callable[..., Emulator]) -> None:
    url = f"{start(admin_token='secret').url}/_localstack/chaos/faults"
    assert requests.post(url, json=[{}], timeout=60).status_code == 401
    assert requests.get(url, headers={"Authorization": "Bearer secret"}, timeout=60).json() == []


def test_under_another_server_too(emulator: Emulator) -> None:
    assert create_app(emulator.core).test_client().get("/_localstack/chaos/faults").json == []
