"""Connections: how long a client waits for an answer, and whether it keeps several attempts under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from emulator.audit.evidence import OVERLAP, Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst
from emulator.journal import Exchange

_LONGEST_WAIT = 30.0
# "requestTimeout 1 second or more": TransactionInProgressException
_SHORTEST_WAIT = 1.0

# So many of the same under way at once are readers of their own
_CROWD = 4


def _times_out(evidence: Evidence) -> Ruling:
    waits = [(seconds, call, hung) for call in evidence.calls for seconds, hung in _waits(call)]
    if not waits:
        return nothing("no answer was held until the client gave up")
    endless = [call for seconds, call, hung in waits if seconds > _LONGEST_WAIT]
    hasty = [call for seconds, call, hung in waits if not hung and seconds < _SHORTEST_WAIT]
    given_up = [seconds for seconds, _, hung in waits if not hung]
    rulings = []
    if endless:
        longest = milliseconds(max(seconds for seconds, _, _ in waits))
        rulings.append(
            found(Status.WARN, endless, f"{counted(len(endless), 'answer')} waited for more than {_LONGEST_WAIT:g} s, {longest} at most")
        )
    if hasty:
        rulings.append(found(Status.INFO, hasty, f"{counted(len(hasty), 'attempt')} given up within {milliseconds(min(given_up))}"))
    if not given_up:
        return worst(rulings, nothing("no client gave up in the time that the answers were held"))
    return worst(rulings, passed(f"gave up after {milliseconds(min(given_up))} to {milliseconds(max(given_up))}"))


def _waits(call: SeenCall) -> list[tuple[float, bool]]:
    """(seconds that an answer was held, whether the client was still there at the end)."""
    held = [entry for entry in call.entries if entry.delivery.how in ("client-closed", "hung") and entry.ended is not None]
    return [((entry.ended or 0.0) - entry.request.arrived, entry.delivery.how == "hung") for entry in held]


def _does_not_hedge(evidence: Evidence) -> Ruling:
    twins = list(_twins(evidence))
    if not evidence.retried and not twins:
        return nothing("no call was tried again")
    overlapping = [call for call in evidence.retried if any(map(_overlap, pairwise(call.entries)))]
    rulings = []
    if overlapping:
        writes = [call for call in overlapping if call.is_write]
        why = f"{counted(len(overlapping), 'call')} with two attempts under way at once, {len(writes)} of them writes"
        rulings.append(found(Status.WARN if writes else Status.INFO, writes or overlapping, why))
    if twins:
        rulings.append(found(Status.WARN, twins, f"{counted(len(twins), 'request')} sent a second time while the first was under way"))
    return worst(rulings, passed(f"{counted(len(evidence.retried), 'retried call')}, one attempt at a time"))


def _twins(evidence: Evidence) -> Iterator[SeenCall]:
    """Requests that came while the same client's same request was under way: how hedging looks of a client that numbers no attempts."""
    judged = {call.id for call in evidence.calls}
    for chain in evidence.chains:
        for place, (before, after) in enumerate(pairwise(chain)):
            if after.started >= before.ended - OVERLAP or after.id not in judged:
                continue
            if after.is_write or _is_hedge(before, after, chain[max(0, place - _CROWD) : place + _CROWD]):
                yield after


def _is_hedge(before: SeenCall, after: SeenCall, neighbours: Sequence[SeenCall]) -> bool:
    """Readers of one item may well be independent of each other. Who hedges waits for the first answer a while, and sends few more."""
    beside = sum(call.started < before.ended and call.ended > before.started for call in neighbours)
    return after.started - before.started >= OVERLAP and beside < _CROWD


def _overlap(pair: tuple[Exchange, Exchange]) -> bool:
    before, after = pair
    return before.ended is None or after.request.arrived < before.ended - OVERLAP


VERDICTS = (
    Verdict(
        "V34",
        "Time-outs are sensible",
        "Answers that are held back: how long the client waits before it closes the connection.",
        Status.WARN,
        "Amazon Builders' Library, Timeouts, retries, and backoff with jitter",
        "Set the time-outs for connecting and reading a little above the slowest answers you are used to; "
        "the defaults of SDKs go up to a minute, or for ever.",
        _times_out,
    ),
    Verdict(
        "V35",
        "One attempt at a time",
        "Attempts of a call that begin before the one before has ended, and the same request sent again while the first is under way.",
        Status.WARN,
        "Amazon Builders' Library, Timeouts, retries, and backoff with jitter",
        "Do not send a second attempt beside one that is only late: writes are done twice, and load doubles when it hurts most.",
        _does_not_hedge,
    ),
)
