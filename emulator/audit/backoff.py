"""How clients back off: whether their waits grow, whether they are jittered, how long they get. The verdicts on waits and `expect:
backoff` ask here, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import log

from dynafault_dataclass import dataclass
from emulator.audit.certainty import DOUBTFUL, SURE
from emulator.audit.evidence import Evidence
from emulator.audit.growth import Growth, Window, growth_of
from emulator.audit.likelihood import Step
from emulator.audit.noise import Noise, noise_of, stretch
from emulator.audit.rulings import Status
from emulator.audit.seen import ClientKey, Gap, JudgedCall
from emulator.audit.spread import Spread, spread_of
from emulator.audit.waits import SLACK
from emulator.sdks.retry_profiles import Jitter, RetryProfile

# How many times as likely as its opposite something has to be before it counts as shown
_SHOWN = log(20.0)
_ACCUSING = (Status.FAIL, Status.WARN)
# Waits count as begun together if they begin within this share of the length of one
_TOGETHER = 0.25


@dataclass(frozen=True, slots=True)
class Growing:
    """The judgement on how the waits of one client grow after one kind of error. FAIL and WARN: they do not grow; PASS: they do; INFO:
    there is too little to tell."""

    status: Status
    growth: Growth
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Jittering:
    """The judgement on the jitter in the waits of one client after one kind of error. WARN: they are the same from call to call; PASS: they
    differ; INFO: there is too little to tell."""

    status: Status
    spread: Spread
    gaps: tuple[Gap, ...]


def growing(evidence: Evidence) -> list[Growing]:
    """Whether waits grow, client by client; for `Evidence.once`. Clients whose waits nobody can compare are left out."""
    noise = evidence.once(noise_of)
    kinds = [(calls, throttling) for calls, throttling in _kinds(evidence) if not calls[0].client.is_adaptive]
    found = []
    for calls, throttling in kinds:
        ladders = [ladder for call in calls if (ladder := _ladder(call, throttling))]
        if any(len(ladder) > 1 for ladder in ladders):
            window = _window(calls[0], throttling, noise)
            growth = growth_of(_steps(ladders, noise), window)
            status = _grows(growth, len(kinds))
            if status in _ACCUSING:
                status = _lenient(status, _grows(growth_of(_steps(_begun_apart(ladders), noise), window), len(kinds)))
            found.append(Growing(status, growth, tuple(gap for ladder in ladders for gap in ladder)))
    return found


def _grows(growth: Growth, asked: int) -> Status:
    """`asked` is how many clients are judged: each further one is a chance to accuse a good client that was unlucky."""
    if growth.lenient > log(asked / SURE):
        return Status.FAIL
    if growth.against > log(asked / SURE) or growth.lenient > log(asked / DOUBTFUL):
        return Status.WARN
    return Status.PASS if growth.evident > _SHOWN and growth.against < 0 else Status.INFO


def _lenient(together: Status, apart: Status) -> Status:
    """What waits are accused of that begin together, and of which those that begin apart are accused less. What holds up their client
    must have come at each retry anew to make them all alike: that is less likely than that they are."""
    if apart in _ACCUSING:
        return apart
    return Status.WARN if together is Status.FAIL else Status.INFO


def jittering(evidence: Evidence) -> list[Jittering]:
    """Whether waits are jittered, client by client; for `Evidence.once`."""
    noise = evidence.once(noise_of)
    kinds = list(_kinds(evidence))
    found = []
    for calls, throttling in kinds:
        levels = _by_retry(gap for call in calls for gap in _ladder(call, throttling))
        spread = spread_of(_steps(levels, noise))
        if spread.waits:
            status = Status.PASS if spread.against < -_SHOWN else Status.INFO
            if spread.against > log(len(kinds) / DOUBTFUL):
                apart = spread_of(_steps(_begun_apart(levels), noise))
                status = Status.WARN if apart.against > log(len(kinds) / DOUBTFUL) else Status.INFO
            found.append(Jittering(status, spread, tuple(gap for gaps in levels for gap in gaps)))
    return found


def _by_retry(gaps: Iterable[Gap]) -> list[list[Gap]]:
    levels: dict[int, list[Gap]] = {}
    for gap in gaps:
        levels.setdefault(gap.retry, []).append(gap)
    return list(levels.values())


def _begun_apart(rows: Sequence[Sequence[Gap]]) -> list[list[Gap]]:
    """These waits, but only one of those before the same retry that begin together: whatever holds up their client holds up all of
    them, so that they are the same in length however it planned them. They accuse it of no more than one of them does."""
    kept: set[int] = set()
    for level in _by_retry(gap for row in rows for gap in row):
        before: Gap | None = None
        for gap in sorted(level, key=_begun):
            if before is None or _begun(gap) > _begun(before) + _TOGETHER * before.seconds:
                kept.add(id(gap))
                before = gap
    return [row for row in ([gap for gap in gaps if id(gap) in kept] for gaps in rows) if row]


def _begun(gap: Gap) -> float:
    return gap.until - gap.seconds


def beyond(gaps: Iterable[Gap], profile: RetryProfile) -> list[Gap]:
    """The waits that are longer than a profile ever plans, but for those that the server asked for."""
    return [gap for gap in gaps if gap.hint is None and gap.seconds > longest_allowed(gap, profile)]


def longest_allowed(gap: Gap, profile: RetryProfile) -> float:
    """The longest that a wait of a profile may seem, in seconds: a busy machine adds to it, and timers of clients are not exact."""
    return 1.1 * profile.longest_wait(gap.retry, gap.is_throttling) + SLACK + stretch(gap)


def _kinds(evidence: Evidence) -> Iterator[tuple[list[JudgedCall], bool]]:
    """The retried calls of each client, apart for waits after throttling and for the others: these have back-offs of their own."""
    clients: dict[ClientKey, list[JudgedCall]] = {}
    for call in evidence.retried:
        clients.setdefault(call.client_key, []).append(call)
    for calls in clients.values():
        for throttling in (False, True):
            if any(gap.is_throttling is throttling for call in calls for gap in call.gaps):
                yield calls, throttling


def _ladder(call: JudgedCall, throttling: bool) -> list[Gap]:
    """The waits of a call after one kind of error, without those that the server asked for: the client did not choose them."""
    first = 0 if call.profile is None else call.profile.immediate
    return [gap for gap in call.gaps if gap.is_throttling is throttling and gap.hint is None and gap.retry >= first]


def _steps(rows: Sequence[Sequence[Gap]], noise: Noise) -> list[list[Step]]:
    return [[Step(gap.retry, gap.seconds, noise.within(gap)) for gap in row] for row in rows]


def _window(call: JudgedCall, throttling: bool, noise: Noise) -> _Documented | None:
    return None if call.profile is None else _Documented(call.profile, throttling, noise.excess.get(call.client_key, 0.0))


@dataclass(frozen=True, slots=True)
class _Documented:
    """What a profile plans before each retry."""

    profile: RetryProfile
    throttling: bool
    excess: float

    def __call__(self, retry: int) -> Window:
        jitter = self.profile.throttling_jitter if self.throttling else self.profile.jitter
        most = self.profile.longest_wait(retry, self.throttling)
        least = {Jitter.NONE: most, Jitter.FULL: 0.0}.get(jitter, most / 2)
        return Window(least, most, self.excess)
