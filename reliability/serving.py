"""An emulator in a process of its own, and raw requests to it over sockets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import requests

TARGETS = {"dynamodb": "DynamoDB_20120810", "streams": "DynamoDBStreams_20120810"}
_SCOPE = "20261120/us-east-1/dynamodb/aws4_request"
# Seconds for one answer
PATIENCE = 30.0


@contextmanager
def serving(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """(address, process) of `dynafault serve`; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", "--port", "0", *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1], process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def headers(operation: str, client: int = 0, service: str = "dynamodb") -> dict[str, str]:
    return {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"{TARGETS[service]}.{operation}",
        "x-amz-date": "20261120T120000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential=AKID{client}/{_SCOPE}, SignedHeaders=host, Signature=abc",
        "accept-encoding": "identity",
    }


def asker(url: str) -> Any:
    """The `Ask` of an emulator at an address."""
    session = requests.Session()

    def ask(operation: str, params: dict[str, Any], service: str) -> dict[str, Any]:
        answer = session.post(url, headers=headers(operation, 99, service), data=orjson.dumps(params), timeout=PATIENCE)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    return ask
