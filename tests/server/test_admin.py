"""The admin API over the wire: what each route does, one error shape for everything that goes wrong, and who is let in."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
import requests
from flask import Flask

from emulator import Emulator, EmulatorError, __version__
from emulator.core import EmulatorCore
from emulator.server.admin import routes as folder
from emulator.server.admin.client import AdminClient
from emulator.server.admin.context import MAX_EVENT_READERS
from emulator.server.app import create_app

TOOLS = Path(__file__).parent.parent.parent / "tools"
GET = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
Start = Callable[..., Emulator]

BAD_SCENARIO = """version: 1
rules:
  - name: typo
    when: {tabel: orders}
    fault: InternalServerError
"""


@pytest.fixture
def emulator(start: Start, scenario_with: Any) -> Emulator:
    return start(scenario_with({"when": {"operation": "GetItem", "attempt": 1}, "fault": "InternalServerError"}))


@pytest.fixture
def admin(emulator: Emulator) -> AdminClient:
    return AdminClient(emulator.url)


def test_health(admin: AdminClient) -> None:
    health = admin.health()
    assert (health["status"], health["version"]) == ("ready", __version__)
    assert health["uptime_s"] >= 0


def test_health_is_the_same_through_flask(emulator: Emulator) -> None:
    through_flask = requests.get(f"{emulator.url}/_emulator/health?", timeout=20)
    assert through_flask.json()["status"] == "ready"


def test_the_scenario_is_shown_replaced_and_unloaded(emulator: Emulator, admin: AdminClient) -> None:
    shown = admin.scenario()
    assert shown["tables"] == ["orders"]
    assert [rule["name"] for rule in shown["rules"]] == ["rule-1"]
    assert admin.load("version: 1\nname: other\nseed: 7\n")["name"] == "other"
    assert (emulator.scenario.name, emulator.seed) == ("other", 7)
    assert admin.load('{"version": 1, "name": "in JSON"}')["name"] == "in JSON"
    assert admin.unload()["rules"] == []


def test_a_bad_scenario_changes_nothing_and_names_every_problem(emulator: Emulator) -> None:
    answer = requests.put(f"{emulator.url}/_emulator/scenario", data=BAD_SCENARIO, timeout=20)
    assert answer.status_code == 422
    (problem,) = answer.json()["error"]["problems"]
    assert (problem["line"], problem["column"]) == (4, 12)
    assert "unknown key 'tabel' in 'when'" in problem["message"]
    assert emulator.scenario.tables[0].name == "orders"


def test_rules_come_and_go_at_run_time(emulator: Emulator, admin: AdminClient, connect: Any) -> None:
    admin.add_rule({"name": "extra", "when": {"operation": "ListTables"}, "fault": "ThrottlingException"})
    wire = connect(emulator)
    assert wire.call("ListTables").status == 400
    admin.enable_rule("extra", False)
    assert wire.call("ListTables").status == 200
    admin.enable_rule("extra", True)
    assert wire.call("ListTables").status == 400
    admin.remove_rule("extra")
    assert wire.call("ListTables").status == 200
    with pytest.raises(EmulatorError, match="there is no rule 'extra'"):
        admin.remove_rule("extra")
    with pytest.raises(EmulatorError, match="there is already a rule 'rule-1'"):
        admin.add_rule({"name": "rule-1", "when": {"operation": "ListTables"}, "fault": "ThrottlingException"})


def test_a_rule_with_a_time_to_live_goes_by_itself(start: Start, connect: Any) -> None:
    emulator = start()
    AdminClient(emulator.url).add_rule({"name": "brief", "when": {"operation": "ListTables"}, "fault": "ThrottlingException"}, ttl=0.05)
    wire = connect(emulator)
    while wire.call("ListTables").status != 200:
        pass
    assert emulator.rules.list() == ()


def test_reset_takes_what_it_is_told_and_nothing_else(emulator: Emulator, admin: AdminClient, connect: Any) -> None:
    wire = connect(emulator)
    wire.call("PutItem", TableName="orders", Item={"id": {"S": "new"}})
    assert wire.call("GetItem", **GET).status == 500
    admin.reset("journal")
    assert len(emulator.journal) == 0
    assert [rule.fired for rule in emulator.rules.list()] == [1]
    admin.reset("counters")
    assert [rule.fired for rule in emulator.rules.list()] == [0]
    assert wire.call("Scan", TableName="orders").json["Count"] == 2
    admin.reset("data")
    assert wire.call("Scan", TableName="orders").json["Count"] == 1
    admin.reset()
    assert wire.call("Scan", TableName="orders").json["message"] == "Requested resource not found"
    with pytest.raises(EmulatorError, match="cannot reset 'everything'"):
        admin.reset("everything")


def test_the_journal_can_be_searched(emulator: Emulator, admin: AdminClient, connect: Any) -> None:
    wire = connect(emulator)
    wire.call("GetItem", **GET)
    wire.call("ListTables")
    assert [entry["operation"] for entry in admin.journal()] == ["GetItem", "ListTables"]
    (hit,) = admin.journal(rule="rule-1")
    assert (hit["error"], hit["fault"], hit["request"]["body"]) == ("InternalServerError", "InternalServerError", GET)
    assert admin.journal(operation="PutItem") == []
    assert [entry["operation"] for entry in admin.journal(limit="1")] == ["ListTables"]
    one = requests.get(f"{emulator.url}/_emulator/journal/{hit['id']}", timeout=20).json()
    assert one["id"] == hit["id"]


def test_calls_and_reports(emulator: Emulator, admin: AdminClient, client_for: Any) -> None:
    client_for(emulator).get_item(**GET)
    (call,) = admin.calls(operation="GetItem")
    assert (call["attempts"], call["outcome"], call["faults"]) == (2, "success", ["InternalServerError", None])
    assert len(call["gaps_ms"]) == 1
    report = admin.report()
    assert (report["verdict"], report["calls"]) == ("pass", [call])
    assert "#1 InternalServerError" in admin.report_text()


def test_the_clock_moves_forward(emulator: Emulator, admin: AdminClient) -> None:
    before = emulator.clock.now()
    assert admin.advance_clock(3_600)["now"] >= before + 3_600
    with pytest.raises(EmulatorError, match="forward only"):
        admin.advance_clock(-1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not-found"),
        ("POST", "/health", None, 405, "bad-method"),
        ("GET", "/journal?limit=" + "1" * 5_000, None, 422, "bad-limit"),
        ("PUT", "/scenario", b"", 400, "empty"),
        ("PUT", "/scenario", b"version: 2", 422, "bad-scenario"),
        ("PUT", "/scenario", b"\xff\xfe", 422, "bad-scenario"),
        ("PUT", "/scenario", b"x" * 3_000_000, 413, "too-large"),
        ("POST", "/rules", b"{", 400, "not-json"),
        ("POST", "/rules", b"[]", 400, "not-an-object"),
        ("POST", "/rules", b"{}", 422, "bad-scenario"),
        ("POST", "/rules", b'{"ttl": -1}', 422, "bad-ttl"),
        ("PATCH", "/rules/rule-1", b'{"enabled": 1}', 422, "bad-switch"),
        ("PATCH", "/rules/nobody", b'{"enabled": true}', 409, "bad-rule"),
        ("DELETE", "/rules/nobody", None, 409, "bad-rule"),
        ("POST", "/reset", b'{"what": "data"}', 422, "bad-reset"),
        ("POST", "/reset", b'{"what": ["dta"]}', 422, "refused"),
        ("GET", "/journal?limit=0", None, 422, "bad-limit"),
        ("GET", "/journal/99", None, 404, "not-found"),
        ("GET", "/calls?limit=x", None, 422, "bad-limit"),
        ("GET", "/report?format=pdf", None, 422, "bad-format"),
        ("POST", "/clock", b'{"advance_s": "1"}', 422, "bad-advance"),
    ],
)
def test_errors_have_one_shape(emulator: Emulator, method: str, path: str, body: bytes | None, status: int, code: str) -> None:
    answer = requests.request(method, f"{emulator.url}/_emulator{path}", data=body, timeout=20)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message"]
    assert "__type" not in answer.json()


def test_the_token_is_asked_of_everything_but_health(start: Start) -> None:
    emulator = start(admin_token="secret")
    assert AdminClient(emulator.url).health()["status"] == "ready"
    assert AdminClient(emulator.url, "secret").journal() == []
    for token in (None, "wrong", "sécret"):
        answer = requests.get(
            f"{emulator.url}/_emulator/journal", headers={} if token is None else {"Authorization": f"Bearer {token}".encode()}, timeout=20
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["_emulator/health", "_emulator/journal", "", "sandbox/one/", "sandbox/one/_emulator/journal"])
def test_web_pages_cannot_reach_it_by_a_name_of_their_own(emulator: Emulator, path: str) -> None:
    url = f"{emulator.url}/{path}"
    answer = requests.get(url, headers={"Host": "evil.example"}, timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-host")
    for host in ("localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "000000000000.ddb.localhost"):
        assert requests.get(url, headers={"Host": host}, timeout=20).status_code == 200


def test_a_name_may_be_given_to_it(start: Start) -> None:
    emulator = start(None, allow_hosts=["dynamodb.test"])
    for host, status in (("dynamodb.test:80", 200), ("DynamoDB.test", 200), ("evil.example", 403)):
        assert requests.get(emulator.url, headers={"Host": host}, timeout=20).status_code == status


PAGES = [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]


CHANGES = [("POST", "reset"), ("POST", "rules"), ("POST", "clock"), ("PUT", "scenario"), ("DELETE", "scenario")]


@pytest.mark.parametrize("headers", PAGES)
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_pages_of_others_change_nothing(emulator: Emulator, headers: dict[str, str], method: str, path: str) -> None:
    sent = {**headers, "Content-Type": "text/plain"}
    for url in (f"{emulator.url}/_emulator/{path}", f"{emulator.url}/sandbox/one/_emulator/{path}"):
        answer = requests.request(method, url, headers=sent, data=b"{}", timeout=20)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-page")


def test_its_own_page_and_plain_programs_may(emulator: Emulator) -> None:
    own = {"Origin": emulator.url, "Sec-Fetch-Site": "same-origin"}
    for headers in (own, {"Sec-Fetch-Site": "none"}, {}):
        assert requests.post(f"{emulator.url}/_emulator/reset", headers=headers, data=b"{}", timeout=20).status_code == 200


@pytest.mark.parametrize("token", ["", "  "])
def test_an_empty_token_keeps_nobody_out_and_is_refused(token: str) -> None:
    with pytest.raises(EmulatorError, match="the admin token is empty"):
        Emulator(admin_token=token)


@pytest.mark.parametrize("host", ["127.0.0.2", "::1"])
def test_every_address_of_this_machine_can_use_its_own_admin_api(start: Start, host: str) -> None:
    emulator = start(None, host=host)
    assert AdminClient(emulator.url).journal() == []


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """(method, path) of all that a Flask app serves of the admin API, as OpenAPI writes paths."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/_emulator/", "/_localstack/")) and not rule.endpoint.endswith(".unknown")
    }


def test_the_description_and_the_routes_are_the_same(admin: AdminClient) -> None:
    described = {(method.upper(), path) for path, methods in admin.openapi()["paths"].items() for method in methods}
    assert described == routes_of(create_app(EmulatorCore()))


ROUTE = """
\"\"\"The weather.\"\"\"

from flask import Response


def register(table, context):
    @table.route("GET", "/weather/<int:day>", "What the weather was", query={"town": {"enum": ["Bern", "Rome"], "default": "Bern"}})
    def weather(day, town):
        return Response(f'{{"day": {day}, "town": "{town}", "seed": {context.core.seed}}}', content_type="application/json")
"""


def test_a_file_more_is_a_route_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is served, its query checked, described, and in the reference."""
    (tmp_path / "weather.py").write_text(ROUTE)
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    app = create_app(EmulatorCore(seed=7))
    client = app.test_client()
    assert client.get("/_emulator/weather/3").json == {"day": 3, "town": "Bern", "seed": 7}
    refused = client.get("/_emulator/weather/3?town=Oslo")
    assert (refused.status_code, refused.json) == (422, {"error": {"code": "bad-town", "message": "'town' is one of Bern, Rome"}})
    described = cast("dict[str, Any]", client.get("/_emulator/openapi.json").json)["paths"]["/_emulator/weather/{day}"]["get"]
    assert described["summary"] == "What the weather was"
    assert [one["name"] for one in described["parameters"]] == ["day", "town"]
    monkeypatch.syspath_prepend(str(TOOLS))
    render = import_module("generate_reference_page").render
    assert "| `GET /_emulator/weather/{day}` | What the weather was | `town`: Bern, Rome |  | 200, JSON |" in render()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("journal?limit=0", "bad-limit"),
        ("journal?limit=1&limit=2", "bad-limit"),
        (f"journal?limit={'9' * 5000}", "bad-limit"),
        ("journal?limit=%D9%A3", "bad-limit"),
        ("journal?tabel=orders", "unknown-parameter"),
        ("calls?limit=10001", "bad-limit"),
        ("report?format=pdf", "bad-format"),
        ("page/rows?after=-1", "bad-after"),
        ("health?x=1", "unknown-parameter"),
    ],
)
def test_a_query_that_is_not_right_is_refused(emulator: Emulator, query: str, code: str) -> None:
    answer = requests.get(f"{emulator.url}/_emulator/{query}", timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["_emulator/", "_emulator/journal", "_emulator/page/rows", "_localstack/chaos/faults"])
def test_an_address_says_which_methods_it_knows(emulator: Emulator, path: str, method: str) -> None:
    answer = requests.request(method, f"{emulator.url}/{path}", timeout=20)
    known = {one for one, address in routes_of(create_app(EmulatorCore())) if address == f"/{path}"} | {"HEAD", "OPTIONS"}
    if method in known - {"OPTIONS"}:
        assert answer.status_code == 400
        return
    assert answer.status_code == (200 if method == "OPTIONS" else 405)
    assert set(answer.headers["Allow"].split(", ")) == known


def test_every_route_has_a_method_of_the_client() -> None:
    called: list[tuple[str, str]] = []

    class Recorder(AdminClient):
        def _request(self, method: str, path: str, **arguments: Any) -> Any:
            called.append((method.lower(), path))
            return SimpleNamespace(json=lambda: defaultdict(list), text="")

    client = Recorder("http://nowhere")
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if not name.startswith("_"):
            needed = [
                p for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
            ]
            method(*[{"rule": {}, "seconds": 1, "enabled": True}.get(p.name, "x") for p in needed])
    routes = {(method.lower(), path.removeprefix("/_emulator")) for method, path in routes_of(create_app(EmulatorCore()))}
    others = {(method, path) for method, path in routes if path.startswith(("/page/", "/_localstack/"))} | {("get", "/")}
    # "x" stands for whatever is in a path
    missing = {(method, path) for method, path in routes - others if (method, re.sub(r"\{\w+\}", "x", path)) not in called}
    assert missing == {("get", "/events"), ("get", "/journal/{entry_id}")}, "routes without a method of AdminClient"


def test_figures_for_prometheus(emulator: Emulator, admin: AdminClient, connect: Any) -> None:
    connect(emulator).call("GetItem", **GET)
    text = admin.metrics()
    assert 'dynafault_rule_fired{rule="rule-1"} 1.0' in text
    assert 'operation="GetItem",rule="rule-1",service="dynamodb",status="500"} 1.0' in text
    assert "dynafault_uptime_seconds" in text


def test_events_come_as_they_happen(emulator: Emulator, connect: Any) -> None:
    with requests.get(f"{emulator.url}/_emulator/events", stream=True, timeout=20) as stream:
        lines = stream.iter_lines()
        assert next(lines) == b"event: scenario"
        connect(emulator).call("GetItem", **GET)
        seen: list[tuple[bytes, str]] = []
        while len(seen) < 2:
            line = next(lines)
            if line.startswith(b"event: ") and line != b"event: scenario":
                seen.append((line.removeprefix(b"event: "), orjson.loads(next(lines).removeprefix(b"data: "))["operation"]))
    assert seen == [(b"exchange", "GetItem"), (b"delivered", "GetItem")]


def test_readers_of_events_that_go_make_room(emulator: Emulator, eventually: Callable[..., None]) -> None:
    url = f"{emulator.url}/_emulator/events"

    def has_room() -> bool:
        with requests.get(url, stream=True, timeout=20) as reader:
            return reader.status_code == 200

    readers = [requests.get(url, stream=True, timeout=20) for _ in range(MAX_EVENT_READERS)]
    assert not has_room()
    for reader in readers:
        reader.close()
    eventually(has_room)


def test_nobody_there_is_said_plainly() -> None:
    with pytest.raises(EmulatorError, match=r"no emulator answers at http://127\.0\.0\.1:1/_emulator"):
        AdminClient("http://127.0.0.1:1").health()


def test_admin_requests_are_no_part_of_the_journal(emulator: Emulator, admin: AdminClient) -> None:
    admin.health()
    admin.journal()
    assert len(emulator.journal) == 0


@pytest.mark.parametrize("method", ["TRACE", "PUT"])
def test_a_method_that_an_address_does_not_know_is_told_those_that_it_knows(emulator: Emulator, method: str) -> None:
    answer = requests.request(method, f"{emulator.url}/_emulator/journal", timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "bad-method")
    assert "GET" in answer.headers["Allow"]
