"""Requests of several workers of one program that ask the same, so that nobody can tell which of them a retry belongs to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from math import inf

from emulator.audit.seen import ClientKey, JudgedCall
from emulator.journal.outcomes import ResponseClass

# How late a server may learn that a client has hung up, in seconds
OVERLAP = 0.05
# No client reads an answer and sends a request on another connection faster than this, in seconds
_IMPOSSIBLE = 0.0001
# Nor in less than this share of the shortest time that it took on the same connection
_SHARE = 0.5


def crowded_contents(calls: Iterable[JudgedCall]) -> set[tuple[object, ...]]:
    """The contents that several workers are known to have sent at the same time. Identical requests do not say which worker sent them, and
    connections do not, either: a pool hands them from worker to worker."""
    guessed = [call for call in calls if not call.is_identified]
    found = {call.fingerprint for call in guessed if call.is_ambiguous}
    # A piece of work goes on from call to call. What comes after one that has failed, and does not go on with it, is somebody else's
    spans: dict[tuple[tuple[object, ...], str], tuple[float, float]] = {}
    for call in sorted(guessed, key=lambda call: call.started):
        place = call.fingerprint, call.work
        began, _ = spans.get(place, (call.started, 0.0))
        spans[place] = began, inf if call.failed else call.ended
    until: dict[tuple[object, ...], float] = {}
    for (content, _), (began, ended) in sorted(spans.items(), key=lambda one: one[1]):
        if began < until.get(content, 0.0):
            found.add(content)
        until[content] = max(ended, until.get(content, 0.0))
    return found


def crowded_pieces(everything: Sequence[JudgedCall], pieces: Mapping[Hashable, Sequence[JudgedCall]], soon: float) -> set[Hashable]:
    """The pieces of work that several workers are known, or likely, to have been at in calls with ids of their own: calls for it overlap,
    or follow each other faster than one worker can; or its client has several workers, and it was asked for again within `soon` seconds
    of its success."""
    fastest = _fastest(everything)
    several = {after.client_key for before, after in _neighbours(everything) if _are_of_two(before, after, fastest)}
    found: set[Hashable] = set()
    for piece, calls in pieces.items():
        if len(calls) > 1 and any(call.failed for call in calls) and calls[0].is_identified:
            pairs = list(_neighbours(calls))
            together = any(_are_of_two(before, after, fastest) for before, after in pairs)
            if together or (calls[0].client_key in several and any(_is_repeated(before, after, soon) for before, after in pairs)):
                found.add(piece)
    return found


def _neighbours(calls: Sequence[JudgedCall]) -> Iterator[tuple[JudgedCall, JudgedCall]]:
    """Each call of a client with the one before it that ended last."""
    last: dict[ClientKey, JudgedCall] = {}
    for call in calls:
        before = last.get(call.client_key)
        if before is not None:
            yield before, call
        if before is None or call.ended >= before.ended:
            last[call.client_key] = call


def _are_of_two(before: JudgedCall, after: JudgedCall, fastest: Mapping[ClientKey, float]) -> bool:
    """Whether one worker cannot have made both calls one after the other."""
    gap = after.started - before.ended
    if before.answers[-1].outcome is ResponseClass.LOST:
        return gap < -OVERLAP
    other_connection = before.entries[-1].request.connection != after.entries[0].request.connection
    return gap < 0 or (other_connection and gap < max(_IMPOSSIBLE, _SHARE * fastest.get(before.client_key, 0.0)))


def _is_repeated(before: JudgedCall, after: JudgedCall, soon: float) -> bool:
    return before.answers[-1].outcome is ResponseClass.SUCCESS and after.started - before.ended <= soon


def _fastest(calls: Iterable[JudgedCall]) -> dict[ClientKey, float]:
    """The shortest time from the end of a client's call to the start of its next one on the same connection, in seconds."""
    found: dict[ClientKey, float] = {}
    ended: dict[tuple[ClientKey, int], float] = {}
    for call in calls:
        before = ended.get((call.client_key, call.entries[0].request.connection))
        if before is not None and before <= call.started:
            found[call.client_key] = min(call.started - before, found.get(call.client_key, inf))
        ended[call.client_key, call.entries[-1].request.connection] = call.ended
    return found
