"""An emulator at an address: bind, serve in the foreground or in a thread, stop.

`Emulator` is what programs use; the port is bound when it starts, and it is ready when `start` returns."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypedDict

from dynafault_time.real import keep_machine_time
from emulator.aws.errors import EmulatorError
from emulator.aws.wording import WordingName
from emulator.backends.services import Backend
from emulator.clock import Clock, SystemClock
from emulator.core import EmulatorCore
from emulator.faults import Rules
from emulator.journal import Journal
from emulator.journal.invocations import LogicalCall
from emulator.scenario import Scenario, ScenarioSource
from emulator.scenario.upstream import UpstreamSettings
from emulator.server.admin.access import Access
from emulator.server.admin.bridge import WsgiBridge
from emulator.server.context import Limits
from emulator.server.environment import DEFAULT_REGION, client_variables, credentials_for, with_client_variables
from emulator.server.http import HttpServer
from emulator.server.listener import Listener
from emulator.server.loop_errors import LoopErrors
from emulator.server.punctual import run_punctually
from emulator.server.sandboxes import IDLE, Sandboxes

if TYPE_CHECKING:
    from emulator.report import Report
    from emulator.server.fast_time import FastTime

_LOOPBACK = ("127.", "localhost", "::1")


class Boto3Kwargs(TypedDict, total=False):
    """The keywords of `boto3.client` and `boto3.resource` that point them at an emulator."""

    endpoint_url: str
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


class Emulator:
    """A local DynamoDB on its own port, in its own thread.

        with Emulator(scenario="throttling.yaml") as emulator:
            client = boto3.client("dynamodb", **emulator.boto3_kwargs())

    `scenario` is a path, the short name of a shipped one, YAML text, a mapping, or None for a healthy service. `port` 0 takes a free
    one. `seed` overrides the scenario's, `parameters` its parameters' defaults. `admin_token` is asked of who uses the admin API;
    `limits` are the server's time-outs; `sandbox_idle` seconds without a request drop a sandbox. `wording` and `table_delay` (seconds)
    are the engine's, `clock` is for tests, `backends` take the place of embedded services. Where it listens on this machine alone, only
    requests to a local name are answered; `allow_hosts` are further names, "*" every one. `cors` are the origins whose web pages may
    read its answers. `redact` names attributes (globs too) whose values are written down nowhere: not in the journal, reports, events
    or the admin API. `may_save`: the live page may write the scenario back to its files. `upstream` is the address of a DynamoDB to
    stand in front of ("aws", or a URL), in place of the scenario's; one at AWS needs `yes_this_is_aws`. The
    scenario's tables are made there if their names begin with `create_tables`, and dropped at the end. Where it signs with credentials
    of its user, or other machines reach it, clients sign with keys of the run (`boto3_kwargs`), and the admin API asks for
    `admin_token`, which is drawn where none is given.

    Raises EmulatorError where the address cannot be had, ScenarioError for a scenario that is not right.

    `host` and `port` are where it listens (the port is known once it has started), `core` is the emulator without its server, `sandboxes`
    its others, apart from it."""

    def __init__(
        self,
        scenario: ScenarioSource | Scenario | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        wording: WordingName = "2026-10",
        table_delay: float = 0.0,
        admin_token: str | None = None,
        limits: Limits | None = None,
        sandbox_idle: float = IDLE,
        clock: Clock | None = None,
        backends: Mapping[str, Backend] | None = None,
        allow_hosts: Collection[str] = (),
        cors: Collection[str] = (),
        redact: Collection[str] = (),
        may_save: bool = False,
        upstream: str | UpstreamSettings | None = None,
        yes_this_is_aws: bool = False,
        create_tables: str | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.core = EmulatorCore(
            scenario,
            seed=seed,
            parameters=parameters,
            clock=clock,
            wording=wording,
            table_delay=table_delay,
            can_cut=True,
            backends=backends,
            cors=cors,
            redact=redact,
            upstream=upstream,
            yes_this_is_aws=yes_this_is_aws,
            create_tables=create_tables,
            is_exposed=not self.is_local,
        )
        self.sandboxes = Sandboxes(self.core, sandbox_idle)
        if admin_token is not None and not admin_token.strip():
            raise EmulatorError("the admin token is empty, which keeps nobody out; leave it out to have none")
        self.admin_token = secrets.token_urlsafe(24) if admin_token is None and self.core.own_keys else admin_token
        names = {name.lower() for name in (*allow_hosts, f"[{host}]" if ":" in host else host)}
        self._access = Access(self.admin_token, local_only=self.is_local, hosts=frozenset(names), may_save=may_save)
        self._limits = limits or Limits()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._server: HttpServer | None = None
        self._fast: FastTime | None = None

    def __repr__(self) -> str:
        return (
            f"<Emulator at {self.url}, {'running' if self._thread else 'not running'}, scenario {self.scenario.name!r}, seed {self.seed}>"
        )

    # --- where it is

    @property
    def is_local(self) -> bool:
        """Whether it listens on this machine alone."""
        return self.host.startswith(_LOOPBACK)

    @property
    def url(self) -> str:
        """The endpoint for SDKs, e.g. "http://127.0.0.1:8000"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.port}"

    def boto3_kwargs(self, region: str = DEFAULT_REGION) -> Boto3Kwargs:
        """What `boto3.client` needs to talk to this emulator. The credentials are the first of the scenario's, or else worthless."""
        credentials = credentials_for(self.core.keys)
        kwargs = Boto3Kwargs(
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret,
        )
        if credentials.token is not None:
            kwargs["aws_session_token"] = credentials.token
        return kwargs

    def environment(self, present: Mapping[str, str] | None = None) -> dict[str, str]:
        """A whole environment for a program whose AWS SDKs are to talk to this emulator: `present` (this process's own, if left out) with
        the variables that point them here."""
        return with_client_variables(self.url, os.environ if present is None else present, credentials_for(self.core.keys))

    @contextmanager
    def environment_set(self) -> Iterator[None]:
        """While it lasts, the AWS SDKs of this process are pointed here by its environment, as those of `environment()` are; afterwards all
        is as it was. Clients that are made meanwhile keep talking to this emulator."""
        wanted = client_variables(self.url, os.environ, credentials_for(self.core.keys))
        before = {name: os.environ.get(name) for name in wanted}
        _set(wanted)
        try:
            yield
        finally:
            _set(before)

    # --- what it does, and what happened

    @property
    def scenario(self) -> Scenario:
        """The scenario at work."""
        return self.core.scenario

    @property
    def seed(self) -> int:
        """The seed of this run: as given, the scenario's own, or drawn."""
        return self.core.seed

    @property
    def phase(self) -> str | None:
        """The phase of the scenario that it is now; None without phases, and after the last one."""
        return self.core.phase

    @property
    def clock(self) -> Clock:
        """`clock.advance(seconds)` moves the emulated time forward."""
        return self.core.clock

    @property
    def journal(self) -> Journal:
        """Every exchange, oldest first."""
        return self.core.journal

    @property
    def rules(self) -> Rules:
        """The rules at work: add, remove, enable, list."""
        return self.core.rules

    def load(self, scenario: ScenarioSource | Scenario | None, *, parameters: Mapping[str, Any] | None = None) -> Scenario:
        """Replace the scenario, with fresh counters and its own tables. Raises ScenarioError for a bad one, which changes nothing. The
        data of tables that it does not name stays as it is."""
        return self.core.load(scenario, parameters=parameters)

    def reset(self, *what: str) -> None:
        """Start afresh: any of "data" (back to the scenario's own tables), "counters" (those of the rules), "journal", "scenario" (none
        any more: a healthy service); all of them by default. Raises EmulatorError for another word."""
        self.core.reset(*what)

    def report(self, *, interrupted: bool = False, overran: bool | None = None) -> Report:
        """What the run comes down to so far. `interrupted`: its program did not end by itself, so what it had not done yet says nothing
        of it. `overran`: whether it was ended since it took longer than the scenario allows; None where nobody watched it."""
        return self.core.report(interrupted=interrupted, overran=overran)

    def calls(self, *, operation: str | None = None, table: str | None = None) -> list[LogicalCall]:
        """The client's logical calls in order of arrival, all or those of an operation or on a table."""
        return self.core.calls(operation=operation, table=table)

    # --- time that does not pass

    @contextmanager
    def fast_time(self) -> Iterator[None]:
        """While it lasts, all clocks and waits of this process, and this emulator's, follow one virtual time, which passes only when
        nobody runs: what is waited for costs nothing. Raises EmulatorError where that cannot be had: the emulator does not run, it has a
        clock of its own, or time-machine is not installed (`pip install "dynafault[fast-time]"`)."""
        from dynafault_time import FastTimeError

        with ExitStack() as ending:
            try:
                ending.enter_context(self._fast_time().here())
            except FastTimeError as error:
                raise EmulatorError(str(error)) from None
            yield

    @contextmanager
    def fast_time_environment(self, present: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
        """A whole environment for Python programs that are to run in fast time, they and what they start: `present`, or that of
        `environment()`, with what they need. While it lasts, their clocks and this emulator's follow one virtual time, which passes when
        none of them runs. Their Python needs time-machine. Raises EmulatorError where fast time cannot be had."""
        with self._fast_time().environment(self.environment() if present is None else present) as environment:
            yield environment

    @property
    def fast_programs(self) -> int:
        """How many programs in processes of their own have taken part in fast time."""
        return 0 if self._fast is None else self._fast.programs_joined

    def _fast_time(self) -> FastTime:
        from dynafault_time import FastTimeError
        from dynafault_time.support import check_support
        from emulator.server.fast_time import FastTime

        try:
            check_support()
        except FastTimeError as error:
            raise EmulatorError(str(error)) from None
        if self.core.run.backends.upstream is not None:
            raise EmulatorError("fast time is for the embedded DynamoDB: at an upstream, time passes as it does everywhere")
        if self._server is None or self._loop is None or self._thread is None:
            raise EmulatorError("fast time is for an emulator that runs: start it first")
        if not isinstance(self.clock, SystemClock):
            raise EmulatorError(f"fast time moves the machine's clock; this emulator has another one, {type(self.clock).__name__}")
        if self._fast is None:
            self._fast = FastTime(self._loop, self._server, self.clock, self.port)
        return self._fast

    # --- in a thread

    def start(self) -> Emulator:
        """Serve in a thread of its own; returns when requests are answered. Raises EmulatorError where that cannot be had."""
        if self._thread is not None:
            raise EmulatorError(f"this emulator is running already, at {self.url}")
        listener = Listener(self.host, self.port, self.clock)
        self.port = listener.port
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(listener, started), name="dynafault", daemon=True)
        self._thread.start()
        try:
            started.result()
        except EmulatorError:
            self._thread = None
            listener.close()
            raise
        except OSError as error:
            self._thread = None
            listener.close()
            raise EmulatorError(f"cannot serve on {self.url}: {error.strerror or error}") from error
        return self

    def stop(self) -> None:
        """Stop serving; requests under way have a moment to finish. Does nothing if it does not run."""
        thread, self._thread = self._thread, None
        self._fast = None
        if thread is None:
            return
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _run(self, listener: Listener, started: Future[None]) -> None:
        keep_machine_time()
        try:
            run_punctually(self._serve(listener, lambda: started.set_result(None)))
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)

    # --- in the foreground

    def serve_forever(self, ready: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` is called when requests are answered. For the main thread."""
        listener = Listener(self.host, self.port, self.clock)
        self.port = listener.port
        run_punctually(self._serve(listener, ready, signals=True))

    async def _serve(self, listener: Listener, ready: Callable[[], None], *, signals: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(LoopErrors(self.clock).handle)
        self._loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="dynafault-body", initializer=keep_machine_time))
        self._stop = asyncio.Event()
        if signals:
            _on_signals(self._loop, self._stop, self._panic)
        admin = WsgiBridge(self.sandboxes, self._access, self.host, self.port)
        self._server = server = HttpServer(self.sandboxes, listener, admin.handle, self._access, self._limits)
        try:
            await self.core.open()
            await server.open()
            try:
                ready()
                await self._stop.wait()
            finally:
                await server.drain()
        finally:
            await self.core.close()
            admin.close()

    def _panic(self) -> None:
        for core in self.sandboxes.cores():
            core.rules.off()
        print("dynafault: all rules are off; POST /_emulator/rules/on brings them back", file=sys.stderr, flush=True)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, panic: Callable[[], None]) -> None:
    if hasattr(signal, "SIGUSR1"):
        loop.add_signal_handler(signal.SIGUSR1, panic)
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            # Windows has no signal handlers in the loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
