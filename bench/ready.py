"""How long `dynafault serve` takes until it answers its first health check."""

from __future__ import annotations

import time
from urllib.request import urlopen

from bench.serving import serving

RUNS = 7


def run() -> None:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        with serving("throttling/first-two-attempts") as (url, _, _):
            with urlopen(f"{url}/_emulator/health", timeout=5) as answer:
                answer.read()
            times.append(time.perf_counter() - began)
    times.sort()
    print(f"ready: first health check after {times[len(times) // 2] * 1000:.0f} ms (median of {RUNS}; best {times[0] * 1000:.0f} ms)")
