"""What a client says of its attempts, and where it sends them: sane numbers, one endpoint."""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.clock_skew import blames_the_clock
from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, nothing, passed, worst
from emulator.clients import signed_at


def _numbers_attempts(evidence: Evidence) -> Ruling:
    numbered = [call for call in evidence.calls if call.headers[0].number is not None]
    if not numbered:
        return nothing("no client numbers its attempts")
    complaints = (
        (Status.WARN, "whose numbers do not rise by one", _is_disordered),
        (Status.WARN, "whose maximum changes from attempt to attempt", _changes_maximum),
        (Status.WARN, "whose deadline had passed, or moved back", _has_bad_deadline),
        (Status.INFO, "with a number left out: that attempt never reached the server", _has_hole),
    )
    rulings = []
    for status, what, is_wrong in complaints:
        calls = [call for call in numbered if is_wrong(call)]
        if calls:
            rulings.append(found(status, calls, f"{counted(len(calls), 'call')} {what}"))
    return worst(rulings, passed(f"{counted(len(numbered), 'numbered call')}"))


def _has_hole(call: SeenCall) -> bool:
    """Whether the client counted attempts that the server never saw."""
    seen = [header.number for header in call.headers if header.number is not None]
    return any(after > before + 1 for before, after in pairwise(seen))


def _is_disordered(call: SeenCall) -> bool:
    seen = [header.number for header in call.headers]
    return any(before is None or after is None or after <= before for before, after in pairwise(seen))


def _changes_maximum(call: SeenCall) -> bool:
    # Some SDKs do not send it with the first attempt
    return len({header.most for header in call.headers if header.most is not None}) > 1


def _has_bad_deadline(call: SeenCall) -> bool:
    pairs = [(header.ttl, signed_at(entry)) for header, entry in zip(call.headers, call.entries, strict=True) if header.ttl is not None]
    if not pairs or any(blames_the_clock(entry, answer) for entry, answer in zip(call.entries, call.told, strict=True)):
        return False
    passed_by = any(signed is not None and ttl < signed for ttl, signed in pairs)
    return passed_by or any(after < before for (before, _), (after, _) in pairwise(pairs))


def _stays_at_its_endpoint(evidence: Evidence) -> Ruling:
    if not evidence.retried:
        return nothing("no call was tried again")
    moved = [call for call in evidence.retried if len({_endpoint(call, number) for number in range(call.attempts)}) > 1]
    if moved:
        return found(Status.INFO, moved, f"{counted(len(moved), 'call')} went to another host, path or region when tried again")
    return passed(f"{counted(len(evidence.retried), 'retried call')} went to one endpoint each")


def _endpoint(call: SeenCall, number: int) -> tuple[object, ...]:
    entry = call.entries[number]
    return entry.request.headers.get("host"), entry.request.target, entry.call.region if entry.call else ""


VERDICTS = (
    Verdict(
        "V33",
        "Attempts are numbered sanely",
        "amz-sdk-request and its older forms: whether numbers rise by one, the maximum stays, and the deadline lies ahead.",
        Status.WARN,
        "sources of the SDKs: amz-sdk-request",
        "Number attempts from 1, keep invocation id and maximum; a hole points to a failure between client and service.",
        _numbers_attempts,
    ),
    Verdict(
        "V40",
        "Retries go where the call went",
        "Host, path and region of the attempts of a call.",
        Status.INFO,
        "common practice",
        "Look for a fail-over to another region or endpoint: what was written may be in the other one.",
        _stays_at_its_endpoint,
    ),
)
