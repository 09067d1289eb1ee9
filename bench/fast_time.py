"""Fast time: how many seconds a client waits for in one second of real time, in the three ways in which that adds up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator import Emulator

RUNS = 5
WORKERS = 32
TABLES = [{"name": "orders", "key": {"id": "S"}}]
KEY = {"id": {"S": "a"}}


def _scenario(fault: Any, **more: Any) -> dict[str, Any]:
    rule = {"name": "down", "when": {"operation": "GetItem"}, "fault": fault, **more.pop("rule", {})}
    return {"version": 1, "tables": TABLES, "rules": [rule], **more}


OUTAGE = _scenario(
    "ProvisionedThroughputExceededException",
    rule={"in": ["out"]},
    phases=[{"name": "out", "for": "2m"}, {"name": "well"}],
)


def _read_once(client: Any) -> None:
    with suppress(BotoCoreError, ClientError):
        client.get_item(TableName="orders", Key=KEY)


def _read_from_all(client: Any) -> None:
    def work(_: int) -> None:
        for attempt in range(1000):
            try:
                client.get_item(TableName="orders", Key=KEY)
                return
            except ClientError:
                time.sleep(random.uniform(0, min(20, 0.1 * 2**attempt)))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[[Any], None]]] = {
    "26 s of legacy back-off": (_scenario("InternalServerError"), {"mode": "legacy"}, _read_once),
    "a minute's time-out, four times": (_scenario({"connection": "hang"}), {"mode": "standard", "total_max_attempts": 4}, _read_once),
    f"{WORKERS} workers through two minutes of outage": (OUTAGE, {"mode": "standard", "total_max_attempts": 4}, _read_from_all),
}


def run() -> None:
    for name, (scenario, retries, work) in CASES.items():
        runs = sorted(_measured(scenario, retries, work) for _ in range(RUNS))
        took, waited = runs[RUNS // 2]
        print(f"fast time: {name}: {waited:.0f} s of waiting in {took * 1000:.0f} ms, {waited / took:,.0f} times as fast")


def _measured(scenario: dict[str, Any], retries: Any, work: Callable[[Any], None]) -> tuple[float, float]:
    """The seconds of real time, and of the client's."""
    with Emulator(scenario, seed=1) as emulator:
        client = boto3.client("dynamodb", config=Config(retries=retries, max_pool_connections=WORKERS), **emulator.boto3_kwargs())
        client.list_tables()
        before = time.perf_counter()
        with emulator.fast_time():
            began = time.monotonic()
            work(client)
            waited = time.monotonic() - began
        took = time.perf_counter() - before
        client.close()
    return took, waited


if __name__ == "__main__":
    run()
