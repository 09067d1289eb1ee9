"""The waits between attempts: long enough, not too long, growing, jittered, as the SDK documents them.

A gap runs from the end of one answer to the arrival of the next attempt. Jittered gaps are random, so growth and jitter are judged
on what the data can bear: where it is thin, only what random gaps never look like (all alike) counts against a client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, pstdev

from emulator.calls import LogicalCall
from emulator.errors import lookup
from emulator.journal import Exchange
from emulator.retry_profiles import PROFILES
from emulator.scenario.model import Backoff

# Below this spread (coefficient of variation) gaps count as the same
ALIKE = 0.05
# Medians of jittered gaps are compared from so many calls on
ENOUGH_CALLS = 8
# What the network and a busy machine may add to a wait, in seconds
SLACK = 0.25


@dataclass(frozen=True, slots=True)
class GapProblem:
    why: str
    call: str = ""


def problems(wanted: Backoff, calls: Sequence[LogicalCall]) -> list[GapProblem]:
    """What is wrong with the gaps of these calls; empty if nothing is."""
    retried = [call for call in calls if call.attempts > 1]
    if not retried:
        return [GapProblem("expected back-off, but no call was retried")]
    found = [*_bounds(wanted, retried)]
    if wanted.grows is not None and _grows(retried) is not wanted.grows:
        found.append(GapProblem("the gaps do not grow" if wanted.grows else "the gaps grow"))
    if wanted.jitter is not None:
        found.extend(_jitter(wanted.jitter, retried))
    if wanted.profile is not None:
        found.extend(_profile(wanted.profile, retried))
    return found


def known_gaps(call: LogicalCall) -> list[tuple[int, Exchange, float]]:
    """(retry from 0, the attempt before it, seconds), without gaps that cannot be told."""
    return [(retry, call.attempt_records[retry], gap / 1000) for retry, gap in enumerate(call.gaps_ms) if gap is not None]


def _bounds(wanted: Backoff, calls: Sequence[LogicalCall]) -> Iterator[GapProblem]:
    for call in calls:
        for retry, _, gap in known_gaps(call):
            if wanted.min is not None and gap < wanted.min:
                yield GapProblem(f"{call.id} waited only {gap * 1000:.1f} ms before attempt {retry + 2}", call.id)
            if wanted.max is not None and gap > wanted.max:
                yield GapProblem(f"{call.id} waited {gap:.3f} s before attempt {retry + 2}", call.id)


def by_retry(calls: Sequence[LogicalCall]) -> dict[int, list[float]]:
    """All gaps before the n-th retry (from 0), over calls."""
    collected: dict[int, list[float]] = {}
    for call in calls:
        for retry, _, gap in known_gaps(call):
            collected.setdefault(retry, []).append(gap)
    return collected


def _grows(calls: Sequence[LogicalCall]) -> bool:
    collected = by_retry(calls)
    pairs = [(collected[retry], collected[retry + 1]) for retry in sorted(collected) if retry + 1 in collected]
    solid = [(before, after) for before, after in pairs if min(len(before), len(after)) >= ENOUGH_CALLS]
    if solid:
        return all(median(after) > median(before) for before, after in solid)
    return not any(_alike([gap for _, _, gap in known_gaps(call)]) for call in calls)


def _alike(values: Sequence[float]) -> bool:
    if len(values) < 2:
        return False
    mean = sum(values) / len(values)
    return mean == 0 or pstdev(values) / mean < ALIKE


def _jitter(wanted: bool, calls: Sequence[LogicalCall]) -> Iterator[GapProblem]:
    samples = [gaps for gaps in by_retry(calls).values() if len(gaps) >= 2]
    if not samples:
        yield GapProblem("jitter cannot be judged: it takes two retried calls at least")
    elif any(_alike(gaps) for gaps in samples) is wanted:
        yield GapProblem("the gaps are the same from call to call" if wanted else "the gaps differ from call to call")


def _profile(name: str, calls: Sequence[LogicalCall]) -> Iterator[GapProblem]:
    profile = PROFILES[name]
    for call in calls:
        if call.attempts > profile.attempts:
            yield GapProblem(f"{call.id} made {call.attempts} attempts, more than the {profile.attempts} of {name}", call.id)
        for retry, before, gap in known_gaps(call):
            most = profile.longest_wait(retry, _is_throttling(before)) + SLACK
            if gap > most:
                yield GapProblem(f"{call.id} waited {gap:.3f} s before attempt {retry + 2}; {name} waits {most:.3f} s at most", call.id)


def _is_throttling(entry: Exchange) -> bool:
    if not entry.error or entry.call is None:
        return False
    return lookup(entry.error, entry.call.service).retry.value == "throttling"
