"""The emulated services behind the wire, by name, and the fixtures that a scenario puts into them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from emulator.clock import Clock
from emulator.engine import Engine
from emulator.errors import ServiceError
from emulator.messages import Call
from emulator.scenario import Position, Problem, Scenario, ScenarioError
from emulator.wire import ACCOUNT
from emulator.wording import Wording

_TRIAL_REGION = "us-east-1"


class Backend(Protocol):
    """One emulated service. `operations` are the names that it can execute."""

    operations: frozenset[str]

    def execute(self, call: Call) -> dict[str, Any] | None:
        """The operation's output, None for an empty body. Raises ServiceError for what the service refuses."""

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""

    def reset(self) -> None:
        """Forget all data."""


# Services that few runs speak to are imported when one does


def _backup_gateway(clock: Clock) -> Backend:
    from emulator.backup_gateway import BackupGateway

    return BackupGateway(clock)


def _backup(clock: Clock) -> Backend:
    from emulator.backup import Backup

    return Backup(clock)


_SMALLER: dict[str, Callable[[Clock], Backend]] = {"backup-gateway": _backup_gateway, "backup": _backup}


class Backends:
    """Owns the engines of one emulator; `dynamodb` is the one that holds the tables. The scenario's tables and backups are brought
    into a region when it is first used: which one a client works in shows only then."""

    def __init__(self, clock: Clock, wording: Wording, table_delay: float) -> None:
        self._clock = clock
        self.dynamodb = Engine(clock, wording=wording, table_delay=table_delay)
        self._by_service: dict[str, Backend] = {"dynamodb": self.dynamodb, "streams": self.dynamodb.streams}
        self._lock = threading.RLock()
        self._scenario = Scenario()
        self._furnished: set[str] = set()

    def find(self, service: str) -> Backend:
        """The engine of a service. Raises KeyError for a name that is none (`emulator.errors.SERVICES`)."""
        backend = self._by_service.get(service)
        if backend is None:
            backend = self._by_service.setdefault(service, _SMALLER[service](self._clock))
        return backend

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        return self.find(call.service).key_names(call, table)

    def check(self, scenario: Scenario) -> None:
        """Furnish an engine that nobody uses: what it refuses is a problem of the scenario, not of the first request. Raises
        ScenarioError with every problem."""
        problems: list[Problem] = []
        if scenario.tables:
            _furnish(Engine(self._clock), _TRIAL_REGION, scenario, problems)
        if problems:
            raise ScenarioError(problems)

    def install(self, scenario: Scenario) -> None:
        """Take over the fixtures of a scenario that has been checked, in the stead of tables of the same names."""
        with self._lock:
            self._scenario = scenario
            self._furnished = set()

    def furnish(self, region: str) -> None:
        """Bring the fixtures into a region, once. These calls of our own meet no faults and stand in no journal."""
        if region in self._furnished:
            return
        with self._lock:
            if region not in self._furnished:
                _furnish(self.dynamodb, region, self._scenario, [])
                self._furnished.add(region)

    def reset(self) -> None:
        """Forget all data; the fixtures come back as they were."""
        with self._lock:
            self._furnished = set()
            for backend in self._by_service.values():
                backend.reset()


def _furnish(engine: Engine, region: str, scenario: Scenario, problems: list[Problem]) -> None:
    for table in scenario.tables:
        try:
            engine.furnish(region, ACCOUNT, table.create, table.items, ttl=table.ttl)
        except ServiceError as error:
            problems.append(_problem(scenario, table.where, f"the service refuses table '{table.name}': {error.message}"))
    for backup in scenario.backups:
        try:
            engine.furnish_backup(region, ACCOUNT, backup.table, backup.name)
        except ServiceError as error:
            problems.append(_problem(scenario, backup.where, f"the service refuses backup '{backup.name}': {error.message}"))


def _problem(scenario: Scenario, where: Position, message: str) -> Problem:
    lines = next((saved.text.splitlines() for saved in scenario.texts if saved.file == where.file), [])
    return Problem(where.file, where.line, where.column, message, source=lines[where.line - 1] if where.line <= len(lines) else "")
