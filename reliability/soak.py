"""A long run: clients over real sockets, every kind of fault, and the scenario replaced again and again. Then tables, indexes, streams and
backups are what the journal says, the memory has not grown, and nothing is left open.

    python -m reliability soak --seconds 600
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import orjson
import requests

from emulator import Emulator
from emulator.journal import Exchange
from emulator.server import Limits
from reliability.checks import Violation, check_data
from reliability.scenarios import TABLE, random_request, random_scenario
from reliability.serving import PATIENCE, asker, headers

CLIENTS = 16
# What takes time in a scenario is so much shorter here
_SCALE = 0.05
# Seconds until another scenario is loaded
_ROUND = 2.0
# Bytes by which the memory of a whole run may grow, beside what the journal holds
_MAX_GROWTH = 80_000_000


@dataclass(slots=True)
class _Soak:
    seed: int
    stop: threading.Event = field(default_factory=threading.Event)
    entries: list[Exchange] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    # --- an Observer: the journal itself is bounded

    def began(self, scenario: Any, seed: int, now: float) -> None:
        pass

    def exchanged(self, exchange: Exchange) -> None:
        if exchange.bug:
            self.failures.append(exchange.bug)
        if exchange.written is not None and (exchange.written.keys or exchange.written.other):
            self.entries.append(exchange)

    def delivered(self, exchange: Exchange) -> None:
        pass


def soak(seconds: float, seed: int) -> int:
    """How many requests there were. Raises Violation."""
    run = _Soak(seed)
    before = _open_files()
    emulator = Emulator(random_scenario(Random(seed), scale=_SCALE), limits=Limits(grace=5.0)).start()
    try:
        emulator.core.observe(run)
        clients = [threading.Thread(target=_client, args=(run, emulator.url, number)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        _replace_scenarios(run, emulator, seconds)
        run.stop.set()
        for client in clients:
            client.join()
        emulator.load(None)
        check_data(asker(emulator.url), run.entries)
        _check_rest(run, emulator)
    finally:
        emulator.stop()
    _check_leaks(before)
    return run.sent


def _replace_scenarios(run: _Soak, emulator: Emulator, seconds: float) -> None:
    chance = Random(run.seed + 1)
    ends = time.monotonic() + seconds
    memory: int | None = None
    while time.monotonic() < ends:
        run.stop.wait(min(_ROUND, max(0.0, ends - time.monotonic())))
        emulator.load(random_scenario(chance, scale=_SCALE, tables=False))
        emulator.reset("journal")
        if chance.random() < 0.3:
            with suppress(requests.RequestException):
                _post(requests.Session(), emulator.url, "CreateBackup", {"TableName": TABLE, "BackupName": "kept"}, 0)
        if memory is None and time.monotonic() > ends - seconds / 2:
            memory = _memory()
    # What the model needs is kept here, and grows
    kept = sum(len(entry.request.body) * 20 + 4_000 for entry in run.entries)
    if memory is not None and _memory() - memory > _MAX_GROWTH + kept:
        raise Violation(f"the memory has grown by {_memory() - memory:,} bytes in half of {seconds} s")


def _client(run: _Soak, url: str, number: int) -> None:
    chance = Random(run.seed * 1000 + number)
    while not run.stop.is_set():
        with requests.Session() as session:
            for _ in range(chance.randint(1, 50)):
                if run.stop.is_set():
                    return
                operation, params = random_request(chance, keys=40)
                with run.lock:
                    run.sent += 1
                try:
                    _post(session, url, operation, params, number, timeout=chance.choice([0.05, PATIENCE, PATIENCE]))
                except requests.RequestException:
                    break


def _post(session: requests.Session, url: str, operation: str, params: dict[str, Any], client: int, timeout: float = PATIENCE) -> None:
    session.post(url, headers=headers(operation, client), data=orjson.dumps(params), timeout=timeout)


def _check_rest(run: _Soak, emulator: Emulator) -> None:
    if run.failures:
        raise Violation(f"dynafault itself failed {len(run.failures)} times: {run.failures[0]}")
    emulator.report().to_json()
    loop = emulator._loop
    assert loop is not None
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        tasks = [task for task in asyncio.all_tasks(loop) if not task.done()]
        if len(tasks) <= 1:
            return
        run.stop.clear()
        run.stop.wait(0.05)
    raise Violation(f"tasks are left: {tasks}")


def _check_leaks(before: int | None) -> None:
    gc.collect()
    after = _open_files()
    if before is not None and after is not None and after > before:
        raise Violation(f"{after - before} descriptors are left open")


def _open_files() -> int | None:
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.exists() else None


def _memory() -> int:
    """Bytes of this process in memory; 0 where nobody says."""
    gc.collect()
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0
