"""Clients on asyncio: what aiobotocore stands on, aiohttp, with its own time-outs and pools."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import backoff
import pytest

from emulator import Emulator
from tests.fast_time.conftest import scenario
from tests.fast_time.test_clients import HEADERS

GET = {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.GetItem"}
BODY = b'{"TableName": "orders", "Key": {"id": {"S": "a"}}}'
LOST = (aiohttp.ClientError, asyncio.TimeoutError)


async def asked(session: aiohttp.ClientSession, url: str) -> int:
    """The status of the answer; 0 for none."""
    try:
        async with session.post(url, data=BODY, headers=GET) as response:
            await response.read()
            return response.status
    except LOST:
        return 0


def run(emulator: Emulator, ask: Callable[[aiohttp.ClientSession], Any], **settings: Any) -> tuple[Any, float]:
    """What comes of it, and how long it took in the program's time."""

    async def in_session() -> Any:
        async with aiohttp.ClientSession(**settings) as session:
            return await ask(session)

    with emulator.fast_time():
        began = time.monotonic()
        found = asyncio.run(in_session())
        return found, time.monotonic() - began


def test_a_time_out_of_a_minute(start: Callable[..., Emulator], slept: list[float]) -> None:
    emulator = start(scenario({"connection": "hang"}))
    found, took = run(emulator, lambda session: asked(session, emulator.url), timeout=aiohttp.ClientTimeout(total=60))
    assert found == 0
    # aiohttp rounds its time-outs up to a second
    assert 60 <= took <= 61
    assert not slept


@pytest.mark.parametrize(("fault", "took"), [({"delay": "12s"}, 12), ({"connection": "reset"}, 0), ({"drip": "100B/s"}, None)])
def test_faults(start: Callable[..., Emulator], fault: dict[str, Any], took: float | None) -> None:
    emulator = start(scenario(fault))
    found, lasted = run(emulator, lambda session: asked(session, emulator.url))
    assert found == (0 if "connection" in fault else 200)
    assert lasted == pytest.approx(took, abs=0.01) if took is not None else lasted > 1


def test_backoff(start: Callable[..., Emulator], slept: list[float]) -> None:
    emulator = start(scenario("InternalServerError"))
    waits = backoff.on_predicate(backoff.constant, lambda status: status != 200, interval=30, max_tries=11, jitter=None)

    found, took = run(emulator, lambda session: waits(asked)(session, emulator.url))
    assert found == 500
    assert took == pytest.approx(300)
    assert len(emulator.journal.entries()) == 11
    assert not slept


def test_thirty_tasks_come_through_an_outage_at_the_same_moments_each_time(start: Callable[..., Emulator]) -> None:
    phases = [{"name": "out", "for": "2m"}, {"name": "well"}]
    seen = []
    for _ in range(2):
        emulator = start(scenario("InternalServerError", phases=phases, rule={"in": ["out"]}), seed=1)
        url = emulator.url

        async def one(session: aiohttp.ClientSession, jitter: random.Random, url: str = url) -> None:
            for attempt in range(100):
                if await asked(session, url) == 200:
                    return
                await asyncio.sleep(jitter.uniform(0, min(20, 0.1 * 2**attempt)))

        async def everybody(session: aiohttp.ClientSession, emulator: Emulator = emulator) -> None:
            # The outage begins with the requests; until now, real time has passed
            emulator.reset("counters")
            await asyncio.gather(*(one(session, random.Random(number)) for number in range(30)))

        run(emulator, everybody)
        entries = emulator.journal.entries()
        first = entries[0].request.arrived
        assert sum(entry.reply.status == 200 for entry in entries) == 30
        # Of sockets that are ready at one moment, the kernel says in which order a loop hears of them
        seen.append(sorted((round((entry.request.arrived - first) * 1000), entry.reply.status) for entry in entries))
    assert seen[0] == seen[1]
