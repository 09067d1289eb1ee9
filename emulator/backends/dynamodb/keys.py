"""Key schemas, and the bytes that order items as the service does.

A primary key is composed so that one sorted collection serves every access:

    md5("Outliers" + hash value) | hash value | range value        each value escaped and ended by two zero bytes

By the digest, Scan meets partitions in the service's order and a segment of a parallel scan is a range; a partition is a
range, in the order of its range keys; and no key is a prefix of another. An index puts its own key before the primary one.
Order of partitions: as observed of the live service by others, the digest that its storage hashes keys with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import md5

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import AttributeValue, Item, encode_key_part, type_of
from emulator.backends.dynamodb.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from emulator.backends.dynamodb.refusals import invalid, refusal

DIGEST_BYTES = 16
# Remembered; each has a few kilobytes at most
MAX_PREFIXES = 1024

# The live service spreads hash keys by the MD5 of this and their bytes, which its scan order shows
_HASHED_FIRST = b"Outliers"
_END = b"\0\0"
_NOT_VALID = "One or more parameter values are not valid."


@dataclass(frozen=True, slots=True)
class KeyAttribute:
    """`type` is S, N or B."""

    name: str
    type: str


class EmptyKeyError(ServiceError):
    """A key value of no length: the service refuses it before anything else about the key, also inside a transaction."""


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The attributes of a key: those hashed together, then those sorted by. A table has one of the former and at most one
    of the latter; a global index up to four of each."""

    hash: tuple[KeyAttribute, ...]
    range: tuple[KeyAttribute, ...] = ()

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        return self.hash + self.range

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def has_several(self) -> bool:
        """Whether several attributes are hashed, or sorted by, together."""
        return len(self.hash) > 1 or len(self.range) > 1


class PrimaryKey:
    """What the keys of a table's items must be like, and how they are encoded.

    Every method raises ServiceError (ValidationException) for a key that does not fit; EmptyKeyError for an empty one."""

    __slots__ = ("_attributes", "_hash", "_hash_type", "_range", "_range_type", "_size", "names", "schema")

    def __init__(self, schema: KeySchema) -> None:
        self.schema = schema
        self.names = schema.names
        self._attributes = tuple((attribute.name, attribute.type) for attribute in schema.attributes)
        self._size = len(self._attributes)
        self._hash, self._hash_type = self._attributes[0]
        self._range: str | None = None
        self._range_type = ""
        if schema.range:
            self._range, self._range_type = self._attributes[1]

    def of_key(self, key: Item) -> bytes:
        """The encoded key of a `Key` parameter, which holds the key's attributes and nothing else."""
        if len(key) != self._size or self._hash_type not in key.get(self._hash, ()):
            raise mismatch()
        if self._range is not None and self._range_type not in key.get(self._range, ()):
            raise mismatch()
        return self._encode(key)

    def of_item(self, item: Item) -> bytes:
        """The encoded key of a whole item."""
        for name, kind in self._attributes:
            value = item.get(name)
            if value is None:
                raise invalid(f"Missing the key {name} in the item")
            if kind not in value:
                raise invalid(f"Type mismatch for key {name} expected: {kind} actual: {type_of(value)}")
        return self._encode(item)

    def fits(self, item: Item) -> bool:
        """Whether an item has the key's attributes, in the right types."""
        return all(kind in item.get(name, ()) for name, kind in self._attributes)

    def of_stored(self, item: Item) -> bytes:
        """The encoded key of an item that is stored, or has been checked."""
        key = hash_prefix((encode_key_part(item[self._hash]),))
        return key if self._range is None else key + delimit(encode_key_part(item[self._range]))

    def partition(self, item: Item) -> bytes:
        """What the keys of the item's partition begin with; its hash key has been checked."""
        return hash_prefix((encode_key_part(item[self._hash]),))

    def _encode(self, item: Item) -> bytes:
        value = item[self._hash]
        part = value["S"].encode() if self._hash_type == "S" else encode_key_part(value)
        if not part or len(part) > HASH_KEY_BYTES:
            raise self._bad_length(self._hash, part)
        key = _hash_prefix(part)
        if self._range is None:
            return key
        part = encode_key_part(item[self._range])
        if not part or len(part) > RANGE_KEY_BYTES:
            raise self._bad_length(self._range, part)
        return key + delimit(part)

    def _bad_length(self, name: str, part: bytes) -> ServiceError:
        if not part:
            return empty_key(name, dict(self._attributes)[name])
        return too_long(name == self._hash)


def hash_prefix(parts: Sequence[bytes]) -> bytes:
    """What the keys of one partition have in common. `parts` are the encoded hash values, in the schema's order."""
    digest = md5(_HASHED_FIRST + b"".join(parts), usedforsecurity=False).digest()
    return digest + b"".join(map(delimit, parts))


@lru_cache(MAX_PREFIXES)
def _hash_prefix(part: bytes) -> bytes:
    """`hash_prefix` for the one part of a table's hash key: this runs for every item read or written."""
    return md5(_HASHED_FIRST + part, usedforsecurity=False).digest() + part.replace(b"\0", b"\0\xff") + _END


def delimit(part: bytes) -> bytes:
    """The part with its end marked; the order of parts is kept, and none is a prefix of another."""
    return part.replace(b"\0", b"\0\xff") + _END


def open_ended(part: bytes) -> bytes:
    """What the delimited forms of all parts that begin with `part` begin with."""
    return part.replace(b"\0", b"\0\xff")


def after_all(prefix: bytes) -> bytes:
    """The least bytes that are greater than everything that begins with `prefix`, which must not be 0xff throughout."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes((trimmed[-1] + 1,))


def encode_all(attributes: Iterable[KeyAttribute], item: Item) -> list[bytes] | None:
    """The encoded values of these attributes; None where one is missing or has another type."""
    parts = []
    for attribute in attributes:
        value: AttributeValue | None = item.get(attribute.name)
        if value is None or attribute.type not in value:
            return None
        parts.append(encode_key_part(value))
    return parts


def mismatch() -> ServiceError:
    return refusal("The provided key element does not match the schema")


def too_long(is_hash: bool) -> ServiceError:
    # "of2048" without a blank is the service's own spelling
    if is_hash:
        return invalid(f"Size of hashkey has exceeded the maximum size limit of{HASH_KEY_BYTES} bytes")
    return invalid(f"Aggregated size of all range keys has exceeded the size limit of {RANGE_KEY_BYTES} bytes")


def empty_key(name: str, kind: str) -> EmptyKeyError:
    what = "binary" if kind == "B" else "string"
    sentence = f"{_NOT_VALID} The AttributeValue for a key attribute cannot contain an empty {what} value. Key: {name}"
    return EmptyKeyError("ValidationException", sentence)
