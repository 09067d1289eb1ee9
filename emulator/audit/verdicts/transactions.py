"""Transactions: their tokens, their cancellations, and those still in progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import orjson

from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst
from emulator.journal import Exchange
from emulator.outcomes import ResponseClass

_WRITING = frozenset(("TransactWriteItems", "ExecuteTransaction"))
_CANCELED = "TransactionCanceledException"
_IN_PROGRESS = "TransactionInProgressException"
# After any of these, the same transaction may succeed as it is
_MAY_PASS = frozenset(("None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"))
_TOKEN_LIFE = 600.0
# "allow a retry 5 seconds or more after the first attempt"
_PROGRESS_WAIT = 5.0
_HASTY = 0.01


# --- V5


def _leaves_cancellations(evidence: Evidence) -> Ruling:
    canceled = [call for call in evidence.calls if any(answer.error == _CANCELED for answer in call.told)]
    if not canceled:
        return nothing("no transaction was cancelled")
    rulings = []
    within = [call for call in canceled if call.is_identified and any(answer.error == _CANCELED for answer in call.told[:-1])]
    if within:
        rulings.append(found(Status.FAIL, within, f"{counted(len(within), 'cancelled transaction')} tried again within the call"))
    repeated = [(call, again) for call in canceled if (again := _again(call, evidence)) is not None]
    hopeless = [call for call, _ in repeated if not _reasons(_canceled_entry(call)) <= _MAY_PASS]
    hasty = [call for call, again in repeated if call not in hopeless and again - (_canceled_entry(call).ended or again) < _HASTY]
    if hopeless:
        why = f"{counted(len(hopeless), 'transaction')} sent again unchanged after a condition or a check of it had failed"
        rulings.append(found(Status.FAIL, hopeless, why))
    if hasty:
        rulings.append(found(Status.WARN, hasty, f"{counted(len(hasty), 'cancelled transaction')} sent again at once"))
    return worst(rulings, passed(f"{counted(len(canceled), 'cancelled transaction')}, none tried again in vain"))


def _again(call: SeenCall, evidence: Evidence) -> float | None:
    """When a cancelled transaction was sent again by the application: as another call, or, by a client whose calls only its tokens tell
    apart, as another attempt."""
    number = next(place for place, answer in enumerate(call.told) if answer.error == _CANCELED)
    if not call.is_identified and number + 1 < call.attempts:
        return call.entries[number + 1].request.arrived
    following = evidence.repetition(call) if number + 1 == call.attempts else None
    return None if following is None else following.started


def _canceled_entry(call: SeenCall) -> Exchange:
    return next(entry for entry, answer in zip(call.entries, call.told, strict=True) if answer.error == _CANCELED)


def _reasons(entry: Exchange) -> set[str]:
    try:
        body = orjson.loads(entry.reply.body)
    except orjson.JSONDecodeError:
        return set()
    reasons = body.get("CancellationReasons") if isinstance(body, dict) else None
    return {str(reason.get("Code")) for reason in reasons or () if isinstance(reason, dict)}


# --- V22 to V24


def _keeps_its_token(evidence: Evidence) -> Ruling:
    transactions = [call for call in evidence.calls if call.operation in _WRITING]
    repeated = [call for call in transactions if call.attempts > 1]
    again = [(call, following) for call in transactions if _is_unknown(call) and (following := evidence.repetition(call)) is not None]
    if not repeated and not again:
        return nothing("no transaction was sent again")
    missing = [call for call in repeated if not call.token]
    changed = [call for call in repeated if len({_token(entry) for entry in call.entries}) > 1]
    renewed = [following for call, following in again if not call.token or call.token != following.token]
    rulings = [
        found(Status.FAIL, calls, f"{counted(len(calls), 'transaction')} {why}")
        for calls, why in (
            (missing, "tried again without a ClientRequestToken"),
            (changed, "tried again with another ClientRequestToken"),
            (renewed, "sent again with a new ClientRequestToken although it may have been carried out"),
        )
        if calls
    ]
    return worst(rulings, passed(f"{counted(len(repeated) + len(again), 'transaction')} sent again with the same token"))


def _is_unknown(call: SeenCall) -> bool:
    """Whether its client cannot know if it was carried out."""
    return call.told[-1].outcome in (ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.CORRUPT)


def _token(entry: Exchange) -> object:
    return entry.call.params.get("ClientRequestToken") if entry.call else None


def _tokens(calls: Iterable[SeenCall]) -> dict[tuple[str, str, str], list[Exchange]]:
    """The exchanges of each token, in order of arrival."""
    tokens: dict[tuple[str, str, str], list[Exchange]] = {}
    for call in calls:
        if call.operation in _WRITING:
            for entry in call.entries:
                token = _token(entry)
                if token:
                    tokens.setdefault((call.operation, call.request.access_key, str(token)), []).append(entry)
    return {token: sorted(entries, key=lambda entry: entry.request.arrived) for token, entries in tokens.items() if len(entries) > 1}


def _token_stands_for_one(evidence: Evidence) -> Ruling:
    tokens = _tokens(evidence.calls)
    if not tokens:
        return nothing("no ClientRequestToken came twice")
    reused = [pair for entries in tokens.values() for pair in pairwise(entries) if _differ(*pair) and _age(*pair) <= _TOKEN_LIFE]
    if reused:
        return _about(Status.FAIL, reused, "came again with other parameters")
    return passed(f"{counted(len(tokens), 'token')} came again, each with the same transaction")


def _token_is_fresh(evidence: Evidence) -> Ruling:
    tokens = _tokens(evidence.calls)
    if not tokens:
        return nothing("no ClientRequestToken came twice")
    late = [pair for entries in tokens.values() for pair in pairwise(entries) if _age(*pair) > _TOKEN_LIFE]
    if late:
        return _about(Status.WARN, late, "came again after ten minutes, when it no longer protects")
    return passed(f"{counted(len(tokens), 'token')} came again within ten minutes")


def _differ(before: Exchange, after: Exchange) -> bool:
    return before.call is not None and after.call is not None and before.call.params != after.call.params


def _age(before: Exchange, after: Exchange) -> float:
    """Emulated seconds, as the service counts the life of a token."""
    return after.time - before.time


def _about(status: Status, pairs: list[tuple[Exchange, Exchange]], why: str) -> Ruling:
    examples = ", ".join(f"{_token(before)} in requests {before.id} and {after.id}" for before, after in pairs[:3])
    calls = dict.fromkeys(after.call_id for _, after in pairs)
    return Ruling(status, f"{counted(len(pairs), 'token')} {why} ({examples})", tuple(calls))


# --- V25


def _waits_for_progress(evidence: Evidence) -> Ruling:
    calls = list(_in_progress(evidence))
    if not calls:
        return nothing("no transaction was in progress when it came again")
    spans = {call: call.entries[-1].request.arrived - call.started for call in calls}
    short = [call for call, span in spans.items() if span < _PROGRESS_WAIT and call.told[-1].outcome is not ResponseClass.SUCCESS]
    if short:
        longest = milliseconds(max(spans[call] for call in short))
        why = f"{counted(len(short), 'transaction')} given up while in progress, {longest} after the first attempt at the latest"
        return found(Status.WARN, short, why)
    return passed(f"{counted(len(calls), 'transaction')} in progress waited for")


def _in_progress(evidence: Evidence) -> Iterator[SeenCall]:
    return (call for call in evidence.calls if any(answer.error == _IN_PROGRESS for answer in call.told))


_MODEL = "API reference of TransactWriteItems"

VERDICTS = (
    Verdict(
        "V5",
        "A cancelled transaction is not retried blindly",
        "Cancelled transactions that come again within the call, or unchanged although a reason is neither a conflict nor throttling.",
        Status.FAIL,
        "DynamoDB Developer Guide, Transactions",
        "Read CancellationReasons: send it again, after a wait, only if every reason is a conflict or throttling.",
        _leaves_cancellations,
    ),
    Verdict(
        "V22",
        "A transaction keeps its token over retries",
        "Transactions that are sent again: whether their ClientRequestToken is there and the same.",
        Status.FAIL,
        _MODEL,
        "Make the ClientRequestToken once for each business operation, outside the retry loop.",
        _keeps_its_token,
    ),
    Verdict(
        "V23",
        "A token stands for one transaction",
        "ClientRequestTokens that come twice within ten minutes: whether the transaction is the same.",
        Status.FAIL,
        _MODEL,
        "Make a new ClientRequestToken whenever the transaction changes.",
        _token_stands_for_one,
    ),
    Verdict(
        "V24",
        "A token is not used after ten minutes",
        "ClientRequestTokens that come again more than ten minutes later, by the emulated clock.",
        Status.WARN,
        _MODEL,
        "After ten minutes a token is forgotten: read what became of the transaction before sending it again.",
        _token_is_fresh,
    ),
    Verdict(
        "V25",
        "A transaction in progress is given time",
        "Transactions that are told to be in progress: whether one attempt comes five seconds after the first or later.",
        Status.WARN,
        "API reference of TransactionInProgressException",
        "Back off from 500 ms, and let one attempt come five seconds after the first or later.",
        _waits_for_progress,
    ),
)
