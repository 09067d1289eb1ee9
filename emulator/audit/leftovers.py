"""Entries that batches returned as unprocessed, and what became of them: sent again, alone or with entries that had been done already, or
lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.audit.evidence import Evidence
from emulator.audit.seen import JudgedCall
from emulator.journal.writes import KeyNamesByTable, keys_in, left_unprocessed
from emulator.messages import WrittenKey

_WRITES = frozenset(("BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"))
_READS = frozenset(("BatchGetItem", "GetItem", "TransactGetItems"))


@dataclass(slots=True)
class Resubmission:
    """A later call that asked for unprocessed entries again, so many seconds after the answer. `done_before` counts its entries that the
    answer had reported as done."""

    call: JudgedCall
    gap: float
    done_before: int


@dataclass(slots=True)
class Leftover:
    """An answer that left entries undone. `depth` counts such answers in a row, from 1. `lost` is what never came again."""

    call: JudgedCall
    ended: float
    left: frozenset[WrittenKey]
    done: frozenset[WrittenKey]
    depth: int
    lost: set[WrittenKey]
    resubmissions: list[Resubmission] = field(default_factory=list)


def leftovers(evidence: Evidence) -> list[Leftover]:
    """The answers to the calls to judge that left entries undone, in order, followed up over the whole run."""
    judged = {call.id for call in evidence.calls}
    names = evidence.key_names
    found: list[Leftover] = []
    # What each kind of call may take up again
    waiting: dict[bool, dict[WrittenKey, Leftover]] = {True: {}, False: {}}
    for call in evidence.everything:
        if call.operation in _WRITES or call.operation in _READS:
            outstanding = waiting[call.operation in _WRITES]
            depth = _take_up(call, outstanding, names)
            left = _left_by(call, names, depth + 1)
            if left is not None:
                outstanding.update(dict.fromkeys(left.left, left))
                if call.id in judged:
                    found.append(left)
    return found


def _take_up(call: JudgedCall, outstanding: dict[WrittenKey, Leftover], names: KeyNamesByTable) -> int:
    """Notes what a call asks for again; how deep in a row of unprocessed answers it stands."""
    if not outstanding:
        return 0
    asked = keys_in(call.request, names)
    depth = 0
    taken = {id(left): left for key in asked if (left := outstanding.get(key)) is not None}
    for left in taken.values():
        left.lost.difference_update(asked)
        # Another item of the same key is no resubmission of what was done
        repeated = len(left.done.intersection(asked)) if _is_batch(call) else 0
        left.resubmissions.append(Resubmission(call, call.started - left.ended, repeated))
        depth = max(depth, left.depth)
    for key in asked:
        outstanding.pop(key, None)
    return depth


def _is_batch(call: JudgedCall) -> bool:
    return call.operation.startswith("Batch")


def _left_by(call: JudgedCall, names: KeyNamesByTable, depth: int) -> Leftover | None:
    if not _is_batch(call):
        return None
    last = call.entries[-1]
    left = frozenset(left_unprocessed(last, names))
    if not left or last.delivery.how != "sent":
        return None
    return Leftover(call, call.ended, left, frozenset(keys_in(call.request, names)) - left, depth, set(left))


def resubmissions(found: Iterable[Leftover]) -> Iterator[Resubmission]:
    return (again for left in found for again in left.resubmissions)
