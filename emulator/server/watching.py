"""Loads a scenario again when its files change: what `dynafault serve --watch` does while its user edits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore
from emulator.scenario import Scenario

# Seconds between looks
INTERVAL = 0.3
# What tells one state of a file from another: when it was changed, and its size
_Stamp = tuple[int, int] | None


class Watcher:
    """Looks in a thread of its own. A broken file changes nothing: `told` gets the problems, and the running scenario stays."""

    def __init__(self, emulator: EmulatorCore, load: Callable[[], Scenario], told: Callable[[str], None]) -> None:
        self._emulator = emulator
        self._load = load
        self._told = told
        self._files = _files_of(emulator.scenario)
        self._stamps = self._look()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dynafault-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._emulator.clock.wait(self._stopped, INTERVAL):
            stamps = self._look()
            if stamps != self._stamps:
                self._stamps = stamps
                self._reload()

    def _look(self) -> list[_Stamp]:
        return [_stamp(file) for file in self._files]

    def _reload(self) -> None:
        try:
            scenario = self._emulator.load(self._load())
        except (EmulatorError, OSError, RuntimeError) as error:
            # RuntimeError is what older Pythons make of a circle of symbolic links
            self._told(f"{error}\nthe running scenario stays")
            return
        self._files = _files_of(scenario)
        self._stamps = self._look()
        self._told(f"loaded again: {scenario.name or ', '.join(scenario.files)}   seed: {self._emulator.seed}")


def _files_of(scenario: Scenario) -> list[Path]:
    return [Path(name) for name in (*scenario.files, *scenario.beside)]


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except (OSError, RuntimeError):
        return None
    return status.st_mtime_ns, status.st_size
