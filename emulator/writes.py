"""Which items the journal's writes aimed at, and which of them were really carried out: what an expectation on doubled or lost
writes counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson

from emulator.faults import KeyNames
from emulator.faults.keys import keys_of
from emulator.journal import Entry
from emulator.messages import Call

# A table's name and an item's key in wire form, as JSON text with sorted names
WrittenKey = tuple[str, str]


def applied_per_key(entries: Iterable[Entry]) -> Counter[WrittenKey]:
    """How often each key was really written to, zero for one that writes aimed at in vain."""
    entries = [entry for entry in entries if entry.applied is not None and entry.call is not None]
    names: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        names.update(entry.key_names or {})
    counts: Counter[WrittenKey] = Counter()
    for entry in entries:
        assert entry.call is not None
        aimed = _keys(entry.call, lambda call, table: names.get(table))
        for key in aimed:
            counts[key] += 0
        if entry.applied:
            counts.update(aimed)
            counts.subtract(_unprocessed(entry, entry.call))
    return counts


def _keys(call: Call, key_names: KeyNames) -> list[WrittenKey]:
    return [(table, orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()) for table, key in keys_of(call, key_names)]


def _unprocessed(entry: Entry, call: Call) -> list[WrittenKey]:
    """The keys of a batch that its answer gave back."""
    if call.operation != "BatchWriteItem":
        return []
    answer: dict[str, Any] = orjson.loads(entry.reply.body)
    left = Call(
        call.service,
        call.operation,
        {"RequestItems": answer.get("UnprocessedItems") or {}},
        call.tables,
        call.region,
        call.account,
        call.access_key,
        call.invocation,
        call.request,
    )
    return _keys(left, lambda _, table: (entry.key_names or {}).get(table))
