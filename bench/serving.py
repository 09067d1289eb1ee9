"""A server to measure: `dynafault serve` in a process of its own, on one core where the machine allows it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"


@contextmanager
def serving(*words: str) -> Iterator[tuple[str, float, int]]:
    """(address, seconds until it was ready, process id)."""
    # With byte code, as an installed package has it
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", *words]
    with one_core():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        url = next(line.split()[-1] for line in process.stdout if " is ready on " in line)
        ready = time.perf_counter() - began
        yield url, ready, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def one_core() -> Iterator[None]:
    """What is started here keeps to one core with all its threads, where the machine allows it; those that are measured in one run share
    it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def resident(process: int | str = "self") -> int:
    """Bytes of a process in memory (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")


def headers(operation: str) -> dict[str, str]:
    return {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "X-Amz-Date": "20261120T120000Z",
        "Authorization": AUTHORIZATION,
    }


def wrk(
    url: str, operation: str, bodies: Sequence[str], folder: Path, *, connections: int = 8, seconds: int = 5, refused: bool = False
) -> float:
    """Requests per second of one operation, by wrk on a core of its own where there is one; it sends the bodies in turn. `refused`: it is
    meant to be. Raises FileNotFoundError without wrk."""
    script = folder / f"{operation}.lua"
    script.write_text("\n".join([*(f'wrk.headers["{name}"] = "{value}"' for name, value in headers(operation).items()), _turns(bodies)]))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    if hasattr(os, "sched_getaffinity"):
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if ("Non-2xx" in output) is not refused:
        raise RuntimeError(f"not all requests succeeded:\n{output}")
    return float(next(line.split()[1] for line in output.splitlines() if line.startswith("Requests/sec:")))


def _turns(bodies: Sequence[str]) -> str:
    """In Lua; of several bodies, the requests are made before the first goes out."""
    if len(bodies) == 1:
        return f'wrk.method, wrk.body = "POST", [==[{bodies[0]}]==]'
    made = "\n".join(f"    [==[{body}]==]," for body in bodies)
    return f"""local bodies = {{
{made}
}}
local requests, last = {{}}, 0
init = function() for number, body in ipairs(bodies) do requests[number] = wrk.format("POST", "/", nil, body) end end
request = function() last = last % #requests + 1; return requests[last] end"""
