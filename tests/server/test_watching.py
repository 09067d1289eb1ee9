from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.cli import options
from emulator.scenario import ScenarioError, load_scenario
from emulator.server.watching import Watcher

PATIENCE = 60


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


def test_a_circle_of_links_in_its_place_changes_nothing(told: tuple[Emulator, queue.Queue[str]], file: Path) -> None:
    emulator, messages = told
    file.unlink()
    file.symlink_to(file)
    assert messages.get(timeout=PATIENCE).endswith("the running scenario stays")
    assert emulator.scenario.name == "first"
    file.unlink()
    file.write_text("version: 1\nname: mended\n")
    assert "loaded again: mended" in messages.get(timeout=PATIENCE)


def test_files_of_items_are_watched(start: Callable[..., Emulator], tmp_path: Path) -> None:
    items, file = tmp_path / "items.jsonl", tmp_path / "watched.yaml"
    items.write_text('{"id": "a"}\n')
    file.write_text("version: 1\nname: x\ntables: [{name: orders, key: {id: S}, items: {file: items.jsonl}}]\n")
    messages: queue.Queue[str] = queue.Queue()
    emulator = start(file)
    watcher = Watcher(emulator.core, lambda: load_scenario(file), messages.put)
    watcher.start()
    try:
        items.write_text('{"id": "a"}\n{"id": "b"}\n')
        assert messages.get(timeout=PATIENCE).startswith("loaded again")
        assert len(emulator.scenario.tables[0].items) == 2
    finally:
        watcher.stop()


def test_a_vanished_file_is_not_taken_for_a_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "throttling" / "hot-key.yaml"
    own.parent.mkdir()
    own.write_text("version: 1\nname: mine\n")
    paths = options.find(("throttling/hot-key",))
    own.unlink()
    with pytest.raises(ScenarioError, match="cannot be read"):
        options.load_found(paths, {})
