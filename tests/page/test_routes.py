"""The live page's own routes over the wire: who may have them, what they tell, and that they change nothing that they should not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.report.fates import FATES

Start = Callable[..., Emulator]
ORDERS = {"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "seed": 1}
LOST = {"name": "lost", "when": {"operation": "PutItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}


def ask(emulator: Emulator, method: str, path: str, body: Any = None, **settings: Any) -> requests.Response:
    data = body if isinstance(body, (str, bytes)) or body is None else orjson.dumps(body)
    return requests.request(method, f"{emulator.url}/_emulator/{path}", data=data, timeout=20, **settings)


def test_a_browser_that_comes_to_the_endpoint_is_sent_to_the_page_and_nobody_else(start: Start) -> None:
    emulator = start(None)
    for prefix in ("", "/sandbox/one"):
        address = f"{emulator.url}{prefix}/"
        sent = requests.get(address, headers={"Accept": "text/html,*/*"}, timeout=20, allow_redirects=False)
        assert (sent.status_code, sent.headers["Location"]) == (302, f"{prefix}/_emulator/")
        assert requests.get(address, headers={"Accept": "*/*"}, timeout=20).text.startswith("healthy")
        assert "<title>" in requests.get(address, headers={"Accept": "text/html"}, timeout=20).text


def test_the_page_runs_nothing_but_its_own_files(start: Start) -> None:
    emulator = start(None)
    page = ask(emulator, "GET", "")
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "style=" not in page.text
    assert "<script>" not in page.text
    assert ask(emulator, "GET", "page/files/nothing.js").status_code == 404
    assert ask(emulator, "GET", "page/files/..%2froutes.py").status_code == 404


def test_a_token_keeps_everything_but_the_shell(start: Start) -> None:
    emulator = start(None, admin_token="secret")
    assert ask(emulator, "GET", "").status_code == ask(emulator, "GET", "page/files/app.js").status_code == 200
    asked = [("GET", "page/rows"), ("GET", "page/stream"), ("GET", "page/verdicts"), ("GET", "page/scenario"), ("PUT", "page/scenario")]
    for method, path in [*asked, ("POST", "page/ask/dynamodb/ListTables"), ("POST", "page/check"), ("POST", "page/rules")]:
        assert ask(emulator, method, path, b"{}").status_code == 401
    assert ask(emulator, "GET", "page/rows", headers={"Authorization": "Bearer secret"}).json()["rows"] == []


@pytest.mark.parametrize("path", ["page/ask/dynamodb/Scan", "page/rules", "page/check"])
def test_pages_of_others_may_ask_nothing(start: Start, path: str) -> None:
    answer = ask(start(ORDERS), "POST", path, b"{}", headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-page")


def test_rows_tell_what_became_of_each_attempt(start: Start, client_for: Any) -> None:
    emulator = start({**ORDERS, "rules": [LOST]})
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "<b>"}})
    rows = ask(emulator, "GET", "page/rows").json()["rows"]
    assert [(row["fate"], row["applied"], row["key"], row["tables"]) for row in rows] == [
        ("lost", True, "id=<b>", ["orders"]),
        ("ok", True, "id=<b>", ["orders"]),
    ]
    assert {row["fate"] for row in rows} <= set(FATES)
    assert len({row["call"] for row in rows}) == 1
    assert ask(emulator, "GET", f"page/rows?after={rows[0]['id']}").json()["rows"] == rows[1:]


def test_a_row_that_opens_tells_all_but_secrets(start: Start, client_for: Any) -> None:
    emulator = start({**ORDERS, "rules": [LOST]})
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "it's"}})
    detail = ask(emulator, "GET", "page/rows/1").json()
    assert detail["story"] == "The write was carried out, but its client got no whole answer: connection reset."
    assert detail["plan"] == "nothing is sent, then the connection is reset"
    assert (detail["response"]["left"], detail["rules"][0]["fired"]) == (False, True)
    assert "Signature=***" in detail["request"]["headers"]["authorization"]
    assert detail["curl"].startswith(f"curl -sS {emulator.url}/ -X POST --aws-sigv4 aws:amz:us-east-1:dynamodb ")
    assert detail["request"]["size"] == len(emulator.journal.entries()[0].request.body)
    assert ask(emulator, "GET", "page/rows/99").status_code == 404


def test_what_the_page_asks_of_tables_meets_no_rule_and_stands_in_no_journal(start: Start) -> None:
    everything = {"name": "all", "when": {}, "fault": "InternalServerError", "unfired": "allow"}
    emulator = start({**ORDERS, "rules": [everything]})
    put = ask(emulator, "POST", "page/ask/dynamodb/PutItem?region=eu-west-1", {"TableName": "orders", "Item": {"id": {"S": "a"}}})
    assert put.json() == {}
    found = ask(emulator, "POST", "page/ask/dynamodb/Scan?region=eu-west-1", {"TableName": "orders"}).json()
    assert found["Items"] == [{"id": {"S": "a"}}]
    assert ask(emulator, "POST", "page/ask/dynamodb/Scan", {"TableName": "orders"}).json()["Items"] == []
    assert len(emulator.journal) == 0


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("page/ask/dynamodb/Scan", {"TableName": "none"}, 409, "ResourceNotFoundException: "),
        ("page/ask/dynamodb/Scan", {"TableName": 1}, 409, "SerializationException: "),
        ("page/ask/dynamodb/DeleteTable", {"TableName": "orders"}, 404, "the page asks no 'DeleteTable' of 'dynamodb'"),
        ("page/ask/dynamodb/Scan", [], 400, "the body is a JSON object"),
        ("page/ask/dynamodb/Scan?region=a/b", {"TableName": "orders"}, 422, "'a/b' is no region"),
        ("page/rules", "name: x", 422, "nothing was loaded"),
    ],
)
def test_what_is_refused_says_why(start: Start, path: str, body: Any, status: int, text: str) -> None:
    answer = ask(start(ORDERS), "POST", path, body)
    assert answer.status_code == status
    assert text in answer.json()["error"]["message"]


def test_a_broken_rule_is_marked_at_its_place(start: Start) -> None:
    emulator = start(ORDERS)
    checked = ask(emulator, "POST", "page/check?of=rule&file=rule", "name: x\nwhen: {tabel: orders}\nfault: ThrottlingException\n")
    problem = checked.json()["problems"][0]
    assert (problem["line"], problem["column"], problem["hint"]) == (2, 8, "did you mean 'table'?")
    added = ask(emulator, "POST", "page/rules", "name: x\nwhen: {table: orders}\nfault: ThrottlingException\n")
    assert (added.status_code, [rule.name for rule in emulator.rules.list()]) == (201, ["x"])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "part.yaml").write_text("version: 1\ntables:\n  - name: orders\n    key: {id: S}\n")
    main = tmp_path / "main.yaml"
    main.write_text("version: 1\nname: first\ninclude: [part.yaml]\n")
    return main


@pytest.fixture
def saved(start: Start, files: Path) -> Emulator:
    return start(files, may_save=True)


def test_a_scenario_is_saved_back_to_its_file(saved: Emulator, files: Path) -> None:
    shown = ask(saved, "GET", "page/scenario").json()["files"]
    assert [(Path(one["file"]).name, one["may_save"]) for one in shown] == [("part.yaml", True), ("main.yaml", True)]
    text = files.read_text().replace("first", "second")
    assert ask(saved, "PUT", f"page/scenario?save=yes&file={files}", text).status_code == 200
    assert files.read_text() == text
    assert [one.name for one in files.parent.iterdir() if one.name.startswith(".")] == []


def test_a_broken_scenario_is_neither_loaded_nor_saved(saved: Emulator, files: Path) -> None:
    was = files.read_text()
    for save in ("yes", "no"):
        answer = ask(saved, "PUT", f"page/scenario?save={save}&file={files}", "version: 1\nnane: x\n")
        assert answer.json()["error"]["problems"][0]["column"] == 1
    assert (files.read_text(), saved.scenario.name) == (was, "first")


def test_a_text_is_tried_without_saving_it(saved: Emulator, files: Path) -> None:
    was = files.read_text()
    assert ask(saved, "PUT", f"page/scenario?file={files}", was.replace("first", "tried")).status_code == 200
    assert (saved.scenario.name, [table.name for table in saved.scenario.tables], files.read_text()) == ("tried", ["orders"], was)


def test_a_text_of_no_file_of_the_scenario_is_a_scenario_by_itself(saved: Emulator) -> None:
    assert ask(saved, "POST", "page/check?file=%3Ctext%3E", "version: 1\nnane: x\n").json()["problems"][0]["line"] == 2
    assert ask(saved, "PUT", "page/scenario?file=%3Ctext%3E", "version: 1\nname: other\n").status_code == 200
    assert (saved.scenario.name, saved.scenario.tables) == ("other", ())


def test_nothing_is_saved_where_that_is_not_allowed_or_that_is_no_file_of_the_scenario(start: Start, saved: Emulator, files: Path) -> None:
    other = files.parent / "other.yaml"
    other.write_text("version: 1\n")
    refused = ask(saved, "PUT", f"page/scenario?save=yes&file={other}", "version: 1\nname: x\n")
    assert (refused.status_code, other.read_text()) == (422, "version: 1\n")
    plain = start(files)
    answer = ask(plain, "PUT", f"page/scenario?save=yes&file={files}", "version: 1\nname: x\n")
    assert "--edit" in answer.json()["error"]["message"]
    inside = requests.put(f"{saved.url}/sandbox/one/_emulator/page/scenario?save=yes&file={files}", data="version: 1\n", timeout=20)
    assert (inside.status_code, "first" in files.read_text()) == (403, True)


def test_verdicts_do_not_blame_a_call_that_still_waits(start: Start, client_for: Any) -> None:
    """The report of a run that is over does: that is when nothing more can come."""
    emulator = start({**ORDERS, "rules": [{**LOST, "fault": "ThrottlingException"}]})
    client = client_for(emulator)

    class Ended(BaseException):
        pass

    def ends_before_its_retry(**_: Any) -> None:
        if len(emulator.journal):
            raise Ended

    client.meta.events.register_last("before-send.dynamodb", ends_before_its_retry)
    with pytest.raises(Ended):
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
    found = ask(emulator, "GET", "page/verdicts").json()
    assert (found["calls"], found["verdict"], len(emulator.journal)) == (1, "pass", 1)
    assert emulator.report().verdict == "fail"
    assert found["wait"] >= 1


def test_the_stream_tells_rows_together_and_the_state_when_it_changes(start: Start, client_for: Any) -> None:
    emulator = start({**ORDERS, "rules": [{**LOST, "fault": "ThrottlingException"}]})
    with requests.get(f"{emulator.url}/_emulator/page/stream", stream=True, timeout=20) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith((b"event: ", b"data: ")))
        assert (next(lines), orjson.loads(next(lines)[6:])["rules"][0]["fired"]) == (b"event: state", 0)
        client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "a"}})
        fates: dict[int, str] = {}
        fired = 0
        while fired == 0 or list(fates.values()) != ["throttled", "ok"]:
            event, data = next(lines), orjson.loads(next(lines)[6:])
            if event == b"event: rows":
                fates.update({row["id"]: row["fate"] for row in data["rows"]})
            else:
                fired = data["rules"][0]["fired"]
    assert fired == 1


def test_values_that_are_hidden_are_hidden_here_too(start: Start, client_for: Any, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(
        "version: 1\ndescription: no 4711\ntables:\n  - name: orders\n    key: {id: S}\n    items: [{id: a, pin: hunter2}]\n"
        "rules:\n  - name: no\n    when: {table: orders, key: {id: other}, operation: GetItem}\n"
        "    fault: ThrottlingException\n    unfired: allow\n"
    )
    emulator = start(file, redact=["pin"], may_save=True)
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "b"}, "pin": {"S": "hunter3"}})
    reads = ["page/rows", "page/rows/1", "page/scenario", "page/verdicts", "report?format=html", "report?format=markdown"]
    told = [ask(emulator, "GET", path).text for path in reads]
    told.append(ask(emulator, "POST", "page/ask/dynamodb/Scan", {"TableName": "orders"}).text)
    assert not [text for text in told if "hunter" in text]
    assert '"***"' in told[1]
    assert '"***"' in told[-1]
    put = ask(emulator, "POST", "page/ask/dynamodb/PutItem", {"TableName": "orders", "Item": {"id": {"S": "b"}}})
    saved = ask(emulator, "PUT", f"page/scenario?save=yes&file={file}", "version: 1\n")
    assert (put.status_code, saved.status_code) == (422, 422)
    assert "--redact" in put.json()["error"]["message"]
    assert "hunter2" in file.read_text()
