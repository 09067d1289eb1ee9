"""A client is judged in fast time as it is in real time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from tests.fast_time.conftest import scenario
from tests.fast_time.test_clients import THROTTLED

WORKERS = 32
# Short, since one of the two is waited for
PHASES = [{"name": "out", "for": "1s"}, {"name": "well"}]
# Seconds that a worker waits at most
LONGEST = 2.0


def write_all(client: Any) -> None:
    """Each worker saves an item of its own, and tries again until it is saved; its random numbers are its own, too."""

    def write(number: int) -> None:
        jitter = random.Random(number)
        for attempt in range(10_000):
            try:
                client.put_item(TableName="orders", Item={"id": {"S": str(number)}})
                return
            except ClientError:
                # Equal jitter: the shortest waits of full jitter drown in what a busy machine adds, so real time does not show them
                longest = min(LONGEST, 0.1 * 2**attempt)
                time.sleep(jitter.uniform(longest / 2, longest))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(write, range(WORKERS)))


@pytest.fixture
def judged(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> Callable[..., dict[str, str]]:
    """What each verdict says of the workers."""

    def judge(in_time: Callable[[Emulator], AbstractContextManager[None]]) -> dict[str, str]:
        emulator = start(scenario(THROTTLED, "PutItem", phases=PHASES, rule={"in": ["out"]}), seed=1)
        config = Config(max_pool_connections=WORKERS, retries={"mode": "standard", "total_max_attempts": 1})
        with in_time(emulator):
            write_all(client_for(emulator, config=config))
        assert sum(entry.reply.status == 200 for entry in emulator.journal.entries()) == WORKERS
        return {finding.verdict.id: finding.status for finding in emulator.report().audit}

    return judge


def test_workers_that_back_off_through_an_outage_are_judged_the_same(judged: Callable[..., dict[str, str]], slept: list[float]) -> None:
    fast = judged(Emulator.fast_time)
    assert not slept
    assert fast == judged(lambda emulator: nullcontext())
    # There was something to judge, and nothing to blame for
    assert list(fast.values()).count("pass") >= 10
    assert "fail" not in fast.values()
