"""Tests that are explored: each is run without a fault, and once for each call of its own and each way that call can fail.

    @pytest.mark.dynafault_explore
    @pytest.mark.dynafault("orders.yaml")
    def test_order_is_saved(dynafault):
        place_order()

Which cells there are is known once the test has run. So the tests that are to be explored are run twice in a process of their own before
others are collected, and what they did is written down. Under xdist one worker does that, and the others wait for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.explore.recorded import ExploredTest
    from emulator.server import Emulator

MARKER = (
    "dynafault_explore(lasting=True): run the test once more for each call that it makes and each way that call can fail; "
    "lasting=False leaves out the faults that last"
)
CELL = "_dynafault_cell"
CLEAN = "clean"
# In the process that writes down: the folder, and the how many-th time it is
_RECORDING = "DYNAFAULT_EXPLORE_RECORDING"
_DONE = "done"
# How long a worker waits for the one that writes down, in seconds
_PATIENCE = 900.0


def is_explored(config: pytest.Config, definition: Any, fixtures: Sequence[str]) -> bool:
    """Whether a test, or the definition of one, is to be explored."""
    if definition.get_closest_marker("dynafault_explore") is not None:
        return True
    uses = "dynafault" in fixtures or definition.get_closest_marker("dynafault") is not None
    return bool(config.getoption("--dynafault-explore")) and uses


class Explorer:
    """The plugin of one session. `recording` is where this process writes down what tests do, None where it runs them under faults."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tests: dict[str, ExploredTest] | None = None
        folder, _, turn = os.environ.get(_RECORDING, "").rpartition(os.pathsep)
        self.recording = (Path(folder), int(turn)) if folder else None

    # --- the cells

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not is_explored(self._config, metafunc.definition, metafunc.fixturenames) or self.recording is not None:
            return
        own = metafunc.definition.nodeid
        is_marked = metafunc.definition.get_closest_marker("dynafault_explore") is not None
        found = {
            name: test
            for name, test in self._explored().items()
            if (name == own or name.startswith(f"{own}[")) and (is_marked or not test.has_rules)
        }
        lasting = self._with_lasting(metafunc.definition)
        cells = dict.fromkeys(cell for test in found.values() for cell, one in test.cells.items() if lasting or not one.fault.is_lasting)
        metafunc.parametrize(CELL, [None, *cells], indirect=True, ids=[CLEAN, *cells])

    def _with_lasting(self, definition: Any) -> bool:
        """Whether faults that last are tried on a test. Raises UsageError for what its marker does not take."""
        marker = definition.get_closest_marker("dynafault_explore")
        if marker is not None and (marker.args or set(marker.kwargs) - {"lasting"}):
            raise pytest.UsageError("the marker dynafault_explore takes lasting=False, and nothing else")
        wanted = marker is None or marker.kwargs.get("lasting", True)
        return bool(wanted) and not self._config.getoption("--dynafault-explore-transient")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """In the process that writes down, nothing but the tests that are to be explored is run."""
        if self.recording is not None:
            kept = [item for item in items if is_explored(config, item, getattr(item, "fixturenames", ()))]
            config.hook.pytest_deselected(items=[item for item in items if item not in kept])
            items[:] = kept

    def test_of(self, item: pytest.Item, cell: str) -> ExploredTest | None:
        """What is known of the test that an item is a cell of; None where this cell is another's, of the same function with other
        parameters."""
        name = item.nodeid.replace(f"-{cell}]", "]").replace(f"[{cell}-", "[").replace(f"[{cell}]", "")
        test = self._explored().get(name)
        return test if test is not None and cell in test.cells else None

    # --- what the tests do without a fault

    def record(self, item: pytest.Item, emulator: Emulator) -> None:
        from emulator.explore.recorded import record_test

        assert self.recording is not None
        record_test(*self.recording, item.nodeid, emulator)

    def _explored(self) -> dict[str, ExploredTest]:
        if self._tests is None:
            from emulator.explore.recorded import read_tests

            folder, is_ours = self._folder()
            try:
                self._tests = read_tests(folder)
            finally:
                if is_ours:
                    self._config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        return self._tests

    def _folder(self) -> tuple[Path, bool]:
        """Where it is written down, and whether this process has had that done."""
        run = getattr(self._config, "workerinput", {}).get("testrunuid")
        if run is None:
            folder = Path(tempfile.mkdtemp(prefix="dynafault-explore-"))
            self._write_down(folder)
            return folder, True
        folder = Path(tempfile.gettempdir()) / f"dynafault-explore-{run}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            _wait_for(folder / _DONE)
            return folder, False
        try:
            self._write_down(folder)
        finally:
            (folder / _DONE).touch()
        # No test begins before every worker has collected, so at the end nobody needs it any more
        return folder, True

    def _write_down(self, folder: Path) -> None:
        config = self._config
        words = [sys.executable, "-m", "pytest", *_named(config.args), "-q", "-p", "no:cacheprovider", f"--rootdir={config.rootpath}"]
        words += ["-p", "no:randomly"]
        if config.inipath is not None:
            words += ["-c", str(config.inipath)]
        # Not -k, which may speak of cells
        markers = getattr(config.option, "markexpr", "")
        words += ["-m", markers] if markers else []
        words += ["--dynafault-explore"] if config.getoption("--dynafault-explore") else []
        words += ["-n0"] if config.pluginmanager.hasplugin("xdist") else []
        for turn in (1, 2):
            environment = {**os.environ, _RECORDING: f"{folder}{os.pathsep}{turn}"}
            for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_XDIST_WORKER_COUNT"):
                environment.pop(name, None)
            subprocess.run(words, env=environment, cwd=config.invocation_params.dir, capture_output=True, check=False)


def has_fast_time() -> bool:
    """Whether tests can run in fast time here: what they wait for under a fault would be minutes."""
    from importlib.util import find_spec

    from dynafault_time.errors import FastTimeError
    from dynafault_time.support import check_support

    try:
        check_support()
    except FastTimeError:
        return False
    return find_spec("time_machine") is not None


def _named(arguments: Sequence[str]) -> list[str]:
    """Without the cells that some of them name, which are not known yet."""
    return list(dict.fromkeys(argument.partition("[")[0] if "::" in argument else argument for argument in arguments))


def _wait_for(path: Path) -> None:
    began = time.monotonic()
    while not path.exists():
        if time.monotonic() - began > _PATIENCE:
            raise pytest.UsageError(f"{path.parent} was not written by another worker")
        time.sleep(0.05)


def judge_cell(item: pytest.Item, test: ExploredTest, cell: str, emulator: Emulator, failure: BaseException | None) -> None:
    """Fail a test that does not survive its fault; skip one in which the fault hit no request."""
    from emulator.explore.recorded import NotReached

    try:
        found, scenario = test.judge(cell, emulator, failure)
    except NotReached as nothing:
        pytest.skip(str(nothing))
    if found:
        item.add_report_section("call", "dynafault scenario", scenario)
        pytest.fail(found, pytrace=False)
