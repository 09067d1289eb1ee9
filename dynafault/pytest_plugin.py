"""The pytest plugin: an emulator for each test, and a verdict on what the code under test did with it.

    @pytest.mark.dynafault("throttling/first-two-attempts.yaml")
    def test_order_is_saved_once(dynafault):
        place_order()

A marked test gets the fixture even if it does not name it: it must not reach the real service by mistake. One that passes although an
expectation of its scenario failed, or a rule never fired, is failed, and says which. Nothing of the emulator is imported before a
test asks for it: the plugin is loaded in every pytest run of an environment that has it, of projects with a package `emulator` of
their own, too.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynafault import explored_tests
from dynafault.call_sites import call_sites_told
from dynafault.shadowing import hidden_by
from dynafault.stray_clients import stray_clients

if TYPE_CHECKING:
    from emulator.explore.recorded import ExploredTest
    from emulator.scenario import Scenario, ScenarioSource
    from emulator.server import Emulator

MARKER = (
    "dynafault(*scenarios, parameters=None, seed=None, judge=True, fast_time=None): the scenarios (paths, YAML text, mappings) that the "
    "test runs against; with fast_time, what it waits for takes no time"
)
_KEYWORDS = frozenset({"parameters", "seed", "judge", "fast_time"})
_MAX_JOURNAL_SHOWN = 40
_APPLIED = {None: "", True: " applied", False: " not applied", "unknown": " perhaps applied"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dynafault", "a DynamoDB that fails on purpose")
    group.addoption("--dynafault-seed", type=int, metavar="N", help="take this seed instead of the scenarios' own")
    group.addoption("--dynafault-html", type=Path, metavar="FOLDER", help="write a report of each test there, and an index over all")
    group.addoption(
        "--dynafault-explore", action="store_true", help="run each test that uses an emulator without faults for each of its calls, failing"
    )
    group.addoption("--dynafault-explore-transient", action="store_true", help="explore without the faults that last")
    parser.addini("dynafault_scenarios", "folders with scenarios, relative to the root", type="paths", default=[])
    parser.addini("dynafault_judge", "fail tests whose scenario's expectations failed", type="bool", default=True)
    parser.addini("dynafault_fast_time", "let what tests wait for take no time", type="bool", default=False)
    parser.addini("dynafault_wording", "as of when to word validation errors: 2026-10 (or 2026), 2026-05 or classic", default="2026-10")
    parser.addini("dynafault_region", "the region of clients that name none", default="us-east-1")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    config.addinivalue_line("markers", explored_tests.MARKER)
    config.stash[_EXPLORER] = explored_tests.Explorer(config)
    config.pluginmanager.register(config.stash[_EXPLORER], "dynafault-explorer")


def _html_folder(config: pytest.Config) -> Path | None:
    """Where reports go; a worker of xdist writes where its session does."""
    folder: Path | None = config.getoption("--dynafault-html")
    # Another package of our name: the tests that ask for an emulator say so
    return None if folder is None or hidden_by() is not None else config.invocation_params.dir / folder


def pytest_sessionstart(session: pytest.Session) -> None:
    """An empty folder, for all workers."""
    folder = _html_folder(session.config)
    if folder is not None and not hasattr(session.config, "workerinput"):
        from emulator.report.formats.html.runs import clear

        try:
            clear(folder)
        except OSError as error:
            raise pytest.UsageError(f"--dynafault-html: {folder} cannot be written: {error.strerror}") from None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The index, when all workers are done."""
    folder = _html_folder(session.config)
    if folder is not None and not hasattr(session.config, "workerinput"):
        from emulator.report.formats.html.runs import write_index

        write_index(folder)


@pytest.fixture(scope="session")
def dynafault_server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """One emulator for the session (for each worker, under xdist), healthy and empty at first. Fails the tests that ask for it where
    another package of the name `emulator` hides ours."""
    reason = hidden_by()
    if reason is not None:
        pytest.fail(reason, pytrace=False)
    from emulator.server import Emulator

    seed = request.config.getoption("--dynafault-seed")
    with Emulator(wording=request.config.getini("dynafault_wording"), seed=seed) as emulator:
        yield emulator


@pytest.fixture
def _dynafault_cell(request: pytest.FixtureRequest) -> str | None:
    """The cell that an explored test is run under (see `explored_tests`); None without a fault."""
    cell: str | None = getattr(request, "param", None)
    return cell


@pytest.fixture
def dynafault(
    request: pytest.FixtureRequest, dynafault_server: Emulator, monkeypatch: pytest.MonkeyPatch, _dynafault_cell: str | None
) -> Iterator[Emulator]:
    """The session's emulator with fresh data, counters, journal and clock, and the scenario of the test's marker. The AWS SDKs of this
    process and of those that it starts are pointed at it until the test is over."""
    wanted = _Wanted.of(request.node)
    node = request.node
    rules: list[dict[str, Any]] = []
    if _dynafault_cell is not None:
        explored = request.config.stash[_EXPLORER].test_of(node, _dynafault_cell)
        rules = [] if explored is None else explored.rules(_dynafault_cell)
        if explored is None or not rules:
            pytest.skip("no such call with these parameters")
        node.stash[_CELL] = (explored, _dynafault_cell)
    scenario = wanted.load(request, rules)
    dynafault_server.core.start_over(scenario, seed=wanted.seed)
    _point_clients_at(dynafault_server, request.config.getini("dynafault_region"), monkeypatch)
    request.node.stash[_RUNNING] = (dynafault_server, wanted.judge and request.config.getini("dynafault_judge"))
    is_explored = explored_tests.is_explored(request.config, node, ())
    is_fast = request.config.getini("dynafault_fast_time") or (is_explored and explored_tests.has_fast_time())
    is_fast = is_fast if wanted.fast_time is None else wanted.fast_time
    with (
        call_sites_told(request.config.rootpath) if is_explored else nullcontext(),
        _fast_time(dynafault_server) if is_fast else nullcontext(),
    ):
        yield dynafault_server
    dynafault_server.core.start_over(None)


@contextmanager
def _fast_time(emulator: Emulator) -> Iterator[None]:
    from emulator.aws.errors import EmulatorError

    with ExitStack() as ending:
        try:
            ending.enter_context(emulator.fast_time())
        except EmulatorError as error:
            pytest.fail(str(error), pytrace=False)
        yield


@pytest.fixture(autouse=True)
def _dynafault_where_marked(request: pytest.FixtureRequest, _dynafault_cell: str | None) -> None:
    """A marked test whose author forgot the fixture, or that is a unittest.TestCase's and can have none."""
    node = request.node
    if node.get_closest_marker("dynafault") is not None or node.get_closest_marker("dynafault_explore") is not None:
        request.getfixturevalue("dynafault")


_RUNNING = pytest.StashKey[tuple["Emulator", bool]]()
_EXPLORER = pytest.StashKey[explored_tests.Explorer]()
_CELL = pytest.StashKey[tuple["ExploredTest", str]]()


class _Wanted:
    """What a test's marker asks for."""

    def __init__(self, sources: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        unknown = sorted(set(keywords) - _KEYWORDS)
        if unknown:
            raise pytest.UsageError(f"unknown argument {unknown[0]!r} of the marker dynafault; it takes {', '.join(sorted(_KEYWORDS))}")
        self.sources = sources
        self.parameters: Mapping[str, Any] = keywords.get("parameters") or {}
        self.seed: int | None = keywords.get("seed")
        self.judge: bool = keywords.get("judge", True)
        self.fast_time: bool | None = keywords.get("fast_time")

    @classmethod
    def of(cls, item: pytest.Item) -> _Wanted:
        marker = item.get_closest_marker("dynafault")
        return cls((), {}) if marker is None else cls(marker.args, marker.kwargs)

    def load(self, request: pytest.FixtureRequest, rules: Sequence[Mapping[str, Any]] = ()) -> Scenario:
        """`rules` come before those of the scenarios. Raises pytest's own failure, with every problem of the scenario and no traceback."""
        from emulator.scenario import ScenarioError, load_scenarios
        from emulator.scenario.library import find_scenario, missing

        folders = (request.path.parent, *map(Path, request.config.getini("dynafault_scenarios")))
        found = [find_scenario(str(source), *folders) if _is_path(source) else source for source in self.sources]
        for source, path in zip(self.sources, found, strict=True):
            if isinstance(path, Path) and not path.exists():
                pytest.fail(missing(str(source), *folders), pytrace=False)
        try:
            ours: list[ScenarioSource] = [{"version": 1, "rules": list(rules)}] if rules else []
            return load_scenarios([*ours, *found], parameters=self.parameters)
        except ScenarioError as error:
            pytest.fail(str(error), pytrace=False)


def _is_path(source: Any) -> bool:
    return isinstance(source, Path) or (isinstance(source, str) and "\n" not in source and not source.startswith("{"))


def _point_clients_at(emulator: Emulator, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from emulator.server.environment import client_variables, credentials_for

    present = {"AWS_REGION": region, **os.environ}
    for name, value in client_variables(emulator.url, present, credentials_for(emulator.core.keys)).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """The verdict, once the test itself has passed; of a cell, in any case."""
    cell = item.stash.get(_CELL, None)
    if cell is not None:
        failure: BaseException | None = None
        try:
            yield
        except (Exception, pytest.fail.Exception) as raised:
            failure = raised
        explored_tests.judge_cell(item, *cell, item.stash[_RUNNING][0], failure)
        return
    yield
    running = item.stash.get(_RUNNING, None)
    explorer = item.config.stash[_EXPLORER]
    if running is not None and explorer.recording is not None:
        explorer.record(item, running[0])
    if running is not None and running[1]:
        report = running[0].report()
        if not report.passed:
            reasons = "\n".join([*report.reasons, *_hints(running[0], item)])
            pytest.fail(f"the test passed, but dynafault's verdict is fail:\n{reasons}", pytrace=False)


def _hints(emulator: Emulator, item: pytest.Item) -> list[str]:
    """What else may be wrong: clients that use another endpoint, or none that has sent a request."""
    stray = stray_clients(item.config.rootpath, emulator.url)
    if not stray:
        return (
            []
            if len(emulator.journal)
            else [
                "no client has contacted the emulator: is yours made within the test, and does it take its endpoint from the environment?"
            ]
        )
    return [f"{where} was made when its module was imported, before the test: make clients in a function or a fixture" for where in stray]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the emulator saw, as a section of a failing test."""
    report = yield
    running = item.stash.get(_RUNNING, None)
    if running is not None and call.when == "call" and report.failed:
        report.sections.append(("dynafault report", running[0].report().text()))
        report.sections.append(("dynafault journal", "\n".join([_journal(running[0]), *_hints(running[0], item)])))
    folder = _html_folder(item.config)
    if running is not None and call.when == "call" and folder is not None:
        from emulator.report.formats.html.runs import add_run

        page = add_run(folder, item.nodeid, report.outcome, running[0].report())
        if report.failed:
            report.sections.append(("dynafault page", str(page)))
    return report


def _journal(emulator: Emulator) -> str:
    entries = emulator.journal.entries()
    shown = [
        f"{entry.id:>4} {entry.operation or 'not understood':<18} attempt {entry.attempt} {entry.fault or '-':<30} "
        f"{entry.reply.status} {entry.error}{_APPLIED[entry.applied]}"
        for entry in entries[-_MAX_JOURNAL_SHOWN:]
    ]
    left_out = len(entries) - len(shown)
    return "\n".join([*([f"({left_out} earlier exchanges left out)"] if left_out else []), *shown]) or "(no exchange)"
