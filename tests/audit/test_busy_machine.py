"""boto3 as it comes, many threads at once, while something else keeps the machine busy: its short waits drown, and nobody is accused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator import Emulator

TABLES = [{"name": "orders", "key": {"id": "S"}}]
TROUBLE = {"name": "trouble", "when": {"operation": "GetItem", "attempt": "1..3"}, "fault": "InternalServerError"}
THREADS = 11


@pytest.fixture
def busy() -> Iterator[None]:
    """Two threads that want all of the interpreter that they can get."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            sum(range(2000))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    done.set()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("busy")
def test_short_waits_on_a_busy_machine_are_no_fault(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    for _ in range(3):
        emulator = start({"version": 1, "tables": TABLES, "rules": [TROUBLE]})
        client = client_for(emulator)

        def get(number: int, client: Any = client) -> None:
            client.get_item(TableName="orders", Key={"id": {"S": str(number)}})

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(get, range(THREADS)))
        said = {finding.verdict.id: (finding.status, finding.ruling.why) for finding in emulator.report().audit}
        assert not {name: what for name, what in said.items() if what[0] in ("fail", "warn")}
        assert said["V10"][0] in ("info", "pass")
