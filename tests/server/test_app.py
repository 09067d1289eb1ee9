"""The Flask app under a WSGI server that is not ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from werkzeug.serving import make_server

from emulator.core import EmulatorCore
from emulator.scenario import ScenarioError
from emulator.server.app import create_app

DELAY = {"name": "slow", "when": {"operation": "GetItem"}, "fault": {"delay": "50ms"}}
THROTTLE = {"name": "throttle", "when": {"operation": "PutItem", "attempt": 1}, "fault": "InternalServerError"}
CUT = {"name": "cut", "when": {"operation": "GetItem"}, "fault": {"connection": "reset"}}


@pytest.fixture
def core(orders: dict[str, Any]) -> EmulatorCore:
    return EmulatorCore({**orders, "rules": [DELAY, THROTTLE]})


@pytest.fixture
def url(core: EmulatorCore) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(core), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_real_client_works_and_is_judged(core: EmulatorCore, url: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.put_item(TableName="orders", Item={"id": {"S": "b"}})
    assert client.get_item(TableName="orders", Key={"id": {"S": "b"}})["Item"] == {"id": {"S": "b"}}
    client.close()
    put, get = core.calls()
    assert (put.attempts, get.attempts) == (2, 1)
    assert get.first.ended is not None
    assert get.first.ended - get.first.request.arrived >= 0.05
    assert core.report().passed


def test_answers_are_as_exact_as_those_of_the_built_in_server(url: str) -> None:
    answer = requests.post(url, data=b"{", headers={"Content-Type": "application/x-amz-json-1.0"}, timeout=20)
    assert (answer.status_code, answer.headers["x-amz-crc32"]) == (400, "3948637019")
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert requests.get(f"{url}/", timeout=20).text == "healthy: dynamodb.us-east-1.amazonaws.com "
    assert requests.put(f"{url}/a/b", timeout=20).status_code == 404


def test_sandboxes_are_there_too(core: EmulatorCore, url: str) -> None:
    client = boto3.client(
        "dynamodb", endpoint_url=f"{url}/sandbox/x", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    assert client.list_tables()["TableNames"] == []
    client.close()
    assert len(core.journal) == 0
    assert requests.get(f"{url}/sandbox/x/_emulator/journal", timeout=20).json()["entries"][0]["operation"] == "ListTables"
    assert [sandbox["name"] for sandbox in requests.get(f"{url}/_emulator/sandboxes", timeout=20).json()["sandboxes"]] == ["x"]


def test_the_admin_api_is_there_too(url: str) -> None:
    assert requests.get(f"{url}/_emulator/health", timeout=20).json()["status"] == "ready"


def test_what_needs_the_socket_is_refused_by_name_and_place(orders: dict[str, Any], core: EmulatorCore, url: str) -> None:
    with pytest.raises(ScenarioError, match=r"<mapping>:\d+:\d+: this server cannot cut connections, which rule 'cut' asks for"):
        EmulatorCore({**orders, "rules": [CUT]})
    answer = requests.post(f"{url}/_emulator/rules", json=CUT, timeout=20)
    assert (answer.status_code, "cannot cut connections" in answer.json()["error"]["message"]) == (422, True)
    assert [rule.name for rule in core.rules.list()] == ["slow", "throttle"]


def test_a_sandbox_checks_signatures_of_what_was_sent(url: str) -> None:
    scenario = {"version": 1, "auth": {"keys": {"AKIDONE": "secret"}}}
    assert requests.put(f"{url}/sandbox/signed/_emulator/scenario", json=scenario, timeout=20).status_code == 200
    for endpoint in (f"{url}/sandbox/signed", f"{url}/sandbox/signed/"):
        client = boto3.client(
            "dynamodb", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKIDONE", aws_secret_access_key="secret"
        )
        assert client.list_tables()["TableNames"] == []
        client.close()
