"""What a million small items cost in memory."""

from __future__ import annotations

import gc
import time
from pathlib import Path

from bench.engine import table_of

SIZE = 1_000_000


def run() -> None:
    gc.collect()
    before, began = _resident(), time.perf_counter()
    engine = table_of(SIZE, 100)
    took = time.perf_counter() - began
    gc.collect()
    each = (_resident() - before) / SIZE
    print(f"memory: {each:.0f} bytes for each of {SIZE:,} items; put in {took:.1f} s, {SIZE / took:,.0f} items/s in the engine")
    del engine


def _resident() -> int:
    """Bytes of this process in memory (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")
