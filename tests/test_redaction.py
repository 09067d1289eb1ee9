"""`--redact`: the values of some attributes are nowhere written down, whatever asks for them, and everything else stays as it is."""

from __future__ import annotations

import base64
import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.journal.file import JournalWriter
from emulator.journal.saved import read_journal
from emulator.messages import HttpRequest
from emulator.report import FORMATS, build_report
from emulator.server.admin.events import EventStream
from tests.conftest import PATIENCE

HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
SECRET = "hunter2secret"
BINARY = base64.b64encode(SECRET.encode()).decode()
SCENARIO = f"""
version: 1
name: hiding
tables:
  - name: users
    key: {{id: S}}
    items:
      - {{id: seen, password: {SECRET}0, pin: 4711081547001, more: {{S: shown}}}}
rules:
  - {{name: busy, when: {{operation: GetItem, request: 1}}, fault: ProvisionedThroughputExceededException}}
"""


def item(**attributes: Any) -> dict[str, Any]:
    return {"id": {"S": "a"}, "name": {"S": "shown"}, **attributes}


STATEMENT = f"SELECT * FROM users WHERE id = 'a' AND password = '{SECRET}'"
OLD = {"password": {"Value": {"S": SECRET}, "Action": "PUT"}}
NAMES = {"#p": "password"}
VALUES = {":p": {"S": SECRET}, ":q": {"N": "4711081547"}}
# Every way in which a value comes into a request, or out in an answer
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "an item": ("PutItem", {"Item": item(password={"S": SECRET})}),
    "a number": ("PutItem", {"Item": item(pin={"N": "47110815470815"})}),
    "bytes": ("PutItem", {"Item": item(password={"B": BINARY})}),
    "a set": ("PutItem", {"Item": item(password={"SS": [SECRET, SECRET + "b"]})}),
    "a map": ("PutItem", {"Item": item(password={"M": {"x": {"S": SECRET}}})}),
    "within a map": ("PutItem", {"Item": item(profile={"M": {"l": {"L": [{"M": {"password": {"S": SECRET}}}]}}})}),
    "a glob": ("PutItem", {"Item": item(secret_token={"S": SECRET})}),
    "an answer": ("GetItem", {"Key": {"id": {"S": "a"}}}),
    "a scan": ("Scan", {}),
    "an update": (
        "UpdateItem",
        {
            "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET password = :p, pin = :q",
            "ExpressionAttributeValues": VALUES,
            "ReturnValues": "ALL_NEW",
        },
    ),
    "an update by placeholders": (
        "UpdateItem",
        {
            "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET #p = :p",
            "ExpressionAttributeNames": NAMES,
            "ExpressionAttributeValues": {":p": {"S": SECRET}},
        },
    ),
    "a condition": (
        "PutItem",
        {
            "Item": item(),
            "ConditionExpression": "profile.password = :p OR password = :q",
            "ExpressionAttributeValues": VALUES,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    "a filter": ("Scan", {"FilterExpression": "contains(password, :p)", "ExpressionAttributeValues": {":p": {"S": SECRET}}}),
    "an old update": (
        "UpdateItem",
        {"Key": {"id": {"S": "a"}}, "AttributeUpdates": OLD},
    ),
    "an old condition": ("PutItem", {"Item": item(), "Expected": {"password": {"Value": {"S": SECRET}}}}),
    "an old filter": ("Scan", {"ScanFilter": {"password": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": SECRET}]}}}),
    "a statement": ("ExecuteStatement", {"Statement": f"UPDATE users SET password = '{SECRET}' WHERE id = 'a'"}),
    "a statement that inserts": ("ExecuteStatement", {"Statement": f"INSERT INTO users VALUE {{'id': 'b', 'password': '{SECRET}'}}"}),
    "a statement with parameters": (
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM users WHERE "password" = ?', "Parameters": [{"S": SECRET}]},
    ),
    "a batch": ("BatchWriteItem", {"RequestItems": {"users": [{"PutRequest": {"Item": item(password={"S": SECRET})}}]}}),
    "a transaction": ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "users", "Item": item(password={"S": SECRET})}}]}),
    "a batch of statements": (
        "BatchExecuteStatement",
        {"Statements": [{"Statement": STATEMENT}]},
    ),
    "a number that is none": ("PutItem", {"Item": item(pin={"N": SECRET})}),
    "of the wrong type": ("PutItem", {"Item": item(password={"S": [SECRET]})}),
}


def request(operation: str, body: Any, **headers: str) -> HttpRequest:
    content = body if isinstance(body, bytes) else orjson.dumps({"TableName": "users", **body} if "TransactItems" not in body else body)
    return HttpRequest("POST", "/", {**HEADERS, "x-amz-target": f"DynamoDB_20120810.{operation}", **headers}, content)


def send(core: EmulatorCore, asked: HttpRequest) -> Any:
    exchange: Any = core.exchange(asked)
    exchange.delivery.how, exchange.delivery.ended = "sent", 1.0
    core.delivered(exchange)
    return exchange


class Watched:
    """An emulator, and everything that is ever told of what happens in it."""

    def __init__(self, tmp_path: Path, redact: tuple[str, ...], scenario: Any = SCENARIO) -> None:
        self.core = EmulatorCore(scenario, redact=redact, seed=1)
        self.path = tmp_path / "journal"
        self.writer = JournalWriter(self.path, self.core.rules.list, "", self.core.redaction)
        self.core.observe(self.writer)
        self.events = EventStream(self.core)
        self.core.observe(self.events)

    def told(self) -> str:
        self.writer.close()
        entries = self.core.journal.entries()
        report, saved = self.core.report(), read_journal(self.path)
        again = build_report(saved.scenario, saved.seed, saved.rules, saved.entries)
        shown = [
            repr((entry.request, entry.call, entry.reply, entry.written, entry.bug)) + orjson.dumps(entry.to_json()).decode()
            for entry in entries
        ]
        shown += [orjson.dumps([one.to_json() for one in self.core.explain(entry)]).decode() for entry in entries]
        shown += [form.render(one) for form in FORMATS.values() for one in (report, again)]
        return "".join([*shown, self.path.read_text(), b"".join(self.events._waiting).decode(), repr(saved)])


@pytest.mark.parametrize("kind", REQUESTS)
def test_no_value_is_told(kind: str, tmp_path: Path) -> None:
    operation, body = REQUESTS[kind]
    plain = EmulatorCore(SCENARIO, seed=1)
    watched = Watched(tmp_path, ("password", "pin", "secret_*"))
    answers = []
    for core in (plain, watched.core):
        for asked in (request("PutItem", {"Item": item(password={"S": SECRET + "old"})}), request(operation, body)):
            answer = send(core, asked)
        answers.append((answer.reply.status, answer.reply.body))
    # What the client gets is what it gets without
    assert answers[0] == answers[1]
    told = watched.told()
    assert [secret for secret in (SECRET, BINARY, "4711081547") if secret in told] == []
    assert "***" in told
    assert "shown" in told


def test_all_else_is_as_it_was(tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("password",))
    send(watched.core, request("PutItem", {"Item": item(password={"S": SECRET}, pin={"N": "1"})}))
    watched.writer.close()
    (entry,) = watched.core.journal.entries()
    record = entry.to_json()
    assert record["request"]["body"]["Item"] == {"id": {"S": "a"}, "name": {"S": "shown"}, "password": {"S": "***"}, "pin": {"N": "1"}}
    assert (record["applied"], record["written"]["items"]) == (True, {"users": [{"id": {"S": "a"}}]})


def test_what_the_scenario_says_of_such_an_attribute_is_not_quoted(tmp_path: Path) -> None:
    rule = {"name": "one", "when": {"operation": "GetItem", "key": {"id": SECRET}}, "fault": "InternalServerError"}
    tables = [{"name": "users", "key": {"id": "S"}}]
    watched = Watched(tmp_path, ("id",), {"version": 1, "tables": tables, "rules": [rule], "expect": [{"rule": "one", "fired": 1}]})
    watched.core.rules.add({**rule, "name": "two", "when": {"operation": "GetItem", "key": {"id": SECRET + "2"}}})
    send(watched.core, request("GetItem", {"Key": {"id": {"S": "another"}}}))
    told = watched.told()
    assert "wanted id: ***" in told
    assert SECRET not in told
    assert "another" not in told
    # The rule itself knows the value
    assert send(watched.core, request("GetItem", {"Key": {"id": {"S": SECRET}}})).reply.status == 500


def test_types_are_kept(tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("p*",))
    values: dict[str, dict[str, Any]] = {
        "pa": {"N": "1"},
        "pb": {"B": BINARY},
        "pc": {"SS": ["a", "b"]},
        "pd": {"L": [{"N": "1"}]},
        "pe": {"M": {"x": {"N": "1"}}},
    }
    send(watched.core, request("PutItem", {"Item": item(**values, pf={"BOOL": True})}))
    watched.writer.close()
    shown = watched.core.journal.entries()[0].to_json()["request"]["body"]["Item"]
    assert {name: list(shown[name]) for name in (*values, "pf")} == {name: list(value) for name, value in values.items()} | {"pf": ["BOOL"]}


@pytest.mark.parametrize("kind", ["S", "N", "B"])
def test_items_whose_keys_are_hidden_are_still_told_apart(kind: str, tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("id",), {"version": 1, "tables": [{"name": "users", "key": {"id": kind}}]})
    for number in range(3):
        key = base64.b64encode(b"%d" % (4711081547000 + number)).decode() if kind == "B" else str(4711081547000 + number)
        for _ in range(2):
            send(watched.core, request("PutItem", {"Item": {"id": {kind: key}}}))
            send(watched.core, request("GetItem", {"Key": {"id": {kind: key}}}))
    assert "4711081547" not in watched.told()
    keys = [orjson.dumps(entry.to_json()["written"]["items"]) for entry in watched.core.journal.entries() if entry.written is not None]
    assert len(keys) == 6
    assert len(set(keys)) == 3
    for entries in (watched.core.journal.entries(), read_journal(watched.path).entries):
        report = build_report(watched.core.scenario, 1, (), entries)
        assert len(report.calls) == 12
        assert not report.bugs


def test_the_report_of_the_file_is_the_live_one(tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("id", "password", "pin"))
    for operation, body in REQUESTS.values():
        send(watched.core, request(operation, body))
    watched.writer.close()
    saved = read_journal(watched.path)
    assert build_report(saved.scenario, saved.seed, saved.rules, saved.entries).to_json() == watched.core.report().to_json()


def test_packed_and_broken_bodies_tell_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("password", "long"))
    body = orjson.dumps({"TableName": "users", "Item": item(password={"S": SECRET}, long={"S": SECRET * 500})})
    send(watched.core, request("PutItem", gzip.compress(body), **{"content-encoding": "gzip"}))
    send(watched.core, request("PutItem", body[:-5]))
    got = send(watched.core, request("Scan", {}, **{"accept-encoding": "gzip"}))
    got = send(watched.core, request("Scan", {}, **{"accept-encoding": "gzip"}))
    assert got.reply.body[:2] == b"\x1f\x8b"
    assert SECRET not in watched.told()
    assert [len(entry.to_json()["response"]["body"].get("Items", ())) for entry in watched.core.journal.entries()][-1] == 2


def test_what_could_be_read_of_an_answer_is_judged_as_before(tmp_path: Path) -> None:
    from emulator.journal.outcomes import classify_response

    for redact in ((), ("password",)):
        core = EmulatorCore(SCENARIO, redact=redact)
        send(core, request("PutItem", {"Item": item(password={"S": SECRET})}))
        send(core, request("GetItem", {"Key": {"id": {"S": "a"}}}))
        send(core, request("GetItem", {"Key": {"id": {"S": "a"}}}))
        outcomes = [classify_response(entry) for entry in core.journal.entries()]
        assert [one.error for one in outcomes] == ["", "ProvisionedThroughputExceededException", ""]
        assert not any(one.crc_wrong for one in outcomes)


def test_a_run_whose_scenario_was_redacted_is_not_served_again(tmp_path: Path) -> None:
    watched = Watched(tmp_path, ("password",))
    watched.writer.close()
    with pytest.raises(Exception, match=r"values were left out of its scenario \(--redact\)"):
        read_journal(watched.path).to_serve()
    (tmp_path / "other").mkdir()
    other = Watched(tmp_path / "other", ("nothing",))
    other.writer.close()
    assert read_journal(other.path).to_serve().name == "hiding"


def test_the_commands_take_it(tmp_path: Path) -> None:
    program = (
        "import boto3; boto3.client('dynamodb').put_item(TableName='users', Item={'id': {'S': 'a'}, 'password': {'S': 'hunter2secret'}})"
    )
    scenario, page = tmp_path / "scenario.yaml", tmp_path / "page.html"
    scenario.write_text(SCENARIO)
    command = [sys.executable, "-m", "emulator", "run", str(scenario), "--redact", "pass*", "--redact", "id", "--html", str(page)]
    said = subprocess.run([*command, "--", sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "PutItem" in said.stdout
    assert SECRET not in said.stdout + page.read_text()
    assert "id=***" in said.stdout


def test_over_http(start: Callable[..., Emulator]) -> None:
    emulator = start(SCENARIO, redact=["password"])
    asked = request("PutItem", {"Item": item(password={"S": SECRET})})
    requests.post(emulator.url, headers=asked.headers, data=asked.body, timeout=PATIENCE)
    for page in ("journal", "journal/1", "report", "calls", "scenario"):
        assert SECRET not in requests.get(f"{emulator.url}/_emulator/{page}", timeout=PATIENCE).text
    got = request("Scan", {})
    assert SECRET in requests.post(emulator.url, headers=got.headers, data=got.body, timeout=PATIENCE).text
