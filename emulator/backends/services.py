"""The emulated services behind the wire, by name, and the fixtures that a scenario puts into them."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import Clock
from emulator.messages import AS_USUAL, Call, Capacity, ExecutionContext, Outcome
from emulator.scenario import Position, Problem, Scenario, ScenarioError
from emulator.wire import ACCOUNT

_TRIAL_REGION = "us-east-1"


class Service(Protocol):
    """One service at work. `operations` are the names that it can execute."""

    operations: frozenset[str]

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome | Awaitable[Outcome]:
        """What the operation came to; a backend on the far side of a network gives something to wait for instead, which must not
        block. Raises ServiceError for what the service refuses; then it has written nothing."""

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""


class Backend(Service, Protocol):
    """A service by itself, whose data are its own."""

    def new_empty(self) -> Backend:
        """The same service with no data."""


# Services that few runs speak to are imported when one does


def _backup_gateway(clock: Clock) -> Backend:
    from emulator.backends.backup_gateway import BackupGateway

    return BackupGateway(clock)


def _backup(clock: Clock) -> Backend:
    from emulator.backends.backup import Backup

    return Backup(clock)


_SMALLER: dict[str, Callable[[Clock], Backend]] = {"backup-gateway": _backup_gateway, "backup": _backup}

# What makes or drops tables, backups and streams: the registers that a run has for itself
REGISTERING = frozenset(
    ("CreateBackup", "CreateTable", "DeleteBackup", "DeleteTable", "RestoreTableFromBackup", "RestoreTableToPointInTime", "UpdateTable")
)


class Backends:
    """The services of one emulator as one run sees them; `dynamodb` is the embedded engine that holds the tables. The scenario's tables
    and backups are brought into a region when it is first used: which one a client works in shows only then. `others` are the rest of
    the services by name, and those that take the place of embedded ones."""

    def __init__(self, clock: Clock, dynamodb: Engine, others: dict[str, Backend], scenario: Scenario | None = None) -> None:
        self._clock = clock
        self.dynamodb = dynamodb
        self._others = others
        self._by_service: dict[str, Service] = {"dynamodb": dynamodb, "streams": dynamodb.streams, **others}
        self._lock = threading.RLock()
        self._scenario = scenario or Scenario()
        self._furnished: set[str] = set()

    @classmethod
    def embedded(cls, clock: Clock) -> Backends:
        """The embedded services in their default settings, empty."""
        return cls(clock, Engine(clock), {})

    def find(self, service: str) -> Service:
        """The backend of a service. Raises KeyError for a name that is none (`emulator.aws.errors.SERVICES`)."""
        backend = self._by_service.get(service)
        if backend is None:
            if service not in self._others:
                self._others.setdefault(service, _SMALLER[service](self._clock))
            backend = self._by_service[service] = self._others[service]
        return backend

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        return self.find(call.service).key_names(call, table)

    def capacity(self, call: Call, table: str, index: str | None = None) -> Capacity | None:
        """What a table or an index of it may take; None for one that is not there, or whose backend does not tell."""
        return None if "dynamodb" in self._others else self.dynamodb.capacity(call, table, index)

    def check(self, scenario: Scenario) -> None:
        """Load the fixtures into an engine that nobody uses: what it refuses is a problem of the scenario, not of the first request.
        Raises ScenarioError with every problem."""
        problems: list[Problem] = []
        if scenario.tables and "dynamodb" in self._others:
            where = scenario.tables[0].where
            problems.append(_problem(scenario, where, "tables can be put into the embedded engine only, and another is in its place"))
        elif scenario.tables:
            _furnish(Engine(self._clock), _TRIAL_REGION, scenario, problems)
        if problems:
            raise ScenarioError(problems)

    def successor(self, scenario: Scenario) -> Backends:
        """The services with the fixtures of another scenario that has been checked, in the stead of tables of the same names. Who still
        works with this one sees nothing of them; all other data is the same for both."""
        return Backends(self._clock, self.dynamodb.successor(), self._others, scenario)

    def new_empty(self, scenario: Scenario) -> Backends:
        """The services without any data but a scenario's."""
        others = {name: backend.new_empty() for name, backend in self._others.items()}
        return Backends(self._clock, self.dynamodb.new_empty(), others, scenario)

    def furnish(self, region: str) -> None:
        """Bring the fixtures into a region, once. These calls of our own meet no faults and stand in no journal."""
        if region in self._furnished:
            return
        with self._lock:
            if region not in self._furnished:
                _furnish(self.dynamodb, region, self._scenario, [])
                self._furnished.add(region)


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
