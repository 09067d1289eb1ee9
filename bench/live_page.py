"""The live page in a headless Chromium while a thousand requests come each second, and what it costs the emulator's pace."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bench.serving import headers, serving

SECONDS = int(os.environ.get("SECONDS", "60"))
RATE = 1_000
CONNECTIONS = 4
ROUNDS = 3
ROUND_SECONDS = 4.0
# Gaps between frames, in milliseconds, kept from now on
FRAMES = """() => {
    window.gaps = [];
    let before = performance.now();
    const frame = (now) => { window.gaps.push(now - before); before = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""


def run() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("live page: playwright is not installed")
        return
    browser = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if browser is None:
        print("live page: no Chromium is installed")
        return
    with serving() as (url, _, _), sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        _compare(url, lambda: _page(chromium, url))
        page = _page(chromium, url)
        _watch(page, url)
        chromium.close()


def _page(chromium: Any, url: str) -> Any:
    page = chromium.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(f"{url}/_emulator/")
    page.wait_for_function("() => document.querySelector('#live').textContent === 'live'")
    return page


def _compare(url: str, opened: Callable[[], Any]) -> None:
    """Requests per second as fast as they go, with the page and without it, in turns."""
    with_page, without = [], []
    for _ in range(ROUNDS):
        without.append(_sent(url, ROUND_SECONDS, None) / ROUND_SECONDS)
        page = opened()
        with_page.append(_sent(url, ROUND_SECONDS, None) / ROUND_SECONDS)
        page.close()
    one, other = statistics.median(without), statistics.median(with_page)
    print(f"live page: {other:,.0f} requests/s with the page, {one:,.0f} without: {other / one:.0%}")


def _watch(page: Any, url: str) -> None:
    page.evaluate(FRAMES)
    session = page.context.new_cdp_session(page)
    process = multiprocessing.get_context("fork").Process(target=_sent, args=(url, float(SECONDS), RATE))
    process.start()
    heaps = []
    for third in range(1, 4):
        page.wait_for_timeout(SECONDS * 1000 / 3 - 300)
        session.send("HeapProfiler.collectGarbage")
        heaps.append(session.send("Runtime.getHeapUsage")["usedSize"] / 2**20)
        print(f"live page: after {third * SECONDS / 3:.0f} s: {heaps[-1]:.1f} MiB, {page.locator('.call').count()} rows in the document")
    process.join()
    gaps = sorted(page.evaluate("() => window.gaps"))
    shown = page.locator("#matching").inner_text()
    usual, rare = statistics.median(gaps), gaps[len(gaps) * 99 // 100]
    print(f"live page: frames {usual:.0f} ms apart, 99 of 100 below {rare:.0f} ms; {shown} calls kept")


def _sent(url: str, seconds: float, rate: int | None) -> int:
    """How many requests were answered; `rate` None: as fast as they go."""
    address = urlsplit(url)
    connections = [socket.create_connection((address.hostname, address.port or 80)) for _ in range(CONNECTIONS)]
    body = json.dumps({})
    lines = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers("ListTables").items()]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        if rate is not None and count > passed * rate:
            time.sleep(0.001)
            continue
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            data = b""
            while not data.endswith(b"}"):
                data += connection.recv(65536)
        count += CONNECTIONS
    for connection in connections:
        connection.close()
    return count
