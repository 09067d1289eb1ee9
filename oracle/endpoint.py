"""An endpoint that is asked: requests out, answers back, both as values. Signed, since some endpoints look at signatures."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = os.environ.get("AWS_REGION", "us-east-1")
_TARGET = "DynamoDB_20120810"
_STREAMS_TARGET = "DynamoDBStreams_20120810"
_STREAMS = frozenset({"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"})
# Longer than any of them needs, even for its first request
_PATIENCE = 20.0

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """`data`: the bytes that are sent instead of the parameters, where they are no JSON or no object. `headers`: sent instead of
    those of the same name; None leaves one out."""

    operation: str
    params: Body
    data: bytes | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Taken:
    """Stands in a request for what the endpoint's own earlier answer has at `path`: a key to go on from, a token, an ARN. The
    member is left out where the answer has nothing there."""

    place: int
    path: str


def filled(request: Request, answers: Sequence[Answer]) -> Request:
    """The request with what it takes from earlier answers."""
    return replace(request, params=_filled(request.params, answers))


def _filled(value: Any, answers: Sequence[Answer]) -> Any:
    if isinstance(value, Taken):
        found: Any = answers[value.place].body
        for step in value.path.split("."):
            try:
                found = found[int(step)] if isinstance(found, list) else found[step]
            except (KeyError, IndexError, TypeError, ValueError):
                return None
        return found
    if isinstance(value, dict):
        parts = {name: _filled(part, answers) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None or not isinstance(value[name], Taken)}
    return [_filled(part, answers) for part in value] if isinstance(value, list) else value


class Endpoint:
    """One endpoint under its name, asked over one kept connection. Not for several threads at once. `restart`: what brings it back
    where it has fallen over, with nothing in it."""

    def __init__(self, name: str, url: str, restart: Callable[[], None] | None = None) -> None:
        self.name = name
        self.restart = restart
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
        data = json.dumps(request.params).encode() if request.data is None else request.data
        target = _STREAMS_TARGET if request.operation in _STREAMS else _TARGET
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{target}.{request.operation}"}
        signed = AWSRequest("POST", f"{self.url}/", headers, data)
        self._signer.add_auth(signed)
        sent = {**signed.headers, **request.headers}
        self._connection.request("POST", "/", data, {name: value for name, value in sent.items() if value is not None})
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
