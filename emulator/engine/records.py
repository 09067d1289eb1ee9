"""An item as it is stored: its size by the service's rules in four bytes, then its JSON in wire form.

One `bytes` object per item keeps a million items cheap: nothing for the garbage collector to walk, nothing to decode for a
read that wants the whole item, and the size without adding it up again.
"""

from __future__ import annotations

from typing import cast

import orjson

from emulator.values import Item, item_size

Record = bytes

_HEAD = 4


def encode(item: Item, size: int | None = None) -> Record:
    """The record of an item whose values are normal. `size` in bytes, where it is known already."""
    if size is None:
        size = item_size(item)
    return size.to_bytes(_HEAD, "big") + orjson.dumps(item)


def size_of(record: Record) -> int:
    """Bytes that the service counts for the item."""
    return int.from_bytes(record[:_HEAD], "big")


def decode(record: Record) -> Item:
    return cast(Item, orjson.loads(record[_HEAD:]))


def splice(record: Record) -> orjson.Fragment:
    """The item as a piece of JSON that goes into an answer without being decoded."""
    return orjson.Fragment(record[_HEAD:])
