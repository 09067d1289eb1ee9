"""A run as the verdicts look at it: logical calls with their clients, the answer to each attempt, the gaps between attempts, and which call
repeats which. Everything is computed once, in one pass over the journal, and only read afterwards. Judging is not done here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any, TypeVar

from emulator.audit.crowds import crowded_contents, crowded_pieces
from emulator.audit.polling import polled
from emulator.audit.seen import ApplicationLoop, ClientKey, Gap, JudgedCall
from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall
from emulator.journal.tracking import work_of
from emulator.journal.writes import key_names_of
from emulator.sdks.detection import Client, client_of

# How long after its end a call is still the one that an identical one repeats, in seconds
PATIENCE = 30.0

_Result = TypeVar("_Result")


class Evidence:
    """What the verdicts are given. `calls` are those to judge, in order of arrival, without those that are ambiguous; `everything` all
    calls of the run, since what a client did about one call may stand in another; `refused` are requests that could not be understood
    as a call. `interrupted`: the program did not end by itself, so what it had not done yet says nothing of it. `polls` are the ids of
    calls that may poll: whether one of them goes on with another is not known."""

    def __init__(
        self,
        calls: Iterable[JudgedCall],
        everything: Sequence[JudgedCall],
        refused: Sequence[Exchange] = (),
        dropped: int = 0,
        interrupted: bool = False,
        polls: frozenset[str] = frozenset(),
    ) -> None:
        crowded = crowded_contents(everything)
        self.calls = tuple(
            call
            for call in calls
            if not call.is_ambiguous and (call.is_identified or (call.fingerprint not in crowded and call.id not in polls))
        )
        self.everything = everything
        self.polls = polls
        self.interrupted = interrupted
        self.refused = refused
        self.dropped = dropped
        self._computed: dict[Callable[[Evidence], Any], Any] = {}
        self._pieces: dict[str, tuple[Hashable, ...]] = {}

    def once(self, compute: Callable[[Evidence], _Result]) -> _Result:
        """What `compute` returns for this evidence, kept from its first use: several verdicts need the same."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        result: _Result = self._computed[compute]
        return result

    @cached_property
    def is_partial(self) -> bool:
        """Whether attempts of the same calls went to other emulators, so that what is not seen here may have been done there."""
        return any(call.entries[0].attempt > 1 for call in self.everything)

    @cached_property
    def retried(self) -> tuple[JudgedCall, ...]:
        """Calls of several attempts, those included that an application makes of calls whose SDK does not retry."""
        within = {call.id for loop in self.loops for call in loop.rounds}
        return (*(call for call in self.calls if call.attempts > 1 and call.id not in within), *self.loops)

    @cached_property
    def loops(self) -> tuple[ApplicationLoop, ...]:
        judged = {call.id for call in self.calls}
        works = (work for work in self.works if self.retries_by_itself(work[0]))
        rows = (row for work in works for row in rows_of(work, _follows))
        return tuple(ApplicationLoop(row) for row in rows if row[0].id in judged)

    def retries_by_itself(self, call: JudgedCall) -> bool:
        """Whether an application's retries can only be its own, and not those of its SDK: it has no SDK that numbers attempts, or one that
        is configured for a single attempt, or one that makes a single attempt in the whole run though it had reason for more."""
        if not call.is_identified:
            return call.client.sdk is None
        if call.client_key in self._retrying:
            return False
        declared = self.declared.get(call.client_key)
        return declared == 1 or (declared is None and call.client_key in self._failing)

    @cached_property
    def _retrying(self) -> frozenset[ClientKey]:
        return frozenset(call.client_key for call in self.everything if call.attempts > 1)

    @cached_property
    def _failing(self) -> frozenset[ClientKey]:
        return frozenset(call.client_key for call in self.everything if call.failed)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for call in self.retried for gap in call.gaps)

    @cached_property
    def chains(self) -> tuple[tuple[JudgedCall, ...], ...]:
        """The calls that one client made with the same content, two or more, in order of arrival."""
        return _rows(self.everything, lambda call: call.fingerprint)

    @cached_property
    def works(self) -> tuple[tuple[JudgedCall, ...], ...]:
        """The calls that one client made for the same piece of work, two or more, in order of arrival, whatever their content; without
        those that may poll, and those that several workers may have made."""
        return tuple(work for work in self._works if not self.polls.issuperset(call.id for call in work) and not self.is_crowded(work[0]))

    @cached_property
    def _works(self) -> tuple[tuple[JudgedCall, ...], ...]:
        return _rows([call for call in self.everything if call.work], lambda call: (call.client_key, call.work))

    def is_crowded(self, call: JudgedCall) -> bool:
        """Whether several workers may have been at the work of a call, so that others need not go on with it."""
        return not self._crowded_pieces.isdisjoint(self.pieces_of(call))

    @cached_property
    def _crowded_pieces(self) -> set[Hashable]:
        return crowded_pieces(self.everything, self.pieces, PATIENCE)

    @cached_property
    def repeated(self) -> tuple[tuple[JudgedCall, ...], ...]:
        """The works whose calls followed each other. Where calls overlap, several workers were at it: that shows only when a call goes on
        which another seemed to have taken up, too late for the name of the work."""
        return tuple(work for work in self.works if all(after.started >= before.ended for before, after in pairwise(work)))

    @cached_property
    def _next(self) -> dict[int, JudgedCall]:
        return {id(before): after for chain in self.chains for before, after in pairwise(chain)}

    @cached_property
    def _next_try(self) -> dict[int, JudgedCall]:
        return {id(before): after for work in self._works for before, after in pairwise(work)}

    def repetition(self, call: JudgedCall) -> JudgedCall | None:
        """The call with which its client asked the very same again, soon after this one had ended."""
        following = self._next.get(id(call))
        return following if following is not None and _is_soon(call, following) else None

    def next_try(self, call: JudgedCall) -> JudgedCall | None:
        """The call with which its client went on with the same piece of work, however much later and whatever else that call asked."""
        return self._next_try.get(id(call))

    @cached_property
    def pieces(self) -> dict[Hashable, tuple[JudgedCall, ...]]:
        """All calls by the pieces of work that they are about, in order of arrival, those included that belong to different workers."""
        found: dict[Hashable, list[JudgedCall]] = {}
        for call in self.everything:
            for piece in self.pieces_of(call):
                found.setdefault(piece, []).append(call)
        return {piece: tuple(calls) for piece, calls in found.items()}

    def pieces_of(self, call: JudgedCall) -> tuple[Hashable, ...]:
        """What a call is about; equal for calls of clients that look alike and are about the same."""
        if call.id not in self._pieces:
            self._pieces[call.id] = work_of(call.request, lambda _, table: self.key_names.get(table))
        return self._pieces[call.id]

    @cached_property
    def turnarounds(self) -> dict[ClientKey, float]:
        """For each client the median time, in seconds, from the end of a call to the start of the next one on the same connection: what the
        client and its machine need to send a request, and what the application does in between. Clients that made one call only are left
        out."""
        found: dict[ClientKey, list[float]] = {}
        last: dict[tuple[ClientKey, int], JudgedCall] = {}
        for call in self.everything:
            before = last.get((call.client_key, call.entries[0].request.connection))
            last[call.client_key, call.entries[-1].request.connection] = call
            if before is not None and before.ended <= call.started and self.next_try(before) is not call:
                found.setdefault(call.client_key, []).append(call.started - before.ended)
        return {client: median(seconds) for client, seconds in found.items()}

    @cached_property
    def key_names(self) -> dict[str, tuple[str, ...]]:
        return key_names_of(entry for call in self.everything for entry in call.entries)

    @cached_property
    def declared(self) -> dict[ClientKey, int]:
        """The most attempts that each client says it makes, in any of its calls."""
        found: dict[ClientKey, int] = {}
        for call in self.everything:
            if call.declared is not None:
                found[call.client_key] = max(call.declared, found.get(call.client_key, 0))
        return found

    def limit(self, call: JudgedCall) -> int | None:
        """How many attempts the client of a call makes at most, as it says itself or as its SDK is documented; None where nobody
        knows."""
        declared = call.declared or self.declared.get(call.client_key)
        if declared is not None:
            return declared
        return None if call.profile is None else call.profile.attempts


def _rows(calls: Iterable[JudgedCall], key: Callable[[JudgedCall], Hashable]) -> tuple[tuple[JudgedCall, ...], ...]:
    found: dict[Hashable, list[JudgedCall]] = {}
    for call in calls:
        found.setdefault(key(call), []).append(call)
    return tuple(tuple(row) for row in found.values() if len(row) > 1)


def _is_soon(before: JudgedCall, after: JudgedCall) -> bool:
    return before.ended <= after.started <= before.ended + PATIENCE


def _follows(before: JudgedCall, after: JudgedCall) -> bool:
    """Whether a call is the next round of the same loop."""
    return before.failed and _is_soon(before, after)


def rows_of(chain: Iterable[JudgedCall], follows: Callable[[JudgedCall, JudgedCall], bool]) -> Iterator[list[JudgedCall]]:
    """The runs of two calls or more within a chain, of which each follows the one before."""
    row: list[JudgedCall] = []
    for call in chain:
        if row and follows(row[-1], call):
            row.append(call)
            continue
        if len(row) > 1:
            yield row
        row = [call]
    if len(row) > 1:
        yield row


def evidence_of(
    calls: Sequence[LogicalCall],
    refused: Sequence[Exchange] = (),
    *,
    focus: Iterable[LogicalCall] | None = None,
    dropped: int = 0,
    interrupted: bool = False,
) -> Evidence:
    """The evidence of a run; `focus` are the calls to judge, all of them by default. `interrupted`: its program did not end by itself."""
    register = _Register()
    seen = [JudgedCall(call, register.key(call)) for call in calls]
    if focus is None:
        return Evidence(seen, seen, refused, dropped, interrupted, polled(seen))
    wanted = {call.id for call in focus}
    return Evidence((call for call in seen if call.id in wanted), seen, (), dropped, interrupted)


class _Register:
    """The clients of a run. Each User-Agent is parsed once, though it comes with every request."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str | None, str | None], Client] = {}
        self._keys: dict[tuple[Client, str, str], ClientKey] = {}

    def key(self, call: LogicalCall) -> ClientKey:
        request = call.first.request
        assert call.first.call is not None
        agent = (request.headers.get("user-agent"), request.headers.get("x-amz-user-agent"))
        client = self._clients.get(agent)
        if client is None:
            client = self._clients[agent] = client_of(request.headers)
        return self._key(client, call.first.call.access_key, request.peer.rpartition(":")[0])

    def _key(self, client: Client, access_key: str, address: str) -> ClientKey:
        known = (client, access_key, address)
        key = self._keys.get(known)
        if key is None:
            key = self._keys[known] = ClientKey(client, access_key, address)
        return key
