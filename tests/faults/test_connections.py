"""`idle` and `opened`: rules about requests on connections that have been idle, or were opened before something happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from emulator import Emulator
from emulator.clock import EmulatedClock, SystemClock
from emulator.core import EmulatorCore
from emulator.scenario import ScenarioError, load_scenario

TABLES = [{"name": "orders", "key": {"id": "S"}}]
Connect = Callable[[Emulator], Callable[[], int]]
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.GetItem",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
BODY = '{"TableName": "orders", "Key": {"id": {"S": "a"}}}'


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A connection of its own, as a function that sends a request on it and gives back the status; 0: it was reset."""
    opened: list[HTTPConnection] = []

    def one(emulator: Emulator) -> Callable[[], int]:
        connection = HTTPConnection("127.0.0.1", emulator.port, timeout=20)
        connection.connect()
        opened.append(connection)

        def ask() -> int:
            try:
                connection.request("POST", "/", BODY, HEADERS)
                answer = connection.getresponse()
                answer.read()
            except ConnectionError:
                return 0
            return answer.status

        return ask

    yield one
    for connection in opened:
        connection.close()


def rule(when: dict[str, Any], fault: Any = "InternalServerError", **more: Any) -> dict[str, Any]:
    return {"version": 1, "tables": TABLES, "rules": [{"name": "r", "when": {"operation": "GetItem", **when}, "fault": fault}], **more}


def test_a_connection_that_was_idle_is_gone(start: Callable[..., Emulator], connect: Connect, emulated_clock: EmulatedClock) -> None:
    emulator = start(rule({"idle": "5s.."}, {"connection": "reset"}), clock=emulated_clock)
    used, unused = connect(emulator), connect(emulator)
    assert [used(), used(), unused()] == [200, 200, 200]
    emulated_clock.advance(4)
    assert used() == 200
    emulated_clock.advance(4)
    assert used() == 200
    assert unused() == 0
    emulated_clock.advance(5)
    assert used() == 0
    assert connect(emulator)() == 200


def test_idle_has_two_ends(start: Callable[..., Emulator], connect: Connect, emulated_clock: EmulatedClock) -> None:
    emulator = start(rule({"idle": "1s..3s", "request": 2}), clock=emulated_clock)
    ask = connect(emulator)
    told = []
    for seconds in (0, 2, 5, 2.5, 1, 3):
        emulated_clock.advance(seconds)
        told.append(ask())
    # Only those on idle connections are counted
    assert told == [200, 200, 200, 500, 200, 200]
    why = [emulator.core.explain(exchange)[0].text for exchange in emulator.journal]
    assert why[:3] == ["idle: wanted 1s..3s, was 0s", "request: wanted 2, was 1", "idle: wanted 1s..3s, was 5s"]
    (report,) = emulator.rules.list()
    assert (report.matched, report.fired) == (3, 1)


PHASES = [{"name": "healthy", "for": "10s"}, {"name": "outage", "for": "10s"}, {"name": "recovery"}]


@pytest.mark.parametrize(("opened", "old", "new"), [("before outage", 500, 200), ("after outage", 200, 500)])
def test_connections_from_before_a_phase(
    start: Callable[..., Emulator], connect: Connect, emulated_clock: EmulatedClock, opened: str, old: int, new: int
) -> None:
    emulator = start(rule({"opened": opened}, phases=PHASES), clock=emulated_clock)
    early = connect(emulator)
    assert early() == 200
    emulated_clock.advance(12)
    assert (early(), connect(emulator)()) == (old, new)
    emulated_clock.advance(10)
    assert (early(), connect(emulator)()) == (old, new)
    first, *others = [emulator.core.explain(exchange)[0].text for exchange in emulator.journal]
    assert first == f"opened: wanted {opened}, was before outage has begun"
    assert sorted(others)[-1] == f"opened: wanted {opened}, was {'after' if old == 500 else 'before'} outage"


def test_phases_of_calls_begin_with_a_call(start: Callable[..., Emulator], connect: Connect, emulated_clock: EmulatedClock) -> None:
    phases = [{"name": "healthy", "for": {"calls": 2}}, {"name": "outage"}]
    emulator = start(rule({"opened": "before outage"}, phases=phases), clock=emulated_clock)
    early = connect(emulator)
    assert early() == 200
    emulated_clock.advance(1)
    assert [early(), early()] == [200, 500]
    emulated_clock.advance(1)
    assert connect(emulator)() == 200


def test_a_clock_that_is_moved_moves_connections_with_it(start: Callable[..., Emulator], connect: Connect) -> None:
    clock = SystemClock()
    emulator = start(rule({"opened": "before outage", "idle": "30s.."}, phases=[PHASES[0], {"name": "outage"}]), clock=clock)
    early = connect(emulator)
    assert early() == 200
    clock.advance(60)
    assert (early(), early(), connect(emulator)()) == (500, 200, 200)


def test_who_knows_no_connections_refuses_the_scenario() -> None:
    with pytest.raises(ScenarioError, match="this server does not know its connections, which rule 'r' asks for"):
        EmulatorCore(rule({"idle": "5s.."}))
    core = EmulatorCore()
    with pytest.raises(ScenarioError, match="does not know its connections"):
        core.rules.add({"name": "r", "when": {"idle": "5s.."}, "fault": "ok"})


@pytest.mark.parametrize("when", [{"idle": "5s.."}, {"opened": "before outage"}])
def test_a_check_does_not_take_it_for_endless(when: dict[str, str]) -> None:
    assert load_scenario(rule(when, {"connection": "reset"}, phases=PHASES)).warnings == ()
    assert load_scenario(rule({}, {"connection": "reset"})).warnings


def test_problems_have_their_place() -> None:
    with pytest.raises(ScenarioError, match="there is no phase 'outtage'; did you mean 'outage'"):
        EmulatorCore(rule({"opened": "before outtage"}, phases=PHASES), can_cut=True)
    with pytest.raises(ScenarioError, match="expected before or after, and the name of a phase, such as before outage, got"):
        EmulatorCore(rule({"opened": "outage"}, phases=PHASES), can_cut=True)
    with pytest.raises(ScenarioError, match="a rule that comes alone knows no phases; leave 'opened' out"):
        EmulatorCore(can_cut=True).rules.add({"name": "r", "when": {"opened": "before outage"}, "fault": "ok"})
