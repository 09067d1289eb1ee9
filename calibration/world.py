"""An emulator without sockets, whose time a simulation moves, and the noise of a machine between it and its clients."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from random import Random
from typing import Any

import orjson

from emulator.audit import AuditFinding, evidence_of, judge_audit
from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall, group
from emulator.journal.outcomes import ClientOutcome, ResponseClass, classify_response
from emulator.messages import Ending, HttpRequest
from emulator.scenario import Scenario

_AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/{0}/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
_TARGETS = {"dynamodb": "DynamoDB_20120810", "streams": "DynamoDBStreams_20120810", "backup-gateway": "BackupOnPremises_v20210101"}
_TOOK = 0.001
# A stalling machine stands still once in so many seconds, for 20 to 60 ms; its server forgets that as fast as the real one
_SLOT, _SHORTEST, _LONGEST, _FADES = 0.15, 0.02, 0.06, 0.15
_MEAN = 0.005


@dataclass(frozen=True, slots=True)
class Send:
    """What a client does: a request. It is resumed with what it reads of the answer."""

    operation: str
    params: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    service: str = "dynamodb"


@dataclass(frozen=True, slots=True)
class Sleep:
    """What a client does: wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client reads; `body` is the decoded answer, `asked` the wait that a header asks for, in seconds."""

    seen: ClientOutcome
    body: Any
    asked: float | None


Doing = Generator[Send | Sleep, Answer | None, Any]


class Noise:
    """What a machine adds: nothing to speak of, 5 ms on average, or stalls of 40 ms on average."""

    def __init__(self, kind: str, dice: Random) -> None:
        self._kind = kind
        self._dice = dice
        self._stalls: dict[int, tuple[float, float]] = {}

    def delay(self, now: float) -> float:
        """How late what is due now happens, in seconds."""
        small = 0.0001 + 0.0005 * self._dice.random()
        if self._kind == "5 ms":
            return small + self._dice.expovariate(1 / _MEAN)
        if self._kind == "40 ms stalls":
            begin, end = self._stall(now)
            return small + (end - now if begin <= now < end else 0.0)
        return small

    def late(self, now: float) -> float:
        """How late the server's timers ran lately, as it would have measured."""
        if self._kind == "5 ms":
            return max(self._dice.expovariate(1 / _MEAN) for _ in range(3))
        if self._kind == "40 ms stalls":
            begin, end = self._stall(now if now > self._stall(now)[1] else now - _SLOT)
            return float((end - begin) * self._dice.random() * 2.0 ** (-max(0.0, now - end) / _FADES))
        return 0.0002

    def _stall(self, now: float) -> tuple[float, float]:
        slot = int(now / _SLOT)
        if slot not in self._stalls:
            begin = (slot + 0.5 * self._dice.random()) * _SLOT
            self._stalls[slot] = (begin, begin + self._dice.uniform(_SHORTEST, _LONGEST))
        return self._stalls[slot]


class World:
    """Runs clients, generators of what they do, each on a connection of its own, until all are done."""

    def __init__(self, scenario: Scenario, noise: Noise, seed: int) -> None:
        self.clock = ManualClock()
        self._core = EmulatorCore(scenario, clock=self.clock, seed=seed, can_cut=True)
        self._noise = noise
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count(1)
        self._connections = count(1)
        self.waits = 0

    def start(self, doing: Doing, at: float, address: str = "127.0.0.1") -> None:
        connection = [next(self._connections)]
        self._plan(at, lambda: self._resume(doing, None, connection, address))

    def run(self) -> None:
        while self._events:
            at, _, happen = heapq.heappop(self._events)
            self.clock.advance(max(0.0, at - self.clock.monotonic()))
            happen()
        odd = [entry for entry in self._core.journal if entry.bug or (entry.error and not entry.fault)]
        assert not odd, f"a simulated client sent what the emulator refuses: {odd[0].reply.body!r}"

    def calls(self) -> list[LogicalCall]:
        return group(self._core.journal.entries())

    def judge(self) -> list[AuditFinding]:
        return judge_audit(None, evidence_of(self.calls()))

    def _plan(self, at: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at, next(self._numbers), happen))

    def _resume(self, doing: Doing, answer: Answer | None, connection: list[int], address: str) -> None:
        try:
            step = doing.send(answer)
        except StopIteration:
            return
        now = self.clock.monotonic()
        if isinstance(step, Sleep):
            self.waits += 1
            due = now + step.seconds
            self._plan(due + self._noise.delay(due), lambda: self._resume(doing, None, connection, address))
        else:
            self._plan(now + self._noise.delay(now), lambda: self._arrive(doing, step, connection, address))

    def _arrive(self, doing: Doing, sent: Send, connection: list[int], address: str) -> None:
        now = self.clock.monotonic()
        headers = {
            "x-amz-target": f"{_TARGETS[sent.service]}.{sent.operation}",
            "content-type": "application/x-amz-json-1.0",
            "authorization": _AUTHORIZATION.format("backup-gateway" if sent.service == "backup-gateway" else "dynamodb"),
            "x-amz-date": datetime.fromtimestamp(self.clock.now(), timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
            **sent.headers,
        }
        request = HttpRequest(
            "POST",
            "/",
            headers,
            orjson.dumps(sent.params),
            connection[0],
            f"{address}:{40000 + connection[0]}",
            now,
            late=self._noise.late(now),
        )
        exchange = self._core.exchange(request)
        assert isinstance(exchange, Exchange)
        ended = now + _TOOK + (exchange.plan.delay if exchange.plan is not None else 0.0)
        self._plan(ended, lambda: self._end(doing, exchange, connection, address))

    def _end(self, doing: Doing, exchange: Exchange, connection: list[int], address: str) -> None:
        now = self.clock.monotonic()
        ending = Ending.KEEP if exchange.plan is None else exchange.plan.ending
        delivery = exchange.delivery
        delivery.first_byte, delivery.ended = now, now
        delivery.how = "sent" if ending is Ending.KEEP else "reset"
        self._core.delivered(exchange)
        if ending is not Ending.KEEP:
            self._core.disconnected(connection[0])
            connection[0] = next(self._connections)
        answer = _read(exchange)
        self._plan(now + self._noise.delay(now), lambda: self._resume(doing, answer, connection, address))


def _read(exchange: Exchange) -> Answer:
    seen = classify_response(exchange)
    asked = next((value for name, value in exchange.reply.headers if name.lower() == "x-amz-retry-after"), None)
    body = orjson.loads(exchange.reply.body) if seen.outcome is ResponseClass.SUCCESS else {}
    return Answer(seen, body, None if asked is None else int(asked) / 1000)
