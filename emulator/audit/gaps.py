"""The waits between attempts against `expect: backoff`: long enough, not too long, growing, jittered, or as an SDK documents them. `min`
and `max` are the author's own bounds; the rest is judged as the verdicts on waits do (see `backoff`)."""

from __future__ import annotations

from collections.abc import Iterator

from dynafault_dataclass import dataclass
from emulator.audit.backoff import beyond, growing, jittering, longest_allowed
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Status
from emulator.audit.seen import Gap
from emulator.scenario.expectations import Backoff
from emulator.sdks.retry_profiles import PROFILES


@dataclass(frozen=True, slots=True)
class GapProblem:
    why: str
    call: str = ""


def problems(wanted: Backoff, evidence: Evidence) -> list[GapProblem]:
    """What is wrong with the gaps of the calls of this evidence; empty if nothing is."""
    if not evidence.retried:
        return [GapProblem("expected back-off, but no call was retried")]
    found = [*_bounds(wanted, evidence)]
    if wanted.grows is not None:
        found.extend(_growth(wanted.grows, evidence))
    if wanted.jitter is not None:
        found.extend(_jitter(wanted.jitter, evidence))
    if wanted.profile is not None:
        found.extend(_profile(wanted.profile, evidence))
    return found


def _bounds(wanted: Backoff, evidence: Evidence) -> Iterator[GapProblem]:
    for gap in evidence.gaps:
        if wanted.min is not None and gap.seconds < wanted.min:
            yield GapProblem(f"{gap.call.id} waited only {gap.seconds * 1000:.1f} ms before attempt {gap.retry + 2}", gap.call.id)
        if wanted.max is not None and gap.seconds > wanted.max:
            yield GapProblem(f"{gap.call.id} waited {gap.seconds:.3f} s before attempt {gap.retry + 2}", gap.call.id)


def _growth(wanted: bool, evidence: Evidence) -> Iterator[GapProblem]:
    statuses = {one.status for one in evidence.once(growing)}
    if wanted and statuses & {Status.FAIL, Status.WARN}:
        yield GapProblem("the gaps do not grow")
    elif not wanted and Status.PASS in statuses:
        yield GapProblem("the gaps grow")


def _jitter(wanted: bool, evidence: Evidence) -> Iterator[GapProblem]:
    judged = evidence.once(jittering)
    statuses = {one.status for one in judged}
    if not judged:
        yield GapProblem("jitter cannot be judged: it takes two retried calls at least")
    elif wanted and Status.WARN in statuses:
        yield GapProblem("the gaps are the same from call to call")
    elif not wanted and Status.PASS in statuses:
        yield GapProblem("the gaps differ from call to call")


def _profile(name: str, evidence: Evidence) -> Iterator[GapProblem]:
    profile = PROFILES[name]
    for call in evidence.retried:
        if call.attempts > profile.attempts:
            yield GapProblem(f"{call.id} made {call.attempts} attempts, more than the {profile.attempts} of {name}", call.id)
        yield from (_too_long(gap, name) for gap in beyond(call.gaps, profile))


def _too_long(gap: Gap, name: str) -> GapProblem:
    most = longest_allowed(gap, PROFILES[name])
    why = f"{gap.call.id} waited {gap.seconds:.3f} s before attempt {gap.retry + 2}; {name} waits {most:.3f} s at most"
    return GapProblem(why, gap.call.id)
