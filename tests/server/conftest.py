from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from emulator import Emulator

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
# Long enough for a busy machine; a test that waits so long has failed
PATIENCE = 60.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Wire:
    """A client that speaks HTTP by hand, so that it sees what SDKs hide."""

    emulator: Emulator
    connection: socket.socket = field(init=False)
    unread: bytes = b""

    def __post_init__(self) -> None:
        self.connection = socket.create_connection((self.emulator.host, self.emulator.port), timeout=PATIENCE)

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def call(self, operation: str, **params: Any) -> Answer:
        self.send(request_bytes(operation, params))
        return self.answer()

    def answer(self) -> Answer:
        """The next answer, whole. Raises ConnectionResetError after RST, EOFError after FIN in its middle."""
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        if headers.get("transfer-encoding") == "chunked":
            return Answer(int(lines[0].split()[1]), headers, self._chunks())
        return Answer(int(lines[0].split()[1]), headers, self._exactly(int(headers.get("content-length", "0"))))

    def everything(self) -> bytes:
        """All that comes before FIN."""
        while chunk := self.connection.recv(65536):
            self.unread += chunk
        data, self.unread = self.unread, b""
        return data

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._exactly(size)
            self._exactly(2)
        self._exactly(2)
        return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.unread:
            self._read()
        data, _, self.unread = self.unread.partition(mark)
        return data

    def _exactly(self, size: int) -> bytes:
        while len(self.unread) < size:
            self._read()
        data, self.unread = self.unread[:size], self.unread[size:]
        return data

    def _read(self) -> None:
        chunk = self.connection.recv(65536)
        if not chunk:
            raise EOFError(f"the connection ended after {self.unread!r}")
        self.unread += chunk


def request_bytes(operation: str, params: Any = None, *headers: str, body: bytes | None = None) -> bytes:
    content = orjson.dumps(params or {}) if body is None else body
    lines = [
        "POST / HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-amz-json-1.0",
        f"X-Amz-Target: DynamoDB_20120810.{operation}",
        "X-Amz-Date: 20261120T120000Z",
        f"Authorization: {AUTHORIZATION}",
        *headers,
    ]
    if not any(header.lower().startswith(("content-length", "transfer-encoding")) for header in headers):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@pytest.fixture
def make_request_bytes() -> Callable[..., bytes]:
    return request_bytes


@pytest.fixture
def connect() -> Iterator[Callable[[Emulator], Wire]]:
    wires: list[Wire] = []

    def make(emulator: Emulator) -> Wire:
        wires.append(Wire(emulator))
        return wires[-1]

    yield make
    for wire in wires:
        with closing(wire.connection):
            pass


@pytest.fixture
def orders() -> dict[str, Any]:
    """A scenario with one table and no faults; rules are added to a copy of it."""
    return {"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "note": "x" * 100}]}]}


@pytest.fixture
def scenario_with(orders: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The scenario with one table, and these rules on it."""

    def make(*rules: dict[str, Any]) -> dict[str, Any]:
        named = [{"name": f"rule-{number}", "unfired": "allow", **rule} for number, rule in enumerate(rules, 1)]
        return {**orders, "rules": named}

    return make
