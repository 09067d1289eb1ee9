"""Hand-written clients with one flaw each, against a real emulator: the verdict that is meant for the flaw finds it. They wait in
emulated time."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator import Emulator
from emulator.clock import EmulatedClock

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
TABLES = [{"name": "orders", "key": {"id": "S"}}]
PUT = {"TableName": "orders", "Item": {"id": {"S": "x"}}}
COUNTER = {
    "TableName": "orders",
    "Key": {"id": {"S": "x"}},
    "UpdateExpression": "ADD hits :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
}
BATCH = {"orders": [{"PutRequest": {"Item": {"id": {"S": f"b{number}"}}}} for number in range(6)]}
PATIENCE = 60.0


@dataclass
class Answer:
    """What a client got: `status` 0 for a connection that was lost."""

    status: int
    body: dict[str, Any]

    @property
    def failed(self) -> bool:
        return self.status in (0, 500, 503) or "Throttling" in self.body.get("__type", "") or "Throughput" in self.body.get("__type", "")


class Client(Protocol):
    def send(self, operation: str, params: dict[str, Any], *, call: str = "") -> Answer: ...

    def pause(self, seconds: float) -> None: ...


class HandMade:
    """A client without an SDK: made-up signatures, no retries of its own, a new connection for each request."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.pause = emulator.clock.sleep

    def send(self, operation: str, params: dict[str, Any], *, call: str = "") -> Answer:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
            "Authorization": AUTHORIZATION,
            "User-Agent": "hand-made/1.0",
        }
        if call:
            headers["amz-sdk-invocation-id"] = call
        with closing(http.client.HTTPConnection(self._emulator.host, self._emulator.port, timeout=PATIENCE)) as connection:
            try:
                connection.request("POST", "/", orjson.dumps(params), headers)
                response = connection.getresponse()
                return Answer(response.status, orjson.loads(response.read()))
            except (OSError, http.client.HTTPException):
                return Answer(0, {})


class Unretried:
    """boto3, told to make one attempt: each request is a call of its own, and the loop around it belongs to the application."""

    def __init__(self, client: Any, clock: EmulatedClock) -> None:
        self._client = client
        self.pause = clock.sleep

    def send(self, operation: str, params: dict[str, Any], *, call: str = "") -> Answer:
        try:
            return Answer(200, getattr(self._client, xform_name(operation))(**params))
        except ClientError as error:
            return Answer(error.response["ResponseMetadata"]["HTTPStatusCode"], {"__type": error.response["Error"]["Code"]})
        except BotoCoreError:
            return Answer(0, {})


def persistent(client: Client, operation: str, params: dict[str, Any], attempts: int, wait: float, call: str = "") -> Answer:
    """Tries again after everything that may pass, with a constant wait."""
    for attempt in range(attempts):
        answer = client.send(operation, params, call=call)
        if not answer.failed or attempt + 1 == attempts:
            break
        client.pause(wait)
    return answer


# --- the flaws


def no_back_off(client: Client) -> None:
    for number in range(10):
        persistent(client, "PutItem", {**PUT, "Item": {"id": {"S": str(number)}}}, 4, 0.0)


def constant_delay(client: Client) -> None:
    for number in range(3):
        persistent(client, "PutItem", {**PUT, "Item": {"id": {"S": str(number)}}}, 4, 0.25)


def retries_a_validation_error(client: Client) -> None:
    for _ in range(3):
        client.send("PutItem", {"TableName": "orders", "Item": {"wrong": {"S": "x"}}})


def retries_what_was_never_understood(client: Client) -> None:
    for _ in range(3):
        client.send("PutItem", {"TableName": "x", "Item": {}}, call="4f1c")


def gives_up_at_once(client: Client) -> None:
    client.send("PutItem", PUT)
    client.send("GetItem", {"TableName": "orders", "Key": {"id": {"S": "other"}}})


def doubles_a_counter(client: Client) -> None:
    persistent(client, "UpdateItem", COUNTER, 3, 0.05)


def drops_unprocessed_items(client: Client) -> None:
    assert client.send("BatchWriteItem", {"RequestItems": BATCH}).body["UnprocessedItems"]


def resends_whole_batches(client: Client) -> None:
    while client.send("BatchWriteItem", {"RequestItems": BATCH}).body["UnprocessedItems"]:
        client.pause(0.05)


def resends_batches_at_once(client: Client) -> None:
    left = BATCH
    while left:
        left = client.send("BatchWriteItem", {"RequestItems": left}).body["UnprocessedItems"]


def reuses_a_token(client: Client) -> None:
    for name in "ab":
        put = {"Put": {"TableName": "orders", "Item": {"id": {"S": name}}}}
        client.send("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "always-the-same"}, call=f"call-{name}")


def retries_in_two_layers(client: Client) -> None:
    for layer in range(3):
        if not persistent(client, "PutItem", PUT, 3, 0.05, call=f"layer-{layer}").failed:
            return
        client.pause(0.1)


def never_stops(client: Client) -> None:
    persistent(client, "PutItem", PUT, 15, 0.01)


def drops_its_token(client: Client) -> None:
    put = {"Put": {"TableName": "orders", "Item": {"id": {"S": "a"}}}}
    for _ in range(2):
        client.send("TransactWriteItems", {"TransactItems": [put]}, call="one")
        client.pause(0.05)


def fault(operation: str, what: Any, **when: Any) -> dict[str, Any]:
    return {"name": "r", "when": {"operation": operation, **when}, "fault": what}


# The flaw, what the emulator does to it, the verdict that finds it, and how it rules
FLAWS: dict[str, tuple[Callable[[Client], None], list[dict[str, Any]], str, str]] = {
    "no back-off": (no_back_off, [fault("PutItem", "ThrottlingException")], "V9", "fail"),
    "no back-off after a 500": (no_back_off, [fault("PutItem", "InternalServerError")], "V9", "fail"),
    "constant delay": (constant_delay, [fault("PutItem", "ThrottlingException")], "V10", "fail"),
    "retries ValidationException": (retries_a_validation_error, [], "V4", "fail"),
    "retries a request that is none": (retries_what_was_never_understood, [], "V4", "fail"),
    "gives up at once, throttled": (gives_up_at_once, [fault("PutItem", "ProvisionedThroughputExceededException")], "V1", "fail"),
    "gives up at once, 500": (gives_up_at_once, [fault("PutItem", "InternalServerError")], "V2", "fail"),
    "gives up at once, reset": (gives_up_at_once, [fault("PutItem", {"connection": "reset"})], "V3", "fail"),
    "doubles a counter": (doubles_a_counter, [fault("UpdateItem", {"connection": "reset", "applied": True}, request=1)], "V20", "fail"),
    "drops unprocessed items": (drops_unprocessed_items, [fault("BatchWriteItem", {"unprocessed": {"every": 2}})], "V26", "fail"),
    "resends whole batches": (resends_whole_batches, [fault("BatchWriteItem", {"unprocessed": {"every": 2}}, request=1)], "V27", "warn"),
    "resends batches at once": (resends_batches_at_once, [fault("BatchWriteItem", {"unprocessed": {"all_but": 1}})], "V28", "fail"),
    "reuses a token": (reuses_a_token, [], "V23", "fail"),
    "drops its token": (drops_its_token, [fault("TransactWriteItems", "InternalServerError", request=1)], "V22", "fail"),
    "retries in two layers": (retries_in_two_layers, [fault("PutItem", "InternalServerError")], "V17", "fail"),
    "never stops": (never_stops, [fault("PutItem", "InternalServerError")], "V6", "fail"),
}


@pytest.fixture
def serve(start: Callable[..., Emulator], emulated_clock: EmulatedClock) -> Callable[[list[dict[str, Any]]], Emulator]:
    return lambda rules: start({"version": 1, "tables": TABLES, "rules": rules}, clock=emulated_clock)


@pytest.fixture
def unretried(client_for: Callable[..., Any], emulated_clock: EmulatedClock) -> Callable[..., Unretried]:
    """A client that makes so many attempts, one if nothing else is said, in this mode."""

    def make(emulator: Emulator, mode: str = "standard", attempts: int = 1) -> Unretried:
        retries: Any = {"mode": mode, "total_max_attempts": attempts}
        return Unretried(client_for(emulator, config=Config(retries=retries)), emulated_clock)

    return make


@pytest.mark.parametrize("flaw", list(FLAWS))
def test_the_verdict_for_a_flaw_finds_it(serve: Callable[..., Emulator], flaw: str) -> None:
    client, rules, verdict, status = FLAWS[flaw]
    emulator = serve(rules)
    client(HandMade(emulator))
    report = emulator.report()
    finding = next(finding for finding in report.audit if finding.verdict.id == verdict)
    assert (finding.status, finding.fails) == (status, status == "fail"), finding.ruling.why
    assert report.passed is (status != "fail")


# Those that need invocation ids of their own making stay with the hand-made client
@pytest.mark.parametrize("flaw", sorted(FLAWS.keys() - {"retries a request that is none", "retries in two layers", "drops its token"}))
@pytest.mark.parametrize("mode", ["standard", "legacy"])
def test_an_application_s_own_loop_is_no_better(
    serve: Callable[..., Emulator], unretried: Callable[..., Unretried], flaw: str, mode: str
) -> None:
    client, rules, verdict, status = FLAWS[flaw]
    emulator = serve(rules)
    client(unretried(emulator, mode))
    finding = next(finding for finding in emulator.report().audit if finding.verdict.id == verdict)
    if mode == "legacy" and not rules:
        # Nothing failed that could be retried, and this mode does not say how many attempts it would make
        status = status.replace("fail", "warn") if verdict == "V4" else status
    assert finding.status == status, finding.ruling.why


@pytest.mark.parametrize("mode", ["standard", "legacy", "adaptive"])
def test_a_loop_around_the_sdk_is_a_second_layer(serve: Callable[..., Emulator], unretried: Callable[..., Unretried], mode: str) -> None:
    emulator = serve([fault("PutItem", "InternalServerError")])
    persistent(unretried(emulator, mode, attempts=2), "PutItem", PUT, 3, 0.05)
    finding = next(finding for finding in emulator.report().audit if finding.verdict.id == "V17")
    assert (finding.status, "2 + 2 + 2" in finding.ruling.why) == ("fail", True)


def test_loops_of_one_s_own_making_show_by_their_waits(serve: Callable[..., Emulator]) -> None:
    emulator = serve([fault("PutItem", "InternalServerError")])
    client = HandMade(emulator)
    for _ in range(3):
        persistent(client, "PutItem", PUT, 3, 0.05)
        client.pause(0.3)
    finding = next(finding for finding in emulator.report().audit if finding.verdict.id == "V17")
    assert (finding.status, "after every 3 attempts" in finding.ruling.why) == ("warn", True)


@pytest.fixture
def hold(journaled: Callable[..., None]) -> Callable[..., None]:
    """Sends a request so many times, each while those before it are held."""

    def send(emulator: Emulator, client: Client, times: int, operation: str, params: dict[str, Any], call: str = "") -> None:
        with ThreadPoolExecutor(times) as pool:
            for number in range(1, times + 1):
                pool.submit(client.send, operation, params, call=call)
                journaled(emulator, lambda expected=number: len(emulator.journal) == expected)
                client.pause(0.08)
            client.pause(HELD)

    return send


# Seconds: longer than any test takes in the machine's time
HELD = 3600


def test_hedged_writes_are_seen(serve: Callable[..., Emulator], hold: Callable[..., None]) -> None:
    emulator = serve([fault("PutItem", {"delay": f"{HELD}s"})])
    hold(emulator, HandMade(emulator), 2, "PutItem", PUT, call="hedged")
    finding = next(finding for finding in emulator.report().audit if finding.verdict.id == "V35")
    assert (finding.status, "two attempts under way at once" in finding.ruling.why) == ("warn", True)


@pytest.mark.parametrize("hand_made", [True, False])
@pytest.mark.parametrize("readers", [2, 6])
def test_reads_beside_the_same_are_seen_whoever_asks_them(
    serve: Callable[..., Emulator], unretried: Callable[..., Unretried], hold: Callable[..., None], hand_made: bool, readers: int
) -> None:
    emulator = serve([fault("GetItem", {"delay": f"{HELD}s"})])
    client = HandMade(emulator) if hand_made else unretried(emulator)
    hold(emulator, client, readers, "GetItem", {"TableName": "orders", "Key": {"id": {"S": "x"}}})
    finding = next(finding for finding in emulator.report().audit if finding.verdict.id == "V35")
    assert (finding.status, f"{readers - 1} read" in finding.ruling.why) == ("info", True)


def test_a_careful_client_is_accused_of_nothing(serve: Callable[..., Emulator]) -> None:
    emulator = serve(
        [
            fault("PutItem", "ThrottlingException", attempt="1..2"),
            {**fault("BatchWriteItem", {"unprocessed": {"every": 2}}, request=1), "name": "half"},
        ]
    )
    client = HandMade(emulator)
    waits = iter((0.11, 0.29, 0.07, 0.41, 0.19, 0.23))
    for number in range(3):
        while client.send("PutItem", {**PUT, "Item": {"id": {"S": str(number)}}}).failed:
            client.pause(next(waits))
    left = BATCH
    while left:
        left = client.send("BatchWriteItem", {"RequestItems": left}).body["UnprocessedItems"]
        client.pause(0.05)
    report = emulator.report()
    assert {finding.status for finding in report.audit} <= {"pass", "info", "n/a"}, report.text()
    assert report.passed
