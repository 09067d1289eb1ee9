"""A Query costs what its result costs: the same ten items out of a thousand and out of a million, in the engine alone."""

from __future__ import annotations

import time
from typing import Any

from bench.engine import calling, table_of

PARTITION = 100
SIZES = (1_000, 1_000_000)
ROUNDS = 300


def run() -> None:
    costs = {size: _cost(size) for size in SIZES}
    small, large = (costs[size] * 1e6 for size in SIZES)
    print(f"query_scale: {small:.0f} us out of {SIZES[0]:,} items, {large:.0f} us out of {SIZES[1]:,} (ratio {large / small:.2f})")


def _cost(size: int) -> float:
    """Seconds for one Query of ten items, the best of many."""
    engine = table_of(size, PARTITION)
    params: dict[str, Any] = {
        "TableName": "items",
        "KeyConditionExpression": "pk = :p AND sk >= :s",
        "ExpressionAttributeValues": {":p": {"S": f"p{size // PARTITION // 2}"}, ":s": {"N": "50"}},
        "Limit": 10,
    }
    call = calling("Query", params)
    output = engine.execute(call).output
    assert output is not None
    assert output["Count"] == 10
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        engine.execute(call)
        best = min(best, time.perf_counter() - began)
    return best
