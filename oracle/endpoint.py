"""An endpoint that is asked: requests out, answers back, both as values. Signed, since some endpoints look at signatures."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
_TARGET = "DynamoDB_20120810"
# Longer than any of them needs, even for its first request
_PATIENCE = 20.0

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    operation: str
    params: Body


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: none came, and `body` is empty. `kind` is an error's name without its namespace, "" for a success."""

    status: int
    body: Body = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.body.get("__type", "")).rpartition("#")[2] if self.status != 200 else ""

    @property
    def message(self) -> str:
        return str(self.body.get("message", self.body.get("Message", "")))


class Endpoint:
    """One endpoint under its name, asked over one kept connection. Not for several threads at once."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        secure = parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = make(parts.hostname, parts.port, timeout=_PATIENCE)
        self._signer = SigV4Auth(_credentials(), "dynamodb", REGION)

    def ask(self, request: Request) -> Answer:
        """One attempt, and a second one where a kept connection turns out to be closed."""
        for attempt in (1, 2):
            try:
                return self._ask(request)
            except (http.client.HTTPException, OSError):
                self._connection.close()
                if attempt == 2:
                    break
        return Answer(0)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, request: Request) -> Answer:
        data = json.dumps(request.params).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{_TARGET}.{request.operation}"}
        signed = AWSRequest("POST", f"{self.url}/", headers, data)
        self._signer.add_auth(signed)
        self._connection.request("POST", "/", data, dict(signed.headers))
        response = self._connection.getresponse()
        return Answer(response.status, _parsed(response.read()))


def _parsed(data: bytes) -> Body:
    try:
        body = json.loads(data) if data else {}
    except ValueError:
        return {"not json": data[:200].decode(errors="replace")}
    return body if isinstance(body, dict) else {"not an object": body}


def _credentials() -> Credentials:
    """Those of the environment, for an endpoint that knows them; otherwise worthless ones."""
    return Credentials(
        os.environ.get("AWS_ACCESS_KEY_ID", "dynafault"),
        os.environ.get("AWS_SECRET_ACCESS_KEY", "dynafault"),
        os.environ.get("AWS_SESSION_TOKEN"),
    )
