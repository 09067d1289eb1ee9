"""The emulated services behind the wire, by name, and the fixtures that a scenario puts into them."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import ParamSpec, Protocol, TypeVar
from weakref import WeakMethod

from emulator.aws.errors import SERVICES, EmulatorError, ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import Clock
from emulator.messages import AS_USUAL, Call, Capacity, ExecutionContext, Outcome
from emulator.scenario import Demand, Position, Problem, Scenario, ScenarioError
from emulator.scenario.tables import TableFixture
from emulator.scenario.upstream import AWS, UpstreamSettings
from emulator.wire import ACCOUNT

_Asked = ParamSpec("_Asked")
_Found = TypeVar("_Found")
_PREFIX = re.compile(r"[A-Za-z0-9_.-]{3,100}")
_TRIAL_REGION = "us-east-1"
_AT_ANY_UPSTREAM = ("dynamodb", "streams")
# What scenarios demand (`FEATURES`), and why it cannot be had there
_NOT_AT_AN_UPSTREAM = {
    "history": "asks for reads of the past, and an upstream has only the present",
    "backups": "cannot be put into an upstream",
}


class ServiceBackend(Protocol):
    """A service at work. `operations` are the names of those that it can carry out."""

    operations: frozenset[str]

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome | Awaitable[Outcome]:
        """Carry out a call: its outcome, or an awaitable of it where the backend is on the far side of a network; it must not block. Raises
        ServiceError for what the service refuses; then nothing has been written."""

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""


class Backend(ServiceBackend, Protocol):
    """A service with data of its own."""

    def new_empty(self) -> Backend:
        """The same service with no data."""


class Remote(ServiceBackend, Protocol):
    """All services on the far side of a network, with data that are not ours. `asked` are the settings as its user gave them, `settings`
    the same completed. `create_tables` is the prefix of the tables that may be made there, None: none may."""

    asked: UpstreamSettings
    settings: UpstreamSettings
    create_tables: str | None

    def learn(self, call: Call) -> Awaitable[None] | None:
        """An awaitable that ends when the tables of a call are known: rules and limits ask about them without waiting. None where they are
        known already."""

    def capacity(self, call: Call, table: str, index: str | None = None) -> Capacity | None:
        """What a table or an index of it may take; None where that is not known."""

    def described(self) -> str:
        """Where requests go, in words for people; at AWS with the account. Raises EmulatorError where the account cannot be had."""

    async def open(self, tables: Sequence[TableFixture]) -> None:
        """Make the tables of a scenario, where that may be. Raises EmulatorError where they cannot be made."""

    async def close(self) -> None:
        """Drop what this run has made, and close the connections of the running event loop."""


# Services that few runs speak to are imported when one does


def _backup_gateway(clock: Clock) -> Backend:
    from emulator.backends.backup_gateway import BackupGateway

    return BackupGateway(clock)


def _backup(clock: Clock) -> Backend:
    from emulator.backends.backup import BackupService

    return BackupService(clock)


_SMALLER: dict[str, Callable[[Clock], Backend]] = {"backup-gateway": _backup_gateway, "backup": _backup}


def connect(settings: UpstreamSettings, clock: Clock, *, yes_this_is_aws: bool, create_tables: str | None) -> Remote:
    """The services behind an address. Raises EmulatorError where that is AWS and its user has not agreed to it, where the library for it is
    not installed, or where credentials are missing."""
    if settings.is_aws and not yes_this_is_aws:
        raise EmulatorError(f"the upstream {settings.url} is AWS, with real data and real costs; --yes-this-is-aws says that you mean it")
    try:
        from emulator.backends.upstream import UpstreamBackend
    except ImportError as error:
        raise EmulatorError(f"an upstream needs {error.name}: pip install 'dynafault[upstream]'") from None
    if create_tables is not None and not _PREFIX.fullmatch(create_tables):
        raise EmulatorError(f"{create_tables[:100]!r} is no beginning of a table's name: 3 to 100 letters, digits, '_', '-' and '.'")
    return UpstreamBackend(settings, clock, os.environ, create_tables)


# What makes or drops tables, backups and streams: the registers that a run has for itself
REGISTERING = frozenset(
    ("CreateBackup", "CreateTable", "DeleteBackup", "DeleteTable", "RestoreTableFromBackup", "RestoreTableToPointInTime", "UpdateTable")
)


class Backends:
    """The services of one emulator, as one run sees them. `dynamodb` is the embedded engine that holds the tables.

    The scenario's tables and backups are put into a region when it is first used: only then it shows which region a client works in.
    `others` are the rest of the services by name, and those that take the place of embedded ones. `upstream` takes the place of DynamoDB
    and its streams, and at AWS of all services; `has_begun`: no more tables are made there."""

    def __init__(
        self,
        clock: Clock,
        dynamodb: Engine,
        others: dict[str, Backend],
        scenario: Scenario | None = None,
        upstream: Remote | None = None,
        *,
        has_begun: bool = False,
    ) -> None:
        self._clock = clock
        self.dynamodb = dynamodb
        self._others = others
        self.upstream = upstream
        # The names of the tables that were made at the upstream; None before the start
        self._made: frozenset[str] | None = frozenset() if has_begun else None
        self._by_service: dict[str, ServiceBackend] = {"dynamodb": dynamodb, "streams": dynamodb.streams, **others}
        if upstream is not None:
            self._by_service |= dict.fromkeys(SERVICES if upstream.settings.url == AWS else _AT_ANY_UPSTREAM, upstream)
        self._lock = threading.RLock()
        self._scenario = scenario or Scenario()
        # The regions that have the fixtures
        self.loaded_regions: set[str] = set()

    @classmethod
    def embedded(cls, clock: Clock) -> Backends:
        """The embedded services in their default settings, empty."""
        return cls(clock, Engine(clock), {})

    def find(self, service: str) -> ServiceBackend:
        """The backend of a service. Raises KeyError for a name that is none (`emulator.aws.errors.SERVICES`)."""
        backend = self._by_service.get(service)
        if backend is None:
            if service not in self._others:
                self._others.setdefault(service, _SMALLER[service](self._clock))
            backend = self._by_service[service] = self._others[service]
        return backend

    def is_remote(self, service: str) -> bool:
        """Whether a service is on the far side of a network: then that side decides what a valid request is."""
        return self.upstream is not None and self._by_service.get(service) is self.upstream

    def learn(self, call: Call) -> Awaitable[None] | None:
        """An awaitable that ends when the faults can be asked about a call; None where they can be asked now."""
        return self.upstream.learn(call) if self.upstream is not None and self.is_remote(call.service) else None

    async def open(self) -> None:
        """Make the scenario's tables at an upstream, where that may be. Raises EmulatorError where they cannot be made."""
        if self.upstream is not None:
            self._made = frozenset(table.name for table in self._scenario.tables)
            await self.upstream.open(self._scenario.tables)

    async def close(self) -> None:
        """Let go of what the running event loop holds."""
        if self.upstream is not None:
            await self.upstream.close()

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        return self.find(call.service).key_names(call, table)

    def capacity(self, call: Call, table: str, index: str | None = None) -> Capacity | None:
        """What a table or an index of it may take; None for one that is not there, or whose backend does not tell."""
        if self.upstream is not None:
            return self.upstream.capacity(call, table, index)
        return None if "dynamodb" in self._others else self.dynamodb.capacity(call, table, index)

    def check(self, scenario: Scenario) -> None:
        """Load the fixtures into an engine that nobody uses, so that what it refuses is a problem of the scenario, and not of the first
        request. Raises ScenarioError with every problem."""
        problems: list[Problem] = []
        if scenario.upstream is not None and (self.upstream is None or scenario.upstream != self.upstream.asked):
            where = scenario.wheres["upstream"]
            problems.append(_problem(scenario, where, "which upstream it is in front of is said once, when the emulator starts"))
        if self.upstream is not None:
            problems += impossible_at_upstream(scenario, self.upstream.create_tables)
            problems += self._late_tables(scenario)
            if not problems and scenario.tables:
                _load_fixtures(Engine(self._clock), _TRIAL_REGION, scenario, problems)
        elif scenario.tables and "dynamodb" in self._others:
            where = scenario.tables[0].where
            problems.append(_problem(scenario, where, "tables can be put into the embedded engine only, and another is in its place"))
        elif scenario.tables:
            _load_fixtures(Engine(self._clock), _TRIAL_REGION, scenario, problems)
        if problems:
            raise ScenarioError(problems)

    def _late_tables(self, scenario: Scenario) -> Iterator[Problem]:
        """Tables of a scenario that is loaded after the start, when they are made."""
        for table in scenario.tables:
            if self._made is not None and table.name not in self._made:
                yield _problem(scenario, table.where, f"table '{table.name}' comes too late: tables are made when the emulator starts")

    def check_demands(self, demands: Iterable[Demand]) -> None:
        """Raises ScenarioError for a rule, added by itself, that demands what no upstream can be made to do."""
        found = [demand for demand in demands if self.upstream is not None and demand.feature in _NOT_AT_AN_UPSTREAM]
        if found:
            raise ScenarioError(
                Problem(one.where.file, one.where.line, one.where.column, f"{one.who} {_NOT_AT_AN_UPSTREAM[one.feature]}") for one in found
            )

    def successor(self, scenario: Scenario) -> Backends:
        """The services with the fixtures of another scenario, which has been checked: its tables take the place of those with the same
        names. Whoever still works with this object does not see them; all other data are shared."""
        return self._followed(Backends(self._clock, self.dynamodb.successor(), self._others, scenario, self.upstream))

    def new_empty(self, scenario: Scenario) -> Backends:
        """The services without any data but a scenario's."""
        others = {name: backend.new_empty() for name, backend in self._others.items()}
        return self._followed(Backends(self._clock, self.dynamodb.new_empty(), others, scenario, self.upstream))

    def _followed(self, successor: Backends) -> Backends:
        successor._made = self._made
        return successor

    def load_fixtures(self, region: str) -> None:
        """Put the fixtures into a region, once. These calls are our own: no rule is asked about them, and they are not in the journal."""
        if region in self.loaded_regions or self.upstream is not None:
            return
        with self._lock:
            if region not in self.loaded_regions:
                _load_fixtures(self.dynamodb, region, self._scenario, [])
                self.loaded_regions.add(region)


def impossible_at_upstream(scenario: Scenario, create_tables: str | None) -> Iterator[Problem]:
    """The problems of a scenario that asks for what no upstream can be made to do. `create_tables` is the prefix of tables that may be made
    there, None: none may."""
    for table in scenario.tables:
        if create_tables is None:
            yield _problem(scenario, table.where, f"table '{table.name}' is made at an upstream with --create-tables PREFIX only")
        elif not table.name.startswith(create_tables):
            message = f"table '{table.name}' does not begin with '{create_tables}', as what is made at the upstream has to"
            yield _problem(scenario, table.where, message)
    for expectation in scenario.expect:
        if expectation.table is not None:
            yield _problem(scenario, expectation.where, "what an upstream's tables hold is not looked at; ask the upstream itself")
    for demand in scenario.demands:
        if demand.feature in _NOT_AT_AN_UPSTREAM:
            yield _problem(scenario, demand.where, f"{demand.who} {_NOT_AT_AN_UPSTREAM[demand.feature]}")


def _load_fixtures(engine: Engine, region: str, scenario: Scenario, problems: list[Problem]) -> None:
    for table in scenario.tables:
        try:
            engine.load_table(region, ACCOUNT, table.create, table.items, ttl=table.ttl)
        except ServiceError as error:
            problems.append(_problem(scenario, table.where, f"the service refuses table '{table.name}': {error.message}"))
    for backup in scenario.backups:
        try:
            engine.load_backup(region, ACCOUNT, backup.table, backup.name)
        except ServiceError as error:
            problems.append(_problem(scenario, backup.where, f"the service refuses backup '{backup.name}': {error.message}"))


def _problem(scenario: Scenario, where: Position, message: str) -> Problem:
    lines = next((saved.text.splitlines() for saved in scenario.texts if saved.file == where.file), [])
    return Problem(where.file, where.line, where.column, message, source=lines[where.line - 1] if where.line <= len(lines) else "")


def weakly(method: Callable[_Asked, _Found | None]) -> Callable[_Asked, _Found | None]:
    """A method that tells of the tables, for those that the emulator holds: if they held it, it would keep itself alive, with all of its
    data."""
    known = WeakMethod(method)

    def ask(*asked: _Asked.args, **named: _Asked.kwargs) -> _Found | None:
        bound = known()
        return None if bound is None else bound(*asked, **named)

    return ask
