"""The requests that rules count together, in the order in which they came.

For most of them no rule can be due. Those are put down here and no more, and counted many at once when somebody wants the counts: between
two requests the processor forgets what it knew of the rules, so it is best not to touch them at all. Which place a request had in the
counts is worked out backwards from these, if somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from emulator.faults.notes import Note
from emulator.faults.tallies import MAX_CALLS, Scope
from emulator.messages import Attempt

# As many are remembered at least, and at most twice as many: the calls of all of them have their numbers still
MAX_ARRIVALS = MAX_CALLS // 2
# As many wait at most until they are counted
MAX_WAITING = 250
_STRIDE = 3


class Counting(Protocol):
    """Rules that count the same requests, in all of these scopes; some rule asks for the counts of those that are `numbered`. While the log
    of arrivals is shorter than `limit`, no count that a rule wants can be reached."""

    limit: int

    @property
    def totals(self) -> Sequence[Scope]: ...

    @property
    def numbered(self) -> Sequence[Scope]: ...

    def notes(self, attempt: Attempt, requests: Sequence[int], /) -> Iterable[Note]:
        """What kept rules from being due for a request that was the n-th in each of `numbered`."""


class Arrivals:
    """The last 10,000 requests at least. Locked by its owner.

    `log` is where more are to be added: a request's call and ordinal, and what counts it. They lie end to end, which takes less time and
    room than a tuple for each. Only first attempts may wait there to be counted, since a later one is of a call that has its number;
    and only up to the limit of what counts them."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self._counted = 0
        self._limited: set[Counting] = set()
        self._latest = _Places(self.log)
        self._before = _Places([])

    def count(self) -> None:
        """Count those that wait."""
        start, self._counted = self._counted, len(self.log)
        if start == self._counted:
            return
        counted_by = self.log[start + 2 :: _STRIDE]
        requests = Counter(counted_by)
        numbering: set[Scope] = set()
        for counting, number in requests.items():
            for scope in (*counting.totals, *counting.numbered):
                scope.matched += number
            numbering.update(scope for scope in counting.numbered if scope.calls is not None)
        for scope in numbering:
            assert scope.calls is not None
            calls = self.log[start::_STRIDE]
            if len(requests) > 1:
                calls = [call for call, counting in zip(calls, counted_by, strict=True) if scope in counting.numbered]
            scope.calls.extend(calls)

    def add_counted(self, attempt: Attempt, counting: Counting) -> None:
        """One that has been counted, after all that waited."""
        self.log += (attempt.call_id, attempt.ordinal, counting)
        self._counted = len(self.log)
        if self._counted >= MAX_ARRIVALS * _STRIDE:
            self._turn_over()

    def limit(self, counting: Counting, requests: float) -> None:
        """So many more may come before one reaches a count that a rule wants. All have been counted."""
        counting.limit = self._counted + _STRIDE * int(min(requests, MAX_WAITING))
        self._limited.add(counting)

    def notes_of(self, attempt: Attempt) -> Iterator[Note]:
        """What kept rules from being due for a request, as far as their counts did."""
        self.count()
        counts: dict[Scope, int] = {}
        self._latest.learn(counts)
        self._before.learn(counts)
        for counting, requests in (*self._before.of(attempt), *self._latest.of(attempt)):
            yield from counting.notes(attempt, requests)

    def _turn_over(self) -> None:
        """Forget what is old. Forgetting many at once costs less than one at a time."""
        for counting in self._limited:
            counting.limit = 0
        self._limited.clear()
        self.log, self._counted = [], 0
        self._before, self._latest = self._latest, _Places(self.log)


class _Places:
    """The places of requests, as far as there were any when somebody asked last."""

    def __init__(self, log: list[Any]) -> None:
        self._log = log
        self._learnt = 0
        self._by_request: dict[tuple[str, int], list[tuple[Counting, list[int]]]] = {}

    def learn(self, counts: dict[Scope, int]) -> None:
        """Work out the places of those that have come since. `counts` are as they were after the last of these, where they are not as they
        are now; then as they were before the first."""
        new = self._log[self._learnt :]
        self._learnt = len(self._log)
        places = []
        for counting in reversed(new[2::_STRIDE]):
            places.append([counts.setdefault(scope, scope.matched) for scope in counting.numbered])
            for scope in counting.numbered:
                counts[scope] -= 1
        for call_id, ordinal, counting, place in zip(new[::_STRIDE], new[1::_STRIDE], new[2::_STRIDE], reversed(places), strict=True):
            self._by_request.setdefault((call_id, ordinal), []).append((counting, place))

    def of(self, attempt: Attempt) -> Sequence[tuple[Counting, list[int]]]:
        return self._by_request.get(attempt[:2], ())
