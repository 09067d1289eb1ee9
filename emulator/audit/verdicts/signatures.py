"""Signatures and clocks: each attempt is signed anew, and a wrong clock is noticed once."""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.clock_skew import CODES, NOTICEABLE, clock_offset
from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, nothing, passed, worst
from emulator.clients import signed_at

# The service refuses what was signed longer ago
_STALE = 300.0
# Signatures have whole seconds; a retry later than this must carry a new one
_NEW_SECOND = 2.0


def _signs_again(evidence: Evidence) -> Ruling:
    retried = [call for call in evidence.retried if all(signed_at(entry) is not None for entry in call.entries)]
    if not retried:
        return nothing("no call was tried again with a signature that says when")
    late = {call: _staleness(call) for call in retried}
    stale = [call for call, seconds in late.items() if seconds > _STALE]
    # An adaptive client signs first, and then waits for its own rate limiter
    same = [call for call in retried if call not in stale and not call.client.is_adaptive and _is_reused(call)]
    rulings = []
    if stale:
        why = f"{counted(len(stale), 'call')} with a signature up to {max(late.values()):.0f} s older than its attempt"
        rulings.append(found(Status.FAIL, stale, why))
    if same:
        rulings.append(found(Status.WARN, same, f"{counted(len(same), 'call')} tried again with the signature of the attempt before"))
    return worst(rulings, passed(f"{counted(len(retried), 'retried call')} signed anew"))


def _staleness(call: SeenCall) -> float:
    """By how much the signing times fell behind the attempts since the first one: no clock has to be right for that."""
    first, began = signed_at(call.entries[0]) or 0.0, call.started
    return max((entry.request.arrived - began) - ((signed_at(entry) or 0.0) - first) for entry in call.entries[1:])


def _is_reused(call: SeenCall) -> bool:
    return any(
        after.request.arrived - before.request.arrived > _NEW_SECOND and signed_at(after) == signed_at(before)
        for before, after in pairwise(call.entries)
    )


def _corrects_its_clock(evidence: Evidence) -> Ruling:
    blamed = [call for call in evidence.calls if _first_blame(call) is not None]
    if not blamed:
        return nothing("no request was refused for its signing time")
    rulings = []
    wrong = [call for call in blamed if call.client.sdk is not None and call.client.sdk.corrects_clock and not _is_corrected(call)]
    stubborn = [call for call in blamed if call.attempts - (_first_blame(call) or 0) > 2 and call.told[-1].error in CODES]
    if wrong:
        rulings.append(found(Status.FAIL, wrong, f"{counted(len(wrong), 'call')} not sent again with the time that the answer told"))
    if stubborn:
        rulings.append(found(Status.FAIL, stubborn, f"{counted(len(stubborn), 'call')} sent again and again with a wrong time"))
    fixed = sum(map(_is_corrected, blamed))
    if not fixed:
        why = f"{counted(len(blamed), 'call')} refused for the signing time; this client does not correct its clock"
        return worst(rulings, found(Status.INFO, blamed, why))
    return worst(rulings, passed(f"{fixed} of {counted(len(blamed), 'call')} sent again with a corrected time"))


def _first_blame(call: SeenCall) -> int | None:
    """The attempt whose answer said that the clock is wrong, and whose `Date` shows by how much."""
    for number, (entry, answer) in enumerate(zip(call.entries, call.told, strict=True)):
        offset = clock_offset(entry) if answer.error in CODES else None
        if offset is not None and abs(offset) >= NOTICEABLE:
            return number
    return None


def _is_corrected(call: SeenCall) -> bool:
    number = _first_blame(call)
    if number is None or number + 1 >= call.attempts:
        return False
    offset, before, after = clock_offset(call.entries[number]), signed_at(call.entries[number]), signed_at(call.entries[number + 1])
    return None not in (offset, before, after) and abs((after or 0.0) - (before or 0.0) - (offset or 0.0)) < NOTICEABLE


VERDICTS = (
    Verdict(
        "V29",
        "Retries are signed anew",
        "X-Amz-Date of each attempt: whether it keeps up with the time between the attempts.",
        Status.FAIL,
        "sources of the SDKs; IAM User Guide, Signature Version 4",
        "Sign inside the retry loop: a signature is good for five minutes.",
        _signs_again,
    ),
    Verdict(
        "V30",
        "A wrong clock is corrected, once",
        "Answers that refuse the signing time and show another one: whether the next attempt is signed with that.",
        Status.FAIL,
        "sources of the SDKs",
        "Take the time from the answer's Date and sign once more; if that is refused too, stop.",
        _corrects_its_clock,
    ),
)
