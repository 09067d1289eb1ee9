"""NextToken: where a SELECT goes on. Opaque to clients, and good for the statement only that it was issued for."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import AttributeValue, Item
from emulator.backends.dynamodb.refusals import refusal

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Place:
    """After the item with this key in the partition of that number, counting those of the statement from 0; a key of None:
    at the beginning of the partition."""

    partition: int
    key: Item | None


def issue(place: Place, text: str, parameters: Sequence[AttributeValue]) -> str:
    body = orjson.dumps([place.partition, place.key])
    return urlsafe_b64encode(_digest(body, text, parameters) + body).decode()


def redeem(token: str, text: str, parameters: Sequence[AttributeValue]) -> Place:
    """Raises ServiceError (ValidationException) for a token that was not issued for this statement and these parameters."""
    try:
        raw = urlsafe_b64decode(token.encode())
        partition, key = orjson.loads(raw[_DIGEST_BYTES:])
    except ValueError:
        raise refusal("Invalid NextToken") from None  # nubo-db/dynoxide 0.13.0 (2026-07-30, eu-west-2)
    if raw[:_DIGEST_BYTES] != _digest(raw[_DIGEST_BYTES:], text, parameters) or not isinstance(partition, int) or not _is_key(key):
        raise _mismatch()
    return Place(partition, key)


def _digest(body: bytes, text: str, parameters: Sequence[AttributeValue]) -> bytes:
    return sha256(orjson.dumps([text, parameters]) + body).digest()[:_DIGEST_BYTES]


def _is_key(key: Any) -> bool:
    if key is None:
        return True
    return isinstance(key, dict) and all(
        isinstance(value, dict) and len(value) == 1 and all(kind in "SNB" and isinstance(content, str) for kind, content in value.items())
        for value in key.values()
    )


def _mismatch() -> ServiceError:
    return refusal("NextToken does not match request")  # aws/aws-sdk-js-v3#4424
