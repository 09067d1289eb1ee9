"""Writing several items at once: all of them or none, and no other writer in between.

    claim the items        under the lock; an item that another transaction has claimed is a conflict
    look at each of them   outside: nobody else can change them now
    write, give up claims  under the lock

A single write to a claimed item is refused as a conflict, too (see `writes.perform`). TransactWriteItems and
ExecuteTransaction both end here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.keys import EmptyKeyError
from emulator.backends.dynamodb.limits import TRANSACTION_BYTES
from emulator.backends.dynamodb.records import Record, decode
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.writes import KeyedWrite, Write, written
from emulator.messages import Written

Reason = dict[str, Any]

NO_REASON: Reason = {"Code": "None"}
CONFLICT: Reason = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item."}
_REASON_CODES = {"ValidationException": "ValidationError", "DuplicateItemException": "DuplicateItem"}
_FAILED: Reason = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}


class CheckWrite(KeyedWrite):
    """A condition that must hold; nothing is changed."""

    __slots__ = ()

    def change(self, old: Record | None) -> Change:
        return Change(self.key, old, old)


@dataclass(frozen=True, slots=True)
class Action:
    """One write of a transaction. `prepare` makes it; it may raise ServiceError (ValidationException), which then is the
    reason for which the transaction is cancelled. `shows_item`: a failed condition shows the item that failed it."""

    prepare: Callable[[], Write]
    shows_item: bool = False


def run(state: State, actions: Sequence[Action]) -> tuple[list[Change], Written]:
    """Carry out all actions: one change for each, and what was written by them, which a condition is not. Raises ServiceError:
    TransactionCanceledException with the reasons, in the order of the actions; ValidationException for an empty key, or one item twice.
    Then nothing changed."""
    reasons = [NO_REASON] * len(actions)
    writes = _prepared(actions, reasons)
    _refuse_twice(writes)
    _refuse_unfit(reasons)
    claimed = _claim(state, writes, reasons)
    try:
        changes = _changes(actions, claimed, reasons)
        refuse_cancelled(reasons)
        with state.lock:
            for place, change in changes.items():
                claimed[place].table.apply(change)
    finally:
        _release(state, claimed)
    return list(changes.values()), written(write for write in claimed.values() if not isinstance(write, CheckWrite))


def refuse_cancelled(reasons: Sequence[Reason]) -> None:
    """Raises ServiceError (TransactionCanceledException) where there is any reason to cancel."""
    if any(reason is not NO_REASON for reason in reasons):
        codes = ", ".join(reason["Code"] for reason in reasons)
        text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        raise ServiceError("TransactionCanceledException", text, CancellationReasons=list(reasons))


def validation_reason(error: ServiceError) -> Reason:
    """The reason that a ValidationException or a DuplicateItemException amounts to. Raises the error itself where it is of
    another kind, or an empty key, which the service refuses before it begins."""
    if isinstance(error, EmptyKeyError) or error.spec.name not in _REASON_CODES:
        raise error
    return {"Code": _REASON_CODES[error.spec.name], "Message": error.message}


def twice() -> ServiceError:
    return refusal("Transaction request cannot include multiple operations on one item")


def too_large() -> ServiceError:
    # Known from the service are the words "size cannot exceed"
    return refusal(f"Transaction request size cannot exceed {TRANSACTION_BYTES} bytes")


def _prepared(actions: Sequence[Action], reasons: list[Reason]) -> dict[int, Write]:
    """The writes by their place; where one cannot be prepared there is a reason instead."""
    writes = {}
    for place, action in enumerate(actions):
        try:
            writes[place] = action.prepare()
        except ServiceError as error:
            reasons[place] = validation_reason(error)
    return writes


def _refuse_unfit(reasons: list[Reason]) -> None:
    """Raises ServiceError (TransactionCanceledException) where an action does not fit its table. The first such is reported alone, and
    no condition has been looked at (recordings up to October 2026)."""
    first = next((place for place, reason in enumerate(reasons) if reason is not NO_REASON), None)
    if first is not None:
        refuse_cancelled([reason if place == first else NO_REASON for place, reason in enumerate(reasons)])


def _refuse_twice(writes: dict[int, Write]) -> None:
    if len({(id(write.table), write.key) for write in writes.values()}) < len(writes):
        raise twice()


def _claim(state: State, writes: dict[int, Write], reasons: list[Reason]) -> dict[int, Write]:
    claimed = {}
    with state.lock:
        for place, write in writes.items():
            if write.key in write.table.claims:
                reasons[place] = CONFLICT
            else:
                write.table.claims.add(write.key)
                claimed[place] = write
    return claimed


def _changes(actions: Sequence[Action], claimed: dict[int, Write], reasons: list[Reason]) -> dict[int, Change]:
    changes = {}
    for place, write in claimed.items():
        old = write.table.get(write.key)
        try:
            write.check(old)
            changes[place] = write.change(old)
        except ServiceError as error:
            if error.spec.name == "ConditionalCheckFailedException":
                reasons[place] = {**_FAILED, "Item": decode(old)} if actions[place].shows_item and old is not None else _FAILED
            else:
                reasons[place] = validation_reason(error)
    return changes


def _release(state: State, claimed: dict[int, Write]) -> None:
    with state.lock:
        for write in claimed.values():
            write.table.claims.discard(write.key)
