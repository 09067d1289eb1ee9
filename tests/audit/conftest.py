"""Journals made by hand: logical calls of attempts, with the gaps, answers and clients that a test is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import orjson
import pytest

from emulator.audit import VERDICTS, evidence_of
from emulator.audit.verdicts import Ruling
from emulator.aws.errors import lookup
from emulator.journal import Delivery, Exchange
from emulator.journal.invocations import LogicalCall, group
from emulator.journal.outcomes import classify_response
from emulator.journal.tracking import CallTracker
from emulator.journal.writes import keys_in, left_undone
from emulator.messages import Attempt as Place
from emulator.messages import Call, HttpReply, HttpRequest, WirePlan, Written

KEY_NAMES = {"orders": ("id",)}
TOOK = 0.01
LOST = ("reset", "closed", "hung", "client-closed")


@dataclass
class Attempt:
    """`what`: "ok", an error's name, a status, or what became of the connection. `gap` is the wait before it."""

    what: str = "ok"
    gap: float = 0.1
    took: float = TOOK
    applied: bool | None = None
    body: bytes | None = None
    reply: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, Any] | None = None
    pending: bool = False


@pytest.fixture
def attempt() -> Callable[..., Attempt]:
    return Attempt


@pytest.fixture
def call() -> Callable[..., list[Exchange]]:
    """The exchanges of one call: `call("a", "ThrottlingException", attempt("ok", gap=0.5))`. `at` is when it begins, `agent` its
    User-Agent, `identified` whether it has an invocation id."""
    return make_entries


@pytest.fixture
def judge() -> Callable[..., Ruling]:
    """What a verdict says of such calls, given in any order."""

    def ask(verdict: str, *calls: list[Exchange], refused: Iterable[Exchange] = (), interrupted: bool = False) -> Ruling:
        entries = placed(sorted((entry for one in calls for entry in one), key=lambda entry: entry.request.arrived))
        numbered = [entry._replace(id=number) for number, entry in enumerate(entries, 1)]
        return VERDICTS[verdict].judge(evidence_of(group(numbered), tuple(refused), interrupted=interrupted))

    return ask


def placed(entries: list[Exchange]) -> list[Exchange]:
    """The exchanges with their works and tries, as the tracker tells them while they come and go. Which attempt of which call each is
    stays as it was made."""
    tracker = CallTracker(lambda _, table: KEY_NAMES.get(table))
    found = list(entries)
    places: dict[int, Place] = {}
    comings = [(entry.request.arrived, 1, number) for number, entry in enumerate(entries)]
    goings = [(entry.ended, 0, number) for number, entry in enumerate(entries) if entry.ended is not None]
    for at, is_coming, number in sorted([*comings, *goings]):
        entry = entries[number]
        assert entry.call is not None
        if is_coming:
            places[number] = place = tracker.arrived(entry.call)
            found[number] = entry._replace(work=place.work, tries=place.tries)
            # One that took no time has gone already
        elif number in places:
            outcome = classify_response(entry).outcome
            tracker.end(entry.call, places[number], at, outcome, left_undone(entry, outcome))
    return found


def make_entries(
    call_id: str,
    *attempts: Attempt | str,
    operation: str = "PutItem",
    params: dict[str, Any] | None = None,
    agent: str = "",
    at: float = 0.0,
    identified: bool = True,
    numbered: int | None = None,
    table: str = "orders",
) -> list[Exchange]:
    params = params or {"TableName": "orders", "Item": {"id": {"S": call_id}}}
    now = at
    entries = []
    for number, one in enumerate((Attempt(one) if isinstance(one, str) else one for one in attempts), 1):
        now += one.gap if number > 1 else 0.0
        headers = {"user-agent": agent, **one.headers}
        if numbered is not None:
            headers.setdefault("amz-sdk-request", f"attempt={number}; max={numbered}")
        content = one.params or params
        request = HttpRequest("POST", "/", headers, orjson.dumps(content), peer="127.0.0.1:5000", arrived=now)
        known = Call("dynamodb", operation, content, (table,), "us-east-1", "0", "AKID", call_id if identified else "", request)
        arrived = now
        now += one.took
        facts = _facts(one, known)
        entries.append(
            Exchange(0, 1_800_000_000.0 + arrived, request, known, _reply(one), _delivery(one, now), 0, call_id, number, **facts)
        )
    return entries


def _reply(one: Attempt) -> HttpReply:
    status = int(one.what) if one.what.isdecimal() else 200
    body = b"{}"
    if one.what not in ("ok", *LOST) and not one.what.isdecimal():
        try:
            status = lookup(one.what).status
        except KeyError:
            status = 400
        body = orjson.dumps({"__type": one.what, "message": one.what})
    body = body if one.body is None else one.body
    return HttpReply(status, [("x-amz-crc32", str(crc32(body))), *one.reply.items()][1 if "x-amz-crc32" in one.reply else 0 :], body)


def _facts(one: Attempt, call: Call) -> dict[str, Any]:
    """What was decided, answered and written, where the attempt's words do not say otherwise."""
    reads = call.operation.startswith(("Get", "BatchGet", "Query", "Scan", "TransactGet", "Describe"))
    good = one.what == "ok"
    applied = one.applied if one.applied is not None else None if reads else good
    fault = "" if good and one.body is None and not one.reply else "scripted"
    return {
        "rule": "r" if fault else "",
        "fault": fault,
        "error": one.what if one.what[0].isupper() else "",
        "written": None if applied is None else Written(tuple(keys_in(call, KEY_NAMES)) if applied else ()),
        "key_names": KEY_NAMES if applied else None,
        "plan": WirePlan(delay=60.0) if one.pending else None,
    }


def _delivery(one: Attempt, ended: float) -> Delivery:
    return Delivery() if one.pending else Delivery(how=one.what if one.what in LOST else "sent", ended=ended)


@pytest.fixture
def make_call() -> Callable[..., LogicalCall]:
    """A logical call made of (gap before it in seconds, error or "", applied) for each attempt; each takes 10 ms."""

    def make(
        call_id: str, *attempts: tuple[float, str, bool | None], operation: str = "PutItem", at: float = 0.0, **params: Any
    ) -> LogicalCall:
        made = [Attempt(error or "ok", gap, applied=applied) for gap, error, applied in attempts]
        entries = make_entries(call_id, *made, operation=operation, params=params or None, at=at)
        # What is lacking here is looked for in the body, which these calls do not have
        (one,) = group(entry._replace(fault="") for entry in entries)
        return one

    return make
