"""Writes whose acknowledgement was lost: were they doubled, and was a false failure seen through?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.idempotency import accumulates, spoils_its_answer
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, nothing, passed, worst
from emulator.outcomes import ResponseClass
from emulator.writes import keys_in

_UNKNOWN = frozenset((ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.THROTTLED, ResponseClass.CORRUPT, ResponseClass.PENDING))
_NO_TRANSACTIONS = frozenset(("PutItem", "UpdateItem", "DeleteItem", "ExecuteStatement", "BatchExecuteStatement"))
_BY_KEY = frozenset(("GetItem", "BatchGetItem", "TransactGetItems"))
# An item's table and key, or a table as a whole
_Target = tuple[str, str | None]
_BY_TABLE = frozenset(("Query", "Scan", "ExecuteStatement"))


def _unacknowledged(call: SeenCall) -> bool:
    """Whether a write was carried out and its client not told."""
    return any(entry.applied is True and answer.outcome in _UNKNOWN for entry, answer in zip(call.entries, call.told, strict=True))


def _does_not_double(evidence: Evidence) -> Ruling:
    calls = [call for call in evidence.calls if call.operation in _NO_TRANSACTIONS and _unacknowledged(call)]
    if not calls:
        return nothing("no acknowledgement of a write was lost")
    doubled = [call for call in calls if _times_applied(call, evidence) > 1]
    counters = [call for call in doubled if accumulates(call.request)]
    answers = [call for call in doubled if spoils_its_answer(call.request)]
    rulings = []
    if counters:
        why = f"{counted(len(counters), 'write')} that {'adds' if len(counters) == 1 else 'add'} up carried out more than once"
        rulings.append(found(Status.FAIL, counters, why))
    if answers:
        why = f"{counted(len(answers), 'write')} repeated for whose answer with the old item it was too late: it held the new one"
        rulings.append(found(Status.WARN, answers, why))
    return worst(rulings, passed(f"{counted(len(calls), 'lost acknowledgement')}, and no write that a second time would spoil"))


def _times_applied(call: SeenCall, evidence: Evidence) -> int:
    times = sum(entry.applied is True for entry in call.entries)
    following = evidence.repetition(call)
    if following is not None and call.told[-1].outcome in _UNKNOWN:
        times += sum(entry.applied is True for entry in following.entries)
    return times


def _sees_through_false_failures(evidence: Evidence) -> Ruling:
    failures = list(_false_failures(evidence))
    if not failures:
        return nothing("no repeated write failed its own condition")
    seen, seen_well = _last_reads(evidence)
    doubted = [call for call in failures if call.request.params.get("ReturnValuesOnConditionCheckFailure") != "ALL_OLD"]
    blind = [call for call in doubted if not _was_read(call, seen, evidence)]
    stale = [call for call in doubted if call not in blind and not _was_read(call, seen_well, evidence)]
    rulings = []
    if blind:
        why = f"{counted(len(blind), 'write')} had got through, failed its own condition when repeated, and nobody looked"
        rulings.append(found(Status.WARN, blind, why))
    if stale:
        rulings.append(found(Status.WARN, stale, f"{counted(len(stale), 'item')} looked at without ConsistentRead"))
    return worst(rulings, passed(f"{counted(len(failures), 'false failure')} seen through"))


def _last_reads(evidence: Evidence) -> tuple[dict[_Target, float], dict[_Target, float]]:
    """When each item was last read, or its table searched; and when so with ConsistentRead."""
    seen: dict[_Target, float] = {}
    seen_well: dict[_Target, float] = {}
    for call in evidence.everything:
        if call.operation in _BY_KEY:
            targets: list[_Target] = [*keys_in(call.request, evidence.key_names)]
        else:
            targets = [(table, None) for table in call.request.tables] if call.operation in _BY_TABLE else []
        last = dict.fromkeys(targets, call.started)
        seen.update(last)
        if last and _is_consistent(call):
            seen_well.update(last)
    return seen, seen_well


def _was_read(write: SeenCall, reads: dict[_Target, float], evidence: Evidence) -> bool:
    targets = [*keys_in(write.request, evidence.key_names), *((table, None) for table in write.request.tables)]
    return any(reads.get(target, -1.0) >= write.ended for target in targets)


def _false_failures(evidence: Evidence) -> Iterator[SeenCall]:
    """Calls that say "condition failed" although one of their attempts, or the call that they repeat, was carried out."""
    for call in evidence.calls:
        last: SeenCall | None = call
        if _unacknowledged(call) and call.failed:
            last = evidence.repetition(call)
        if last is not None and _unacknowledged(call) and last.told[-1].error == "ConditionalCheckFailedException":
            yield last


def _is_consistent(read: SeenCall) -> bool:
    params = read.request.params
    if read.operation == "TransactGetItems" or params.get("ConsistentRead"):
        return True
    requests = params.get("RequestItems")
    return isinstance(requests, dict) and all(_asks_consistently(table) for table in requests.values())


def _asks_consistently(table: object) -> bool:
    return isinstance(table, dict) and bool(table.get("ConsistentRead"))


_ERRORS = "DynamoDB Developer Guide, Error handling"

VERDICTS: Sequence[Verdict] = (
    Verdict(
        "V20",
        "A write is not carried out twice",
        "Writes that are carried out, not acknowledged, and carried out again: counters, appended lists, and "
        "those that return the old item.",
        Status.FAIL,
        _ERRORS,
        "Give writes that add up a ConditionExpression or a version number, or put them in a TransactWriteItems with a ClientRequestToken.",
        _does_not_double,
    ),
    Verdict(
        "V21",
        "A failed condition after a lost acknowledgement is looked into",
        "Conditional writes that are carried out, not acknowledged, and refused when repeated: whether somebody reads the item afterwards.",
        Status.WARN,
        f"{_ERRORS}; github.com/aws/aws-sdk-java/issues/2667",
        "Read the item with ConsistentRead, or ask for it with ReturnValuesOnConditionCheckFailure=ALL_OLD: the write may be your own.",
        _sees_through_false_failures,
    ),
)
