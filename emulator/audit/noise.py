"""How much this machine adds to waits, as far as the run itself shows: a gap is the wait that its client planned, and some noise.

Three things are measured: how late the server's own timers ran around a gap; how fast the client has ever been with its next call, which is
what it and the network need without any wait; and, of a client whose SDK is known, how far its waits lie beyond what that SDK ever plans.
Nobody can measure what a stall of the client alone adds, so no verdict may rest on a single wait.
"""

from __future__ import annotations

from collections.abc import Iterable

from dynafault_dataclass import dataclass
from emulator.audit.evidence import Evidence
from emulator.audit.seen import ClientKey, Gap, JudgedCall

# A client that takes longer than this between its calls does something else there; and what is assumed of one whose calls never show
# it; in seconds
_SLOWEST = 0.05
_UNSEEN = 0.01
# Shorter times than this cannot be measured on any machine, in seconds
_LEAST = 0.002
# A client in trouble is busier than at its fastest
_BUSY = 2.0
# Waits beyond the documented ones are noise up to here; a client that waits longer has been told to
_MAX_EXCESS = 0.25
_QUANTILE = 0.9
# Of eleven clients with two busy threads in one process, beside eight busy processes, what waits were late by beyond the slack of 250 ms
# was up to 2.4 times the lateness of the server's timers, in four runs: an estimate, with room
_TURNS = 3.0


@dataclass(frozen=True, slots=True)
class Noise:
    """`turnaround` is each client's share, `excess` what the waits of known SDKs show beyond it, both in seconds."""

    turnaround: dict[ClientKey, float]
    excess: dict[ClientKey, float]

    def within(self, gap: Gap) -> float:
        """How much of a gap may be noise, in seconds."""
        return lateness(gap) + self.turnaround.get(gap.call.client_key, _UNSEEN)


def noise_of(evidence: Evidence) -> Noise:
    """The noise of a run, for `Evidence.once`."""
    fastest = _fastest(evidence.everything)
    turnaround = {client: max(_LEAST, _BUSY * seconds) for client, seconds in fastest.items() if seconds <= _SLOWEST}
    beyond: dict[ClientKey, list[float]] = {}
    for gap in evidence.gaps:
        profile = gap.call.profile
        if profile is not None and gap.hint is None and not gap.call.client.is_adaptive:
            beyond.setdefault(gap.call.client_key, []).append(gap.seconds - profile.longest_wait(gap.retry, gap.is_throttling))
    return Noise(turnaround, {client: min(_MAX_EXCESS, max(0.0, _quantile(found))) for client, found in beyond.items()})


def lateness(gap: Gap) -> float:
    """How late the server's own timers ran at either end of a gap, in seconds; 0 where nobody measured."""
    entries = gap.call.entries
    return max(entries[gap.retry].request.late or 0.0, entries[gap.retry + 1].request.late or 0.0)


def stretch(gap: Gap) -> float:
    """How much longer a busy machine may have made a gap than its client planned, in seconds. The server's timer needs the machine once;
    a client has to be woken, to sign and to send."""
    return _TURNS * lateness(gap)


def _fastest(calls: Iterable[JudgedCall]) -> dict[ClientKey, float]:
    """The shortest time from the end of a call to the start of the next one: on the same connection, where connections are known."""
    found: dict[ClientKey, float] = {}
    last: dict[tuple[ClientKey, int], JudgedCall] = {}
    for call in calls:
        place = (call.client_key, call.entries[0].request.connection)
        before = last.get(place)
        last[call.client_key, call.entries[-1].request.connection] = call
        if before is not None and not before.failed and before.ended <= call.started:
            seconds = call.started - before.ended
            found[call.client_key] = min(seconds, found.get(call.client_key, seconds))
    return found


def _quantile(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(_QUANTILE * len(values)))]
