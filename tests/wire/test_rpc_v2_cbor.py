"""Smithy RPC v2 CBOR over the wire, as SDKs that prefer it send it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import cbor2
import pytest
import requests

from emulator import Emulator

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/backup-gateway/aws4_request, SignedHeaders=host, Signature=abc"


@pytest.fixture
def ask(start: Callable[..., Emulator]) -> Callable[..., tuple[requests.Response, Any]]:
    emulator = start()

    def send(operation: str, params: Any = None, *, body: bytes | None = None, **headers: str | None) -> tuple[requests.Response, Any]:
        content = body if body is not None else b"" if params is None else cbor2.dumps(params)
        wanted: dict[str, str | None] = {
            "smithy-protocol": "rpc-v2-cbor",
            "Content-Type": "application/cbor",
            "X-Amz-Date": "20261120T120000Z",
            "Authorization": AUTHORIZATION,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = f"{emulator.url}/service/BackupOnPremises_v20210101/operation/{operation}"
        answer = requests.post(url, data=content, headers={key: value for key, value in wanted.items() if value is not None}, timeout=20)
        return answer, cbor2.loads(answer.content)

    return send


def test_operations_are_carried_out_and_times_are_times(ask: Callable[..., Any]) -> None:
    answer, made = ask("CreateGateway", {"ActivationKey": "k", "GatewayDisplayName": "g", "GatewayType": "BACKUP_VM"})
    assert (answer.status_code, answer.headers["smithy-protocol"], answer.headers["Content-Type"]) == (
        200,
        "rpc-v2-cbor",
        "application/cbor",
    )
    _, shown = ask("GetGateway", made)
    seen = shown["Gateway"]["LastSeenTime"]
    assert isinstance(seen, datetime)
    assert abs((datetime.now(timezone.utc) - seen).total_seconds()) < 60
    _, listed = ask("ListGateways")
    assert [gateway["GatewayArn"] for gateway in listed["Gateways"]] == [made["GatewayArn"]]


@pytest.mark.parametrize(
    ("operation", "send", "status", "name"),
    [
        ("GetGateway", {"params": {}}, 400, "com.amazonaws.backupgateway#ValidationException"),
        ("ListGateways", {"params": {"MaxResults": "x"}}, 400, "com.amazon.coral.service#SerializationException"),
        ("ListGateways", {"body": b"\xff\xff"}, 400, "com.amazon.coral.service#SerializationException"),
        ("ListGateways", {"body": b"\x81" * 100_000 + b"\x00"}, 400, "com.amazon.coral.service#SerializationException"),
        ("ListGateways", {"params": []}, 400, "com.amazon.coral.service#SerializationException"),
        ("Nonsense", {}, 400, "com.amazon.coral.service#UnknownOperationException"),
        ("ListGateways", {"smithy_protocol": None}, 400, "com.amazon.coral.service#UnknownOperationException"),
        ("ListGateways", {"Authorization": None}, 400, "com.amazon.coral.service#MissingAuthenticationTokenException"),
    ],
)
def test_refusals_are_maps_with_their_type(ask: Callable[..., Any], operation: str, send: dict[str, Any], status: int, name: str) -> None:
    answer, body = ask(operation, **send)
    assert (answer.status_code, body["__type"]) == (status, name)


def test_a_missing_gateway_has_the_status_of_the_model(ask: Callable[..., Any]) -> None:
    answer, body = ask("GetGateway", {"GatewayArn": "arn:aws:backup-gateway:us-east-1:000000000000:gateway/bgw-0123456789ABCDEF"})
    assert (answer.status_code, body["ErrorCode"]) == (404, "ResourceNotFoundException")
    assert "was not found" in body["Message"]
