"""Bytes on a socket, scenario files, and the admin API: refused or answered, and the server goes on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
import requests
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.scenario import ScenarioError, load_scenario
from emulator.server.admin.route_table import EVENTS, AdminRoute
from emulator.server.app import ROUTES as DESCRIBED
from emulator.server.app import create_app
from tests.conftest import PATIENCE, SCENARIOS
from tests.fuzz.conftest import FUZZING

REQUEST = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)
PIECES = [
    b"\r\n", b"\r\n\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n", b"\x00", b"HEAD ",
    b"Upgrade: h2c\r\n", b"0\r\n\r\n", b"ffffffffffff\r\n", b"GET / HTTP/1.0\r\n\r\n", b": ", b" " * 100, REQUEST,
]  # fmt: skip
INSTEAD = st.text(max_size=12) | st.sampled_from(["{", "- ", "&a", "*a", "!!x"])
STARTS = [path.read_text() for path in sorted(SCENARIOS.rglob("*.yaml"))[::12]]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@FUZZING
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=8),
    place=st.integers(0, len(REQUEST)),
    half_close=st.booleans(),
)
def test_bytes_on_a_socket(emulator: Emulator, pieces: list[bytes], place: int, half_close: bool) -> None:
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=PATIENCE) as client, suppress(ConnectionError):
        client.sendall(REQUEST[:place] + b"".join(pieces) + REQUEST[place:])
        if half_close:
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
    assert requests.get(f"{emulator.url}/_emulator/health", timeout=PATIENCE).status_code == 200
    assert not [entry.bug for entry in emulator.journal if entry.bug]


WORDS = [
    "version",
    "tables",
    "rules",
    "name",
    "when",
    "fault",
    "operation",
    "key",
    "items",
    "expect",
    "calls",
    "phases",
    "for",
    "in",
    "sequence",
    "delay",
    "chance",
    "where",
    "throughput",
    "auth",
    "keys",
    "include",
    "parameters",
    "attempt",
    "request",
    "connection",
]
WRITTEN = ["5s", "1..3", "every 2", "PutItem", "reads", "${x}"]
NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(WRITTEN),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)


def is_read_or_refused(text: str) -> None:
    try:
        load_scenario(text + "\n")
    except ScenarioError as refusal:
        refused = refusal
    else:
        return
    assert refused.problems
    assert str(refused)


@FUZZING
@given(root=st.dictionaries(st.sampled_from(WORDS), NODES, max_size=6))
def test_scenarios(root: Any) -> None:
    is_read_or_refused(yaml.safe_dump({"version": 1, **root}, allow_unicode=True))


@FUZZING
@given(
    text=st.sampled_from(STARTS),
    place=st.integers(0, 5000),
    length=st.integers(0, 40),
    instead=INSTEAD,
)
def test_changed_scenarios(text: str, place: int, length: int, instead: str) -> None:
    place %= len(text)
    is_read_or_refused(text[:place] + instead + text[place + length :])


LONG = st.just("9" * 5000)
MEMBERS = ["what", "enabled", "ttl", "name", "when", "fault", "advance_s"]
DESCRIPTIONS: tuple[AdminRoute, ...] = create_app(EmulatorCore()).extensions[DESCRIBED]
# Streams go on without end, whoever asks for them
STREAMS = {route.path for route in DESCRIPTIONS if EVENTS in route.answers}
ROUTES = [(route.method, route.path) for route in DESCRIPTIONS if route.path not in STREAMS]


@FUZZING
@given(
    route=st.sampled_from(ROUTES),
    method=st.sampled_from(["", "", "", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    name=st.text(max_size=10) | st.sampled_from(["1", "0", "-1", "9" * 40, "..", "%00"]),
    query=st.dictionaries(st.sampled_from(["limit", "format", "operation", "table", "x"]), st.text(max_size=8) | LONG, max_size=3),
    body=NODES | st.dictionaries(st.sampled_from(MEMBERS), NODES, max_size=3),
)
def test_the_admin_api(emulator: Emulator, route: tuple[str, str], method: str, name: str, query: dict[str, str], body: Any) -> None:
    path = route[1]
    for placeholder in ("{name}", "{entry_id}"):
        path = path.replace(placeholder, quote(name, safe=""))
    url = f"{emulator.url}{path if path.startswith('/_emulator') else '/_emulator' + path}"
    if any(url.endswith(stream) for stream in STREAMS):
        return
    content = repr(body).encode() if isinstance(body, float) else yaml.safe_dump(body, default_flow_style=True).encode()
    answer = requests.request(method or route[0].upper(), url, params=query, data=content, timeout=PATIENCE)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert set(answer.json()["error"]) >= {"code", "message"}
