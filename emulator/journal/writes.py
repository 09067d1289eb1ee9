"""Which items the writes of a journal were meant for, and which of them were carried out: what expectations on doubled or lost writes
count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from emulator.backends.statement_references import statement_params
from emulator.faults.keys import keys_of
from emulator.journal import Exchange
from emulator.journal.outcomes import ResponseClass
from emulator.messages import Call, WrittenKey
from emulator.wire.compression import plain_answer

# The key attributes of tables
KeyNamesByTable = Mapping[str, tuple[str, ...]]

# What a batch gives back undone
_UNPROCESSED = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}


def applied_per_key(entries: Iterable[Exchange]) -> Counter[WrittenKey]:
    """How often each item was really written to, zero for one that writes aimed at in vain. Backends say themselves what they wrote."""
    entries = [entry for entry in entries if entry.written is not None and entry.call is not None]
    names = key_names_of(entries)
    counts: Counter[WrittenKey] = Counter()
    for entry in entries:
        assert entry.call is not None
        assert entry.written is not None
        for key in keys_in(entry.call, names):
            counts[key] += 0
        counts.update(entry.written.keys)
    return counts


def perhaps_applied_per_key(entries: Iterable[Exchange]) -> Counter[WrittenKey]:
    """How often each item may have been written to beside, by writes of which their backend never said whether they were carried out."""
    unknown = [entry for entry in entries if entry.applied == "unknown" and entry.call is not None]
    names = key_names_of(unknown)
    return Counter(key for entry in unknown if entry.call is not None for key in keys_in(entry.call, names))


def key_names_of(entries: Iterable[Exchange]) -> dict[str, tuple[str, ...]]:
    """The key attributes of all tables that were written to, or were to be."""
    names: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if entry.key_names:
            names.update(entry.key_names)
        for table, key in () if entry.written is None else entry.written.keys:
            if table not in names:
                names[table] = tuple(orjson.loads(key))
    return names


def keys_in(call: Call, names: KeyNamesByTable) -> list[WrittenKey]:
    """The items that a request names, in its order; where a table's key is not known, a whole item stands for it."""
    keys = keys_of(call, lambda _, table: names.get(table))
    return [(table, orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()) for table, key in keys]


def left_undone(entry: Exchange, outcome: ResponseClass) -> Call | None:
    """The request for what a batch gave back undone; None where that is nothing, or where its client could not read so."""
    if entry.operation == "BatchExecuteStatement" and entry.call is not None and outcome is ResponseClass.SUCCESS:
        return _failed_statements(entry.call, plain_answer(entry.reply))
    member = _UNPROCESSED.get(entry.operation)
    if member is None or entry.call is None or outcome is not ResponseClass.SUCCESS or f'"{member}":{{}}'.encode() in entry.reply.body:
        return None
    left = _member(plain_answer(entry.reply), member)
    return replace(entry.call, params={"RequestItems": left}) if left else None


def _failed_statements(call: Call, body: bytes) -> Call | None:
    """The request for the statements of a batch that failed; None where none did."""
    if b'"Error"' not in body:
        return None
    try:
        responses = orjson.loads(body)["Responses"]
        failed = [isinstance(response, dict) and "Error" in response for response in responses]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    left = [statement for statement, has_failed in zip(statement_params(call), failed, strict=False) if has_failed]
    return replace(call, params={"Statements": left}) if left else None


def left_unprocessed(entry: Exchange, names: KeyNamesByTable) -> list[WrittenKey]:
    """The items of a batch that its answer gave back undone."""
    member = _UNPROCESSED.get(entry.operation)
    # A body of the scenario's own says nothing of what was done
    if member is None or entry.call is None or entry.error or "response" in entry.fault:
        return []
    left = _member(plain_answer(entry.reply), member)
    return keys_in(replace(entry.call, params={"RequestItems": left}), names)


def _member(body: bytes, name: str) -> dict[str, Any]:
    """A member of an answer that holds batches by table; empty where the answer is broken."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    found = content.get(name) if isinstance(content, dict) else None
    return {table: batch for table, batch in found.items() if _is_batch(batch)} if isinstance(found, dict) else {}


def _is_batch(batch: Any) -> bool:
    if isinstance(batch, dict):
        return all(isinstance(key, dict) for key in batch.get("Keys") or ())
    return isinstance(batch, list) and all(isinstance(one, dict) and all(isinstance(part, dict) for part in one.values()) for one in batch)
