"""What a report says of a call beside its answers: the items that it is about, and effects of an attempt that its answer does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.journal.writes import keys_in, left_unprocessed
from emulator.messages import Call

_MAX_KEY = 40
_PLAIN = ("S", "N", "B")

KeyNames = Mapping[str, tuple[str, ...]]


def items_text(call: Call, names: KeyNames) -> str:
    """The items that a request names: `customer=ada order=1`, "25 items" for several, "" for none."""
    keys = keys_in(call, names)
    if not keys:
        return ""
    if len(keys) > 1:
        return f"{len(keys)} items"
    shown = " ".join(f"{name}={_plain(value)}" for name, value in orjson.loads(keys[0][1]).items())
    return shown if len(shown) <= _MAX_KEY else f"{shown[: _MAX_KEY - 3]}..."


def attempt_notes(entry: Exchange, answer: ClientOutcome, names: KeyNames) -> list[str]:
    """What became of an attempt, where its answer does not say that: carried out in spite of it, answered from a token, half done,
    late, stale."""
    notes = []
    if entry.upstream is not None and entry.upstream.how != "answered":
        notes.append(f"upstream {entry.upstream.how}")
    elif entry.is_upstreams_error:
        notes.append("the upstream's own")
    if entry.written is not None and entry.written.replayed:
        notes.append("answered from the token")
    if entry.applied == "unknown":
        notes.append("perhaps applied")
    elif entry.applied is True and answer.outcome is not ResponseClass.SUCCESS:
        notes.append("applied")
    if answer.outcome is ResponseClass.SUCCESS:
        left = len(left_unprocessed(entry, names))
        if left and entry.call is not None:
            notes.append(f"{left} of {len(keys_in(entry.call, names))} unprocessed")
        notes += [
            text for text in entry.fault.split(", ") if text.startswith(("delay ", "stale ", "page ", "empty page", "drip ", "upload "))
        ]
    if entry.tries == 0:
        notes.append("nobody can tell whose try")
    return notes


def outcome_notes(records: Sequence[Exchange], outcome: str, names: KeyNames) -> str:
    """What else there is to say of how a call ended: which entries of a batch were left undone."""
    left = len(left_unprocessed(records[-1], names)) if outcome == "success" else 0
    return f", {left} unprocessed" if left else ""


def _plain(value: object) -> str:
    if isinstance(value, dict):
        for kind in _PLAIN:
            if kind in value:
                return str(value[kind])
    return str(value)
