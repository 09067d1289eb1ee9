"""Bodies that are nested deeper than JSON is written again: answered, in the journal, and in whatever is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
import pytest
import requests

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.journal.file import JournalWriter, read_journal
from emulator.messages import HttpRequest

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.PutItem",
    "X-Amz-Date": "20261120T120000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
DEPTHS = (32, 127, 128, 253, 254, 255, 511, 512, 1_023, 1_024, 1_025, 20_000)
SHAPES = {
    "values": lambda depth: '{"TableName":"orders","Item":{"id":{"S":"a"},"x":' + '{"L":[' * depth + "]}" * depth + "}}",
    "an unknown member": lambda depth: '{"TableName":"orders","X":' + "[" * depth + "]" * depth + "}",
    "a list": lambda depth: "[" * depth + "]" * depth,
    "a table's name": lambda depth: '{"TableName":' + '{"a":' * depth + "1" + "}" * depth + "}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_depth_is_answered_and_kept(shape: str, start: Callable[..., Emulator]) -> None:
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]})
    for depth in DEPTHS:
        answer = requests.post(emulator.url, headers=HEADERS, data=SHAPES[shape](depth), timeout=20)
        assert answer.status_code == 400 or (shape, answer.status_code) == ("an unknown member", 200)
    for page in ("journal", "calls", "report", "report?format=html", "report?format=junit", "report?format=text"):
        assert requests.get(f"{emulator.url}/_emulator/{page}", timeout=20).status_code == 200
    assert len(emulator.journal) == len(DEPTHS)
    assert not emulator.report().bugs


def test_depth_is_kept_on_disk(tmp_path: Any) -> None:
    core = EmulatorCore()
    file = JournalWriter(tmp_path / "journal", core.rules.list)
    core.observe(file)
    for shape in SHAPES.values():
        for depth in DEPTHS:
            headers = {name.lower(): value for name, value in HEADERS.items()}
            exchange: Any = core.exchange(HttpRequest("POST", "/", headers, shape(depth).encode()))
            exchange.delivery.how, exchange.delivery.ended = "sent", 1.0
            core.delivered(exchange)
    file.close()
    assert len(read_journal(tmp_path / "journal").entries) == len(SHAPES) * len(DEPTHS)


def test_depth_in_cbor(start: Callable[..., Emulator]) -> None:
    value: Any = []
    for _ in range(300):
        value = [value]
    headers = {**HEADERS, "Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    emulator = start(None)
    body = cbor2.dumps({"TableName": "orders", "X": value})
    url = f"{emulator.url}/service/DynamoDB_20120810/operation/DescribeTable"
    assert requests.post(url, headers=headers, data=body, timeout=20).status_code == 400
    assert requests.get(f"{emulator.url}/_emulator/journal", timeout=20).status_code == 200
