"""Real clients wait, retry and give up in fast time as they do in real time, and the emulator keeps the same time."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import backoff
import pytest
import requests
import tenacity
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError, WaiterError

from dynafault_time import real
from emulator import Emulator
from tests.fast_time.conftest import KEY, TABLE, gaps, scenario

THROTTLED = "ProvisionedThroughputExceededException"
MODES: dict[str, dict[str, Any]] = {"legacy": {"mode": "legacy"}, "standard": {"mode": "standard"}, "adaptive": {"mode": "adaptive"}}


def fail(client: Any, error: type[Exception] = ClientError) -> None:
    with pytest.raises(error):
        client.get_item(TableName="orders", Key=KEY)


@pytest.fixture
def fast(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> Callable[..., tuple[Emulator, Any]]:
    """An emulator and a client of it."""

    def make(scenario: Any, **config: Any) -> tuple[Emulator, Any]:
        emulator = start(scenario, seed=1)
        return emulator, client_for(emulator, config=Config(**config))

    return make


def test_legacy_back_off(fast: Any, slept: list[float]) -> None:
    emulator, client = fast(scenario("InternalServerError"), retries=MODES["legacy"])
    with emulator.fast_time():
        began = time.monotonic()
        fail(client)
        assert time.monotonic() - began == pytest.approx(25.55)
    assert gaps(emulator) == pytest.approx([0.05 * 2**number for number in range(9)])
    assert not slept


def test_a_time_out_of_a_minute_four_times(fast: Any, seeded: None, slept: list[float]) -> None:
    emulator, client = fast(scenario({"connection": "hang"}), retries={"mode": "standard", "total_max_attempts": 4})
    with emulator.fast_time():
        began = time.monotonic()
        fail(client, ReadTimeoutError)
        assert 240 <= time.monotonic() - began <= 250
    exchanges = emulator.journal.entries()
    assert [exchange.delivery.how for exchange in exchanges] == ["client-closed"] * 4
    assert [(exchange.delivery.ended or 0) - exchange.request.arrived for exchange in exchanges] == pytest.approx([60.0] * 4)
    assert not slept


def test_what_is_held_back_comes_when_it_is_due(fast: Any) -> None:
    emulator, client = fast(scenario({"delay": "12.5s"}), retries=MODES["standard"])
    with emulator.fast_time():
        began = time.monotonic()
        client.get_item(TableName="orders", Key=KEY)
        assert time.monotonic() - began == pytest.approx(12.5)


def test_a_delay_that_is_longer_than_the_time_out_is_not_waited_for(fast: Any) -> None:
    emulator, client = fast(scenario({"delay": "9s"}), read_timeout=4, retries={"total_max_attempts": 1})
    with emulator.fast_time():
        began = time.monotonic()
        fail(client, ReadTimeoutError)
        assert time.monotonic() - began == pytest.approx(4)


@pytest.mark.parametrize("fault", [{"drip": "10B/s"}, {"connection": "hang", "for": "30s"}, {"connection": "reset"}])
def test_faults_of_connections(fast: Any, seeded: None, fault: dict[str, Any], slept: list[float]) -> None:
    emulator, client = fast(scenario(fault, rule={"when": {"operation": "GetItem", "attempt": 1}}), retries={"total_max_attempts": 10})
    with emulator.fast_time():
        for _ in range(3):
            client.get_item(TableName="orders", Key=KEY)
    assert emulator.report().passed
    assert not slept


def test_a_port_that_refuses_opens_again(fast: Any, slept: list[float]) -> None:
    emulator, client = fast(scenario({"refuse": "40s"}, rule={"when": {"request": 1}}), retries={"total_max_attempts": 1})
    tries = 0
    with emulator.fast_time():
        began = time.monotonic()
        while tries < 100:
            try:
                client.get_item(TableName="orders", Key=KEY)
                break
            except (ConnectionClosedError, EndpointConnectionError):
                tries += 1
                time.sleep(3)
        assert time.monotonic() - began == pytest.approx(42)
    assert tries == 14
    assert not slept


def test_connections_from_before_are_watched(fast: Any) -> None:
    emulator, client = fast(scenario({"delay": "30s"}))
    client.list_tables()
    before, real_before = emulator.clock.monotonic(), time.perf_counter()
    with emulator.fast_time():
        assert emulator.clock.monotonic() - before <= real.perf_counter() - real_before
        began = time.monotonic()
        client.get_item(TableName="orders", Key=KEY)
        client.get_item(TableName="orders", Key=KEY)
        assert time.monotonic() - began == pytest.approx(60)
    client.list_tables()
    entries = emulator.journal.entries()
    assert len({exchange.request.connection for exchange in entries}) == 1
    assert entries[2].request.arrived - entries[1].request.arrived == pytest.approx(30)


def test_phases_follow_the_client_s_time(fast: Any) -> None:
    phases = [{"name": "out", "for": "2m"}, {"name": "well"}]
    emulator, client = fast(
        scenario("InternalServerError", phases=phases, rule={"in": ["out"]}), retries={"mode": "standard", "total_max_attempts": 1}
    )
    seen = []
    with emulator.fast_time():
        for _ in range(5):
            try:
                client.get_item(TableName="orders", Key=KEY)
                seen.append(emulator.phase)
            except ClientError:
                seen.append("refused")
            time.sleep(45)
    assert seen == ["refused", "refused", "refused", "well", "well"]


def test_dates_and_signatures_are_of_the_same_time(fast: Any) -> None:
    emulator, client = fast({"version": 1, "auth": {"keys": {"AKIATEST": {"secret": "s"}}}, "tables": [TABLE]})
    with emulator.fast_time():
        for _ in range(4):
            client.put_item(TableName="orders", Item=KEY)
            time.sleep(3600)
    exchanges = emulator.journal.entries()
    assert [exchange.reply.status for exchange in exchanges] == [200] * 4
    assert [later.time - exchange.time for exchange, later in pairwise(exchanges)] == pytest.approx([3600] * 3)
    assert len({exchange.request.headers["x-amz-date"][:11] for exchange in exchanges}) == 4
    assert len({dict(exchange.reply.headers)["Date"][:19] for exchange in exchanges}) == 4


def test_the_waiter_of_botocore(start: Callable[..., Emulator], client_for: Callable[..., Any], slept: list[float]) -> None:
    emulator = start(table_delay=100.0)
    client = client_for(emulator)
    with emulator.fast_time():
        client.create_table(
            TableName="made",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        began = time.monotonic()
        client.get_waiter("table_exists").wait(TableName="made")
        assert 100 <= time.monotonic() - began <= 120
        with pytest.raises(WaiterError):
            client.get_waiter("table_not_exists").wait(TableName="made")
    assert not slept


def test_tenacity(fast: Any, slept: list[float]) -> None:
    emulator, client = fast(scenario("InternalServerError"), retries={"total_max_attempts": 1})

    @tenacity.retry(wait=tenacity.wait_exponential(min=1, max=60), stop=tenacity.stop_after_delay(180), reraise=True)
    def read() -> None:
        client.get_item(TableName="orders", Key=KEY)

    with emulator.fast_time():
        began = time.monotonic()
        with pytest.raises(ClientError):
            read()
        assert 180 <= time.monotonic() - began <= 240
    assert not slept


def test_backoff(fast: Any, seeded: None, slept: list[float]) -> None:
    emulator, client = fast(scenario("InternalServerError"), retries={"total_max_attempts": 1})
    meant: list[float] = []

    @backoff.on_exception(backoff.expo, ClientError, max_value=60, max_time=180, on_backoff=lambda details: meant.append(details["wait"]))
    def read() -> None:
        client.get_item(TableName="orders", Key=KEY)

    with emulator.fast_time():
        began = time.monotonic()
        with pytest.raises(ClientError):
            read()
        # It stops when the rest of its time is too short for anything
        assert time.monotonic() - began == pytest.approx(180, abs=0.1)
    times = [entry.request.arrived for entry in emulator.journal.entries()]
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx(meant, abs=0.001)
    assert len(meant) >= 5
    assert not slept


def outage(minutes: int = 2) -> dict[str, Any]:
    phases = [{"name": "out", "for": f"{minutes}m"}, {"name": "well"}]
    return scenario(THROTTLED, "PutItem", phases=phases, rule={"in": ["out"]})


def work_through(emulator: Emulator, make: Callable[[], Any], workers: int = 32) -> None:
    """Every worker tries until it succeeds, with jittered waits of its own. An adaptive client measures from when it is made."""

    def work(number: int) -> None:
        for attempt in range(1000):
            try:
                client.put_item(TableName="orders", Item={"id": {"S": str(number)}})
                return
            except ClientError:
                time.sleep(random.uniform(0, min(20, 0.1 * 2**attempt)))

    with emulator.fast_time(), ThreadPoolExecutor(workers) as pool:
        # The outage begins with the requests; until now, real time has passed
        emulator.reset("counters")
        client = make()
        list(pool.map(work, range(workers)))


def seen_by(emulator: Emulator) -> list[Any]:
    entries = emulator.journal.entries()
    first = entries[0].request.arrived
    return [
        (round((one.request.arrived - first) * 1e6), one.request.connection, one.call.params, one.attempt, one.reply.status)
        for one in entries
        if one.call is not None
    ]


def test_thirty_two_workers_come_through_an_outage(fast: Any, seeded: None, slept: list[float]) -> None:
    emulator, client = fast(outage(), max_pool_connections=32, retries={"mode": "standard", "total_max_attempts": 4})
    work_through(emulator, lambda: client)
    entries = emulator.journal.entries()
    assert sum(one.reply.status == 200 for one in entries) == 32
    assert entries[-1].request.arrived - entries[0].request.arrived >= 120
    # At one moment, each on a connection of its own, as in real time
    assert len({one.request.connection for one in entries}) == 32
    assert not slept


@pytest.mark.parametrize("mode", MODES)
def test_the_same_random_numbers_give_the_same_journal(start: Any, client_for: Any, mode: str) -> None:
    settings: Any = {**MODES[mode], "total_max_attempts": 4}
    config = Config(max_pool_connections=32, retries=settings)
    seen = []
    for _ in range(2):
        random.seed(7)
        emulator = start(outage(1), seed=1)
        work_through(emulator, partial(client_for, emulator, config=config), workers=8)
        seen.append(seen_by(emulator))
    assert seen[0] == seen[1]


def test_asyncio_clients_are_the_same_each_time(start: Callable[..., Emulator]) -> None:
    async def one(number: int, emulator: Emulator, jitter: random.Random) -> int:
        reader, writer = await asyncio.open_connection(emulator.host, emulator.port)
        statuses = []
        for _ in range(6):
            writer.write(b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            statuses.append(int(head.split()[1]))
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            await reader.readexactly(length)
            await asyncio.sleep(jitter.uniform(0, 30))
        writer.close()
        await writer.wait_closed()
        return sum(statuses)

    async def all_of_them(emulator: Emulator) -> float:
        began = asyncio.get_running_loop().time()
        assert await asyncio.gather(*(one(number, emulator, random.Random(number)) for number in range(20))) == [1200] * 20
        return asyncio.get_running_loop().time() - began

    lasted = []
    for _ in range(2):
        emulator = start()
        with emulator.fast_time():
            lasted.append(asyncio.run(all_of_them(emulator)))
    longest = max(sum(jitter.uniform(0, 30) for _ in range(6)) for jitter in map(random.Random, range(20)))
    assert lasted[0] == lasted[1] == pytest.approx(longest)


def test_requests_waits_by_it(start: Callable[..., Emulator]) -> None:
    emulator = start(scenario({"connection": "hang"}))
    with emulator.fast_time():
        began = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            requests.post(emulator.url, data=b"{}", headers={"X-Amz-Target": "DynamoDB_20120810.GetItem"} | HEADERS, timeout=300)
        assert time.monotonic() - began == pytest.approx(300)


HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20261120T120000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_waits_are_those_of_real_time(fast: Any, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """The same calls in both, with the same random numbers: what the client sleeps in real time is what passes between its attempts."""
    asked: list[float] = []

    def sleep(seconds: float) -> None:
        asked.append(seconds)
        time.sleep(seconds)

    retries = {**MODES[mode], "total_max_attempts": 4}
    random.seed(11)
    _, client = fast(scenario("InternalServerError"), retries=retries)
    with monkeypatch.context() as patched:
        patched.setattr("botocore.endpoint.time", SimpleNamespace(sleep=sleep))
        for _ in range(3):
            fail(client)
    random.seed(11)
    emulator, client = fast(scenario("InternalServerError"), retries=retries)
    with emulator.fast_time():
        for _ in range(3):
            fail(client)
    assert gaps(emulator) == pytest.approx(asked, abs=1e-5)


def test_waits_are_distributed_as_they_should_be(fast: Any, seeded: None) -> None:
    """Full jitter: the first waits of boto3 after throttling are uniform between 0 and 1 s (Kolmogorov and Smirnov, at 0.1 %)."""
    emulator, client = fast(scenario(THROTTLED), retries={"mode": "standard", "total_max_attempts": 2})
    with emulator.fast_time():
        for _ in range(90):
            fail(client)
    waits = sorted(gaps(emulator))
    assert len(waits) == 90
    distance = max(max((rank + 1) / 90 - wait, wait - rank / 90) for rank, wait in enumerate(waits))
    assert distance < 1.95 / 90**0.5


def test_other_threads_of_the_program_go_on_meanwhile(fast: Any) -> None:
    emulator, client = fast(scenario({"delay": "10s"}), retries={"total_max_attempts": 1})
    beats: list[float] = []
    end = threading.Event()

    def beat() -> None:
        while not end.wait(1):
            beats.append(time.monotonic())

    with emulator.fast_time():
        began = time.monotonic()
        thread = threading.Thread(target=beat)
        thread.start()
        client.get_item(TableName="orders", Key=KEY)
        end.set()
        thread.join()
        assert len(beats) in (9, 10)
        assert [round(one - began) for one in beats] == list(range(1, len(beats) + 1))
