"""An item as it is stored: its size by the service's rules in four bytes, then its JSON in wire form.

One `bytes` object per item keeps a million items cheap: nothing for the garbage collector to walk, nothing to decode for a
read that wants the whole item, and the size without adding it up again.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

import orjson

from emulator.aws.values import Item, equal, item_size

Record = bytes

_HEAD = 4
_SET_MARK = b'S":['  # of SS, NS and BS, and of nothing else: quotes within texts are escaped


def encode(item: Item, size: int | None = None) -> Record:
    """The record of an item whose values are normal. `size` in bytes, where it is known already."""
    if size is None:
        size = item_size(item)
    return size.to_bytes(_HEAD, "big") + orjson.dumps(item)


# (bytes that the service counts for the item,), without the call of a function in Python, for whoever looks at many
head_of = Struct(">I").unpack_from


def size_of(record: Record) -> int:
    """Bytes that the service counts for the item."""
    return int.from_bytes(record[:_HEAD], "big")


def decode(record: Record) -> Item:
    item: Item = orjson.loads(record[_HEAD:])
    return item


def same(left: Record, right: Record) -> bool:
    """Whether two records hold the same item: attributes and members of sets may come in another order."""
    if left == right:
        return True
    if len(left) != len(right):
        return False
    left_item, right_item = decode(left), decode(right)
    if left_item == right_item:
        return True
    # Only members of sets may still be in another order, and most items have none
    return _SET_MARK in left and equal({"M": left_item}, {"M": right_item})


def splice_all(records: Iterable[Record]) -> list[orjson.Fragment]:
    """`splice` of each."""
    return [orjson.Fragment(record[_HEAD:]) for record in records]


def splice(record: Record) -> orjson.Fragment:
    """The item as a piece of JSON that goes into an answer without being decoded."""
    return orjson.Fragment(record[_HEAD:])
