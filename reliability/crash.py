"""Kills of a server that writes a journal, at random moments while clients write: what any of them was told of stands in the file.

python -m reliability crash --times 50
"""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import orjson
import requests

from emulator.journal.saved import read_journal
from reliability.checks import Violation
from reliability.model import Model, canonical
from reliability.scenarios import TABLE
from reliability.serving import PATIENCE, headers, serving

_CLIENTS = 8
_SCENARIO = {"version": 1, "tables": [{"name": TABLE, "key": {"id": "S"}}]}


def crash(times: int, seed: int) -> int:
    """How many writes were acknowledged in all; the server is started on the same file each time. Raises Violation."""
    chance = Random(seed)
    acknowledged = 0
    with TemporaryDirectory() as folder:
        scenario, journal = Path(folder) / "scenario.yaml", Path(folder) / "journal.jsonl"
        scenario.write_bytes(orjson.dumps(_SCENARIO) + b"\n")
        for number in range(times):
            acknowledged += _crash(scenario, journal, number, chance)
    return acknowledged


def _crash(scenario: Path, journal: Path, number: int, chance: Random) -> int:
    told: list[str] = []
    wanted = chance.randint(1, 400)
    is_enough = threading.Event()
    with serving(str(scenario), "--journal", str(journal)) as (url, server):
        clients = [threading.Thread(target=_write, args=(url, f"{number}-{client}", told, wanted, is_enough)) for client in range(_CLIENTS)]
        for client in clients:
            client.start()
        if not is_enough.wait(PATIENCE):
            raise Violation(f"only {len(told)} of {wanted} writes were answered in {PATIENCE} s")
        server.kill()
        for client in clients:
            client.join()
    run = read_journal(journal)
    tables = Model().apply(run.entries).tables
    missing = [key for key in told if canonical({"id": {"S": key}}) not in tables.get(TABLE, {})]
    if missing:
        raise Violation(f"crash {number}: {len(missing)} of {len(told)} acknowledged writes are not in the journal, such as {missing[0]}")
    if any("damaged" in warning for warning in run.warnings):
        raise Violation(f"crash {number}: {run.warnings}")
    return len(told)


def _write(url: str, name: str, told: list[str], wanted: int, is_enough: threading.Event) -> None:
    """Write items until the server is gone. `told` are those that it has acknowledged."""
    with requests.Session() as session:
        count = 0
        while True:
            count += 1
            key = f"{name}-{count}"
            body = orjson.dumps({"TableName": TABLE, "Item": {"id": {"S": key}, "text": {"S": "x" * (count % 500)}}})
            try:
                answer = session.post(url, headers=headers("PutItem"), data=body, timeout=PATIENCE)
            except requests.RequestException:
                return
            if answer.status_code == 200:
                told.append(key)
            if len(told) >= wanted:
                is_enough.set()
