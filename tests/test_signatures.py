"""`auth` with `keys`: real clients that sign right, wrong, too early, too late, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import botocore.auth
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

TABLE = {"name": "orders", "key": {"id": "S"}}
KEYS = {"AKIDONE": "first-secret", "AKIDTWO": {"secret": "second-secret", "token": "a-token", "expires": "1h"}}
ITEM = {"id": {"S": "a"}}


@pytest.fixture
def emulator(start: Start) -> Emulator:
    return start({"version": 1, "tables": [TABLE], "auth": {"keys": KEYS}})


@pytest.fixture
def signing(emulator: Emulator, client_for: ClientFor, no_retries: Config) -> Callable[..., Any]:
    """A client with these credentials."""

    def signing(key: str, secret: str, token: str | None = None, service: str = "dynamodb") -> Any:
        credentials = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}
        return client_for(emulator, service, config=no_retries, **credentials)

    return signing


def code(caught: pytest.ExceptionInfo[ClientError]) -> Any:
    return caught.value.response["Error"]["Code"]


class TestKeys:
    def test_clients_of_the_emulator_have_the_first_key(self, emulator: Emulator, client_for: ClientFor) -> None:
        client_for(emulator).put_item(TableName="orders", Item=ITEM)
        assert [entry.error for entry in emulator.journal] == [""]

    def test_a_key_with_its_token(self, signing: Callable[..., Any]) -> None:
        assert signing("AKIDTWO", "second-secret", "a-token").get_item(TableName="orders", Key=ITEM)["ResponseMetadata"]

    @pytest.mark.parametrize(
        ("credentials", "error"),
        [
            (("AKIDNOBODY", "first-secret"), "UnrecognizedClientException"),
            (("AKIDONE", "second-secret"), "InvalidSignatureException"),
            (("AKIDONE", "first-secret", "a-token"), "UnrecognizedClientException"),
            (("AKIDTWO", "second-secret"), "UnrecognizedClientException"),
            (("AKIDTWO", "second-secret", "b-token"), "UnrecognizedClientException"),
        ],
    )
    def test_other_credentials(self, emulator: Emulator, signing: Callable[..., Any], credentials: tuple[str, ...], error: str) -> None:
        with pytest.raises(ClientError) as caught:
            signing(*credentials).put_item(TableName="orders", Item=ITEM)
        assert code(caught) == error
        (call,) = emulator.calls(operation="PutItem")
        assert (call.outcome, call.applied, call.first.applied) == (error, 0, False)

    def test_streams_are_signed_for_the_same_service(self, signing: Callable[..., Any]) -> None:
        assert signing("AKIDONE", "first-secret", service="dynamodbstreams").list_streams()["Streams"] == []

    def test_other_services_too(self, signing: Callable[..., Any]) -> None:
        assert signing("AKIDONE", "first-secret", service="backup-gateway").list_gateways()["Gateways"] == []
        with pytest.raises(ClientError) as caught:
            signing("AKIDONE", "wrong", service="backup-gateway").list_gateways()
        assert code(caught) == "InvalidSignatureException"

    def test_a_sandbox_checks_what_the_client_sent(self, emulator: Emulator, client_for: ClientFor) -> None:
        url = f"{emulator.url}/sandbox/mine"
        scenario = {"version": 1, "tables": [TABLE], "auth": {"keys": KEYS}}
        assert requests.put(f"{url}/_emulator/scenario", json=scenario, timeout=20).status_code == 200
        client = client_for(emulator, aws_access_key_id="AKIDONE", aws_secret_access_key="first-secret", endpoint_url=url)
        assert client.list_tables()["TableNames"] == ["orders"]


class TestTime:
    def test_a_key_expires_by_the_scenario_s_time(self, emulator: Emulator, signing: Callable[..., Any]) -> None:
        client = signing("AKIDTWO", "second-secret", "a-token")
        client.list_tables()
        emulator.clock.advance(3601)
        with pytest.raises(ClientError) as caught:
            client.list_tables()
        assert code(caught) == "ExpiredTokenException"
        emulator.reset("counters")
        client.list_tables()

    @pytest.mark.parametrize(("minutes", "text"), [(-20, "Signature expired"), (20, "Signature not yet current")])
    def test_a_clock_that_is_off(self, signing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, minutes: int, text: str) -> None:
        now = botocore.auth.get_current_datetime  # type: ignore[attr-defined]
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now() + timedelta(minutes=minutes))
        with pytest.raises(ClientError, match=text) as caught:
            signing("AKIDONE", "first-secret").list_tables()
        assert code(caught) == "InvalidSignatureException"

    def test_moving_the_emulated_time_is_no_skew(self, emulator: Emulator, signing: Callable[..., Any]) -> None:
        emulator.clock.advance(86_400)
        assert signing("AKIDONE", "first-secret").list_tables()["TableNames"] == ["orders"]


class TestWhatIsSaidFirst:
    def post(self, emulator: Emulator, target: str, body: str) -> str:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{target}",
            "Authorization": "AWS4-HMAC-SHA256 Credential=NOBODY/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            "X-Amz-Date": "20261120T000000Z",
        }
        name: str = requests.post(emulator.url, body, headers=headers, timeout=20).json()["__type"].rpartition("#")[2]
        return name

    @pytest.mark.parametrize("body", ["[]", '{"TableName": 7}', '{"TableName": "x"}', '{"TableName": "orders"}'])
    def test_who_may_not_ask_is_not_told_what_is_wrong(self, emulator: Emulator, body: str) -> None:
        assert self.post(emulator, "DescribeTable", body) == "InvalidSignatureException"

    def test_what_is_no_operation_is_said_before(self, emulator: Emulator) -> None:
        assert self.post(emulator, "DescribeNothing", "{}") == "UnknownOperationException"
        assert self.post(emulator, "DescribeTable", "{") == "SerializationException"

    def test_no_rule_counts_what_is_refused(self, start: Start, client_for: ClientFor, no_retries: Config) -> None:
        rule = {"name": "first", "when": {"operation": "PutItem", "request": 1}, "fault": "InternalServerError"}
        emulator = start({"version": 1, "tables": [TABLE], "auth": {"keys": KEYS}, "rules": [rule]})
        with pytest.raises(ClientError):
            client_for(emulator, config=no_retries, aws_secret_access_key="wrong").put_item(TableName="orders", Item=ITEM)
        assert [report.matched for report in emulator.rules.list()] == [0]
        with pytest.raises(ClientError) as caught:
            client_for(emulator, config=no_retries).put_item(TableName="orders", Item=ITEM)
        assert code(caught) == "InternalServerError"
