"""What a million small items cost in memory."""

from __future__ import annotations

import gc
import time

from bench.engine import table_of
from bench.serving import resident

SIZE = 1_000_000


def run() -> None:
    gc.collect()
    before, began = resident(), time.perf_counter()
    engine = table_of(SIZE, 100)
    took = time.perf_counter() - began
    gc.collect()
    each = (resident() - before) / SIZE
    print(f"memory: {each:.0f} bytes for each of {SIZE:,} items; put in {took:.1f} s, {SIZE / took:,.0f} items/s in the engine")
    del engine
