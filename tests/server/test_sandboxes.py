"""Sandboxes: complete emulators on one server that do not see each other."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import requests
from flask import Flask

from emulator import Emulator, EmulatorError
from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.server.admin.client import AdminClient
from emulator.server.sandboxes import IDLE, MAX_SANDBOXES, SandboxError, Sandboxes

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules: [{name: trouble, when: {operation: PutItem, attempt: 1}, fault: InternalServerError}]
"""


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    return start()


@pytest.fixture
def client_of(emulator: Emulator) -> Any:
    clients = []

    def make(name: str) -> Any:
        kwargs = emulator.boto3_kwargs()
        kwargs["endpoint_url"] = f"{emulator.url}/sandbox/{name}"
        clients.append(boto3.client("dynamodb", **kwargs))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_nothing_leaks_from_one_to_another(emulator: Emulator, client_of: Any) -> None:
    admin = {name: AdminClient(f"{emulator.url}/sandbox/{name}") for name in ("one", "two")}
    admin["one"].load(SCENARIO)
    admin["one"].advance_clock(3_600)
    client_of("one").put_item(TableName="orders", Item={"id": {"S": "a"}})
    assert client_of("two").list_tables()["TableNames"] == []
    assert [call["attempts"] for call in admin["one"].calls()] == [2]
    assert [call["operation"] for call in admin["two"].calls()] == ["ListTables"]
    assert admin["two"].scenario()["rules"] == []
    assert emulator.sandboxes.core("one").clock.now() > emulator.sandboxes.core("two").clock.now() + 3_000
    assert len(emulator.journal) == 0


def test_they_are_listed_and_deleted(emulator: Emulator, client_of: Any) -> None:
    admin = AdminClient(emulator.url)
    for name in ("b", "a"):
        client_of(name).list_tables()
    assert [(sandbox["name"], sandbox["exchanges"]) for sandbox in admin.sandboxes()] == [("a", 1), ("b", 1)]
    admin.delete_sandbox("a")
    assert [sandbox["name"] for sandbox in admin.sandboxes()] == ["b"]
    with pytest.raises(EmulatorError, match="there is no sandbox 'a'"):
        admin.delete_sandbox("a")
    assert client_of("a").list_tables()["TableNames"] == []


def test_two_hundred_at_once(emulator: Emulator) -> None:
    for number in range(200):
        answer = requests.get(f"{emulator.url}/sandbox/s{number}/_emulator/health", timeout=20)
        assert answer.json()["status"] == "ready"
    assert len(emulator.sandboxes.listed()) == 200


@pytest.mark.parametrize("name", ["", "a%20b", "-x", "x" * 65])
def test_a_name_that_is_none_is_refused_plainly(emulator: Emulator, name: str) -> None:
    for path in ("/", "/_emulator/health"):
        answer = requests.get(f"{emulator.url}/sandbox/{name}{path}", timeout=20)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-sandbox")


def test_there_is_an_end_to_their_number_and_to_idle_ones() -> None:
    clock = ManualClock()
    sandboxes = Sandboxes(EmulatorCore(clock=clock))
    for number in range(MAX_SANDBOXES):
        sandboxes.core(f"s{number}")
    with pytest.raises(SandboxError, match="delete some first"):
        sandboxes.core("one-more")
    clock.advance(IDLE / 2)
    sandboxes.core("s7")
    clock.advance(IDLE / 2 + 1)
    sandboxes.drop_idle(clock.monotonic())
    assert [sandbox["name"] for sandbox in sandboxes.listed()] == ["s7"]


def test_a_slash_at_the_end_of_the_endpoint_does_not_matter(emulator: Emulator) -> None:
    for url in (f"{emulator.url}/sandbox/x", f"{emulator.url}/sandbox/x/"):
        kwargs = emulator.boto3_kwargs()
        kwargs["endpoint_url"] = url
        client = boto3.client("dynamodb", **kwargs)
        assert client.list_tables()["TableNames"] == []
        client.close()


def test_what_is_deleted_is_gone_at_once(emulator: Emulator, client_of: Any, eventually: Callable[[Callable[[], Any]], None]) -> None:
    gc.collect()
    gc.disable()
    try:
        held = weakref.ref(emulator.sandboxes.core("one"))
        with AdminClient(f"{emulator.url}/sandbox/one") as admin:
            admin.load(SCENARIO)
            client = client_of("one")
            client.put_item(TableName="orders", Item={"id": {"S": "a"}})
            client.close()
            assert len(admin.calls()) == 1
            assert admin.report()["rules"]
        with AdminClient(emulator.url) as admin:
            admin.delete_sandbox("one")
        # A connection knows whom its last request was for, until it is closed
        eventually(lambda: held() is None)
    finally:
        gc.enable()


def test_apps_of_those_that_are_gone_do_not_add_up(emulator: Emulator, eventually: Callable[[Callable[[], Any]], None]) -> None:
    for number in range(80):
        with AdminClient(f"{emulator.url}/sandbox/s{number}") as admin:
            admin.load(SCENARIO)
        with AdminClient(emulator.url) as admin:
            admin.delete_sandbox(f"s{number}")
    eventually(lambda: sum(type(one) is Flask for one in gc.get_objects()) < 60)
