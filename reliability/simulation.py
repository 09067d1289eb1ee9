"""Whole worlds under one seed: an emulator on a clock that is moved by hand, random clients, and a network that is a function call. What
happens follows from the seed alone, so one that fails can be run again.

    python -m reliability simulate --worlds 10000
    python -m reliability simulate --seed 4711        # this one world
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import orjson

from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import Ending, HttpRequest
from reliability.checks import Violation, check_data, check_journal
from reliability.scenarios import TABLE, random_request, random_scenario

_TARGETS = {"dynamodb": "DynamoDB_20120810", "streams": "DynamoDBStreams_20120810"}
_AUTHORIZATION = "AWS4-HMAC-SHA256 Credential={0}/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
_HOW = {Ending.KEEP: "sent", Ending.FINISH: "sent", Ending.CLOSE: "closed", Ending.RESET: "reset", Ending.HANG: "hung"}
_MAX_ATTEMPTS = 4


class World:
    """One emulator and its clients."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.clock = ManualClock()
        self.core = EmulatorCore(random_scenario(self.chance), seed=seed, clock=self.clock, can_cut=True)
        self.requests = 0

    def run(self) -> None:
        """Some clients call, each in its turn, and are answered; sometimes somebody changes the rules. Raises Violation."""
        clients = [_Client(self, number) for number in range(self.chance.randint(1, 4))]
        for _ in range(self.chance.randint(5, 40)):
            self.chance.choice(clients).call()
            self.clock.advance(self.chance.choice([0.0, 0.01, 0.5]))
            if self.chance.random() < 0.03:
                self.send("CreateBackup", {"TableName": TABLE, "BackupName": "kept"}, client=0)
        entries = self.core.journal.entries()
        if len(entries) != self.requests:
            raise Violation(f"{self.requests} requests, and {len(entries)} in the journal")
        check_journal(self.core, entries, Counter())
        self.core.report().to_json()
        self.clock.advance(5.0)
        self.core.load(None)
        check_data(self._ask, entries)

    def send(self, operation: str, params: dict[str, Any], service: str = "dynamodb", *, client: int, headers: Any = None) -> Exchange:
        """One request over the network that is none: what becomes of its answer follows from the plan."""
        self.requests += 1
        sent = {
            "host": "localhost",
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"{_TARGETS[service]}.{operation}",
            "authorization": _AUTHORIZATION.format(f"AKID{client}"),
            "x-amz-date": "20261120T120000Z",
            "user-agent": "Boto3/1.44.5 md/Botocore#1.44.5",
            **(headers or {}),
        }
        request = HttpRequest("POST", "/", sent, orjson.dumps(params), client + 1, f"127.0.0.1:{5000 + client}", self.clock.monotonic())
        exchange = self.core.exchange(request)
        if not isinstance(exchange, Exchange):
            raise Violation(f"{operation} is waited for, though nothing of it is elsewhere")
        self._deliver(exchange)
        return exchange

    def _deliver(self, exchange: Exchange) -> None:
        plan, delivery = exchange.plan, exchange.delivery
        self.clock.advance(0.001 + (0.0 if plan is None else plan.delay))
        delivery.first_byte = self.clock.monotonic()
        if plan is not None and plan.ending is Ending.HANG:
            self.clock.advance(plan.hang_for or 60.0)
        delivery.ended = self.clock.monotonic()
        delivery.how = "sent" if plan is None else _HOW[plan.ending]
        delivery.sent = len(exchange.reply.body)
        self.core.delivered(exchange)

    def _ask(self, operation: str, params: dict[str, Any], service: str) -> dict[str, Any]:
        exchange = self.send(operation, params, service, client=99)
        if exchange.reply.status != 200:
            raise Violation(f"{operation} is answered with {exchange.reply.status}: {exchange.reply.body[:200]!r}")
        found: dict[str, Any] = orjson.loads(exchange.reply.body)
        return found


class _Client:
    """Calls, and tries again."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._number = number
        self._is_numbered = world.chance.random() < 0.7

    def call(self) -> None:
        chance = self._world.chance
        operation, params = random_request(chance)
        invocation = f"{chance.randrange(16**12):012x}"
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            numbered = {"amz-sdk-invocation-id": invocation, "amz-sdk-request": f"attempt={attempt}; max={_MAX_ATTEMPTS}"}
            exchange = self._world.send(operation, params, client=self._number, headers=numbered if self._is_numbered else None)
            if not 0 < exchange.reply.status < 600:
                raise Violation(f"an answer with status {exchange.reply.status}")
            if exchange.delivery.how == "sent" and exchange.reply.status < 500 and "hrottl" not in exchange.error:
                return
            self._world.clock.advance(chance.uniform(0.0, 0.05 * 2**attempt))


def journal_of(seed: int) -> list[bytes]:
    """The journal of a world, which must be the same each time."""
    world = World(seed)
    world.run()
    return [orjson.dumps(entry.to_json()) for entry in world.core.journal.entries()]


def simulate(seeds: range, *, twice_every: int = 10) -> int:
    """Run the worlds of these seeds, some of them twice; how many requests they had. Raises Violation, which says how to run that world
    again."""
    count = 0
    for seed in seeds:
        try:
            journal = journal_of(seed)
            if seed % twice_every == 0 and journal_of(seed) != journal:
                raise Violation("the same seed has given another journal")
        except Exception as error:
            raise Violation(f"world {seed}: {error!r}\nrun it again: python -m reliability simulate --seed {seed}") from error
        count += len(journal)
    return count
