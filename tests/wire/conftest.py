from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.aws.errors import ServiceError
from emulator.clock import ManualClock
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire import Codec

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"


@pytest.fixture
def codec() -> Codec:
    return Codec(ManualClock(), seed=1)


@pytest.fixture
def make_request() -> Callable[..., HttpRequest]:
    """A request that is right, save for what is changed; a header set to None is left out."""

    def make(
        operation: str = "GetItem", body: Any = None, *, method: str = "POST", target: str = "/", **headers: str | None
    ) -> HttpRequest:
        wanted: dict[str, str | None] = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "x-amz-date": "20261120T120000Z",
            "authorization": AUTHORIZATION,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        encoded = body if isinstance(body, bytes) else orjson.dumps({} if body is None else body)
        return HttpRequest(method, target, {name: value for name, value in wanted.items() if value is not None}, encoded)

    return make


@pytest.fixture
def answer(codec: Codec) -> Callable[[HttpRequest], HttpReply]:
    """What the wire alone answers: the refusal of a request that gets no further."""

    def ask(request: HttpRequest) -> HttpReply:
        try:
            decoded = codec.decode(request)
        except ServiceError as error:
            return codec.encode_error(request, error)
        if isinstance(decoded, Call):
            assert decoded.refusal is not None, "the wire had nothing against this request"
            return codec.encode_error(request, decoded.refusal)
        return decoded

    return ask
