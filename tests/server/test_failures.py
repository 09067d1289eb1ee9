"""Whatever of the emulator itself raises between the first byte of a request and the last of its answer: the client gets an answer or a
closed connection, the journal an entry, and the server lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.server.answering import Answering
from emulator.server.connection import Connection
from emulator.server.delivery import PlannedDelivery
from tests.conftest import PATIENCE, PATIENT

SCENARIO = {
    "version": 1,
    "tables": [{"name": "orders", "key": {"id": "S"}}],
    "rules": [{"name": "late", "when": {"operation": "PutItem", "request": 3}, "fault": {"delay": "1ms"}}],
}
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}


class Broken(Exception):
    """Nothing in the emulator expects it."""


def raising(*_: Any, **__: Any) -> Any:
    raise Broken("on purpose")


def put(emulator: Emulator, text: str = "") -> int:
    """The status of the answer to a write; 0 where the connection was closed."""
    body = orjson.dumps({"TableName": "orders", "Item": {"id": {"S": "a"}, "text": {"S": text}}})
    headers = {**HEADERS, "x-amz-target": "DynamoDB_20120810.PutItem"}
    try:
        return requests.post(emulator.url, headers=headers, data=body, timeout=PATIENCE).status_code
    except requests.exceptions.ConnectionError:
        return 0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    # Its journal has failures of its own in it, and shall
    with Emulator(SCENARIO, limits=PATIENT) as emulator:
        yield emulator


def tracker(core: EmulatorCore) -> Any:
    return core.run.tracker


# What raises: where it is found, its name, and what is known of the write then
PLACES: dict[str, tuple[Callable[[EmulatorCore], Any], str, Any]] = {
    "reading the request": (lambda core: core._codec, "decode", None),
    "counting it": (tracker, "arrived", False),
    "loading its fixtures": (lambda core: core.run.backends, "load_fixtures", False),
    "deciding": (lambda core: core.run.rules, "decide", False),
    "carrying it out": (lambda core: core.run.backends.find("dynamodb"), "execute", "unknown"),
    "writing the answer": (lambda core: core._codec, "encode", True),
}


def break_(core: EmulatorCore, place: str, monkeypatch: Any) -> None:
    where, name, _ = PLACES[place]
    owner = where(core)
    try:
        monkeypatch.setattr(owner, name, raising)
    except AttributeError:
        # It has slots
        monkeypatch.setattr(type(owner), name, raising)


@pytest.mark.parametrize("text", ["", "x" * 300_000], ids=["in the loop", "in a thread"])
@pytest.mark.parametrize("place", PLACES)
def test_what_raises_is_an_answer_and_an_entry(place: str, text: str, emulator: Emulator) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_(emulator.core, place, patch)
        assert put(emulator, text) == 500
    (entry,) = emulator.journal.entries()
    assert "Broken: on purpose" in entry.bug
    assert entry.applied == PLACES[place][2]
    assert entry.delivery.how == "sent"
    assert put(emulator) == 200
    assert not emulator.report().passed


class DeafObserver:
    began = exchanged = delivered = staticmethod(raising)


def test_an_observer_that_raises_costs_nobody_anything(emulator: Emulator, capfd: Any) -> None:
    observer = DeafObserver()
    with pytest.raises(Broken):
        emulator.core.observe(observer)
    assert put(emulator) == 200
    assert "Broken: on purpose" in capfd.readouterr().err
    assert [entry.delivery.how for entry in emulator.journal] == ["sent"]


@pytest.mark.parametrize("text", ["", "x" * 300_000], ids=["in the loop", "in a thread"])
def test_a_journal_that_raises_costs_no_answer(text: str, emulator: Emulator, capfd: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulator.journal, "add", raising)
        assert put(emulator, text) == 200
    assert "Broken: on purpose" in capfd.readouterr().err
    assert put(emulator) == 200


SERVER: dict[str, tuple[Any, str]] = {
    "dispatching": (Connection, "_dispatch"),
    "sending": (Answering, "_send"),
    "a plan": (PlannedDelivery, "_chosen"),
    "the last part of a plan": (PlannedDelivery, "_write_last"),
}


@pytest.mark.parametrize("text", ["", "x" * 300_000], ids=["in the loop", "in a thread"])
@pytest.mark.parametrize("place", SERVER)
def test_what_raises_in_the_server_closes_the_connection(place: str, text: str, emulator: Emulator, capfd: Any) -> None:
    statuses = []
    with pytest.MonkeyPatch.context() as patch:
        owner, name = SERVER[place]
        patch.setattr(owner, name, raising)
        statuses = [put(emulator, text) for _ in range(3)]
    assert statuses == [200, 200, 0] if "plan" in place else statuses[:2] == [0, 0]
    assert put(emulator) == 200
    assert "Broken: on purpose" in capfd.readouterr().err
    assert [entry.delivery.how for entry in emulator.journal if entry.delivery.how not in ("sent", "cut")] == []
    assert len(emulator.journal) == (1 if place == "dispatching" else 4)


def test_an_admin_api_that_cannot_be_made_closes_the_connection(emulator: Emulator, capfd: Any) -> None:
    import emulator.server.app as app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "create_app", raising)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{emulator.url}/_emulator/report", timeout=PATIENCE)
    assert "Broken: on purpose" in capfd.readouterr().err
    assert requests.get(f"{emulator.url}/_emulator/report", timeout=PATIENCE).status_code == 200


def test_a_report_that_raises_is_an_error_of_the_admin_api(emulator: Emulator) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulator.core, "report", raising)
        answer = requests.get(f"{emulator.url}/_emulator/report", timeout=PATIENCE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "bug")
    assert put(emulator) == 200
