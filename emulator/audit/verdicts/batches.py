"""Batches: what an answer left undone is sent again, alone, after a wait, and not for ever."""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.leftovers import Leftover, Resubmission, leftovers, resubmissions
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst

# A batch that comes sooner after the answer than this has not waited; the rest is the work of putting it together
_IMMEDIATE = 0.02
# So many unprocessed answers in a row, and the client still sends: nobody has told it to stop
_MOST_ROUNDS = 20
_NO_LEFTOVERS = "no batch came back with unprocessed entries"


def _loses_nothing(evidence: Evidence) -> Ruling:
    left = evidence.once(leftovers)
    if not left:
        return nothing(_NO_LEFTOVERS)
    losing = [one for one in left if one.lost]
    if losing:
        lost = {key for one in losing for key in one.lost}
        table, key = min(lost)
        why = f"{len(lost)} unprocessed {'entry' if len(lost) == 1 else 'entries'} never sent again, such as {table} {key}"
        return found(Status.FAIL, [one.call for one in losing], why)
    return passed(f"{sum(len(one.left) for one in left)} unprocessed entries of {counted(len(left), 'answer')} sent again")


def _repeats_only_leftovers(evidence: Evidence) -> Ruling:
    again = list(resubmissions(evidence.once(leftovers)))
    if not again:
        return nothing("nothing unprocessed was sent again")
    whole = [one for one in again if one.done_before]
    if whole:
        entries = sum(one.done_before for one in whole)
        why = f"{counted(len(whole), 'batch').replace('batchs', 'batches')} with {entries} entries that had been done already"
        return found(Status.WARN, [one.call for one in whole], why)
    return passed(f"{len(again)} resubmissions of nothing else than what was left")


def _waits_between_batches(evidence: Evidence) -> Ruling:
    left = evidence.once(leftovers)
    again = list(resubmissions(left))
    if not again:
        return nothing("nothing unprocessed was sent again")
    rulings = _endless(left)
    hasty = [one for one in again if one.gap < _IMMEDIATE]
    if hasty:
        rulings.append(_haste(hasty, len(again)))
    shortest, longest = min(one.gap for one in again), max(one.gap for one in again)
    return worst(rulings, passed(f"{len(again)} resubmissions after {milliseconds(shortest)} to {milliseconds(longest)}"))


def _haste(hasty: list[Resubmission], of: int) -> Ruling:
    calls = [one.call for one in hasty]
    why = f"{len(hasty)} of {of} resubmissions came within {milliseconds(_IMMEDIATE)}"
    if all(call.client.is_resource for call in calls):
        return found(Status.WARN, calls, f"{why}, as boto3's batch_writer does; call batch_write_item yourself, with a wait")
    # One short wait may be the luck of a jittered one
    return found(Status.FAIL if len(hasty) > 1 and len(hasty) > of / 2 else Status.WARN, calls, why)


def _endless(left: list[Leftover]) -> list[Ruling]:
    endless = [one for one in left if one.depth > _MOST_ROUNDS]
    if not endless:
        return []
    most = max(one.depth for one in endless)
    return [found(Status.FAIL, [one.call for one in endless], f"{most} unprocessed answers in a row, and still sending")]


_GUIDE = "API reference of BatchWriteItem and BatchGetItem"
_ERRORS = "DynamoDB Developer Guide, Error handling"

VERDICTS = (
    Verdict(
        "V26",
        "Unprocessed entries are sent again",
        "Entries that batches gave back unprocessed: whether each comes again, in a batch or alone.",
        Status.FAIL,
        f"{_GUIDE}; {_ERRORS}",
        "A batch that answers 200 may have done half of its work: send UnprocessedItems or UnprocessedKeys again until it is empty.",
        _loses_nothing,
    ),
    Verdict(
        "V27",
        "Only unprocessed entries are sent again",
        "Batches that bring unprocessed entries again: whether they also bring what had been done.",
        Status.WARN,
        _GUIDE,
        "Send UnprocessedItems as it came; the whole batch again does the work twice, and is throttled twice.",
        _repeats_only_leftovers,
    ),
    Verdict(
        "V28",
        "Batches wait before they are sent again",
        "Batches that bring unprocessed entries again: whether they wait 20 ms at least, and whether they ever stop.",
        Status.FAIL,
        f"{_ERRORS}: exponential back-off strongly recommended",
        "Wait before each resubmission, longer each time, and stop after some.",
        _waits_between_batches,
    ),
)
