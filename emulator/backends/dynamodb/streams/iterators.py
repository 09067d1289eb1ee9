"""Shard iterators: a place in a shard as a text that clients hand back. Nothing is kept of them here.

arn:aws:dynamodb:...:table/orders/stream/2026-11-20T23:17:05.123|1|<shard, sequence number, when it was made>
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.refusals import refusal

# API reference of GetShardIterator
LIFE = 900.0

_VERSION = "1"


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """`sequence` is the number from which on to read; `made` is in seconds of `Clock.elapsed()`."""

    stream: str
    shard: str
    sequence: int
    made: float

    def __str__(self) -> str:
        place = orjson.dumps([self.shard, str(self.sequence), self.made])
        return "|".join((self.stream, _VERSION, urlsafe_b64encode(place).decode()))


def parse(text: str) -> ShardIterator:
    """Raises ServiceError (ValidationException) for what is no iterator."""
    try:
        stream, version, encoded = text.split("|")
        shard, sequence, made = orjson.loads(urlsafe_b64decode(encoded))
        iterator = ShardIterator(stream, str(shard), int(sequence), float(made))
    except (ValueError, TypeError, binascii.Error):
        raise _invalid() from None
    if version != _VERSION or str(iterator) != text:
        raise _invalid()
    return iterator


def check_age(iterator: ShardIterator, elapsed: float) -> None:
    """Raises ServiceError (ExpiredIteratorException) for one that is older than 15 minutes."""
    if elapsed > iterator.made + LIFE:
        raise ServiceError("ExpiredIteratorException", service="streams")


def _invalid() -> ServiceError:
    # The sentence has not been seen
    return refusal("Invalid ShardIterator")
