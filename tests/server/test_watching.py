from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.scenario import load_scenario
from emulator.server.watching import Watcher

PATIENCE = 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "watched.yaml"
    path.write_text("version: 1\nname: first\n")
    return path


@pytest.fixture
def told(start: Callable[..., Emulator], file: Path) -> Iterator[tuple[Emulator, queue.Queue[str]]]:
    emulator = start(file)
    messages: queue.Queue[str] = queue.Queue()
    watcher = Watcher(emulator.core, lambda: load_scenario(file), messages.put)
    watcher.start()
    yield emulator, messages
    watcher.stop()


def test_a_changed_file_is_loaded_again(told: tuple[Emulator, queue.Queue[str]], file: Path) -> None:
    emulator, messages = told
    file.write_text("version: 1\nname: the second\n")
    assert messages.get(timeout=PATIENCE).startswith("loaded again: the second   seed: ")
    assert emulator.scenario.name == "the second"


def test_a_broken_file_changes_nothing_until_it_is_mended(told: tuple[Emulator, queue.Queue[str]], file: Path) -> None:
    emulator, messages = told
    file.write_text("version: 1\nname: broken\nrulez: []\n")
    said = messages.get(timeout=PATIENCE)
    assert "unknown key 'rulez'" in said
    assert said.endswith("the running scenario stays")
    assert emulator.scenario.name == "first"
    file.unlink()
    assert "cannot be read" in messages.get(timeout=PATIENCE)
    file.write_text("version: 1\nname: mended\n")
    assert "loaded again: mended" in messages.get(timeout=PATIENCE)
