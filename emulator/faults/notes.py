"""What became of the rules that could be about a request, noted when it was decided, for whoever asks later.

Of most requests nobody asks. So a note is little more than what was counted; what that means for each rule is told when somebody does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from emulator.faults.effect import Skipped
from emulator.messages import Attempt

MAX_NOTES = 10_000
_STRIDE = 5

# (rule, why not; None: it fired)
Note = tuple[str, Skipped | None]
_Request = tuple[str, int]


class Teller(Protocol):
    """Who can tell what two numbers mean that were noted of a request."""

    def notes(self, attempt: Attempt, first: Any, second: Any, /) -> Iterable[Note]: ...


class Said:
    """What the rules said that were asked; all is known of them."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._notes = notes

    def notes(self, attempt: Attempt, first: Any, second: Any, /) -> Iterable[Note]:
        return self._notes


# Who can tell of a request, and the numbers for that
_Noted = tuple[Teller, Any, Any]


class Notes:
    """What was noted of the last 10,000 requests at least that had something to note. Locked by its owner.

    `latest` is where more is to be added: a request's call and ordinal, who can tell of it, and the two numbers that this takes. They
    lie end to end, which takes less time and room than a tuple for each; whoever adds some calls `turn_over` when there are more than
    `room`."""

    def __init__(self) -> None:
        self.latest: list[Any] = []
        self.room = MAX_NOTES * _STRIDE
        self._known = _Index(self.latest)
        self._before = _Index([])

    def expect(self, most: int) -> None:
        """There may be so many of one request."""
        self.room = max(self.room, MAX_NOTES * _STRIDE * most)

    def add(self, attempt: Attempt, teller: Teller, first: float = 0, second: float = 0) -> None:
        self.latest += (attempt.call_id, attempt.ordinal, teller, first, second)
        if len(self.latest) > self.room:
            self.turn_over()

    def turn_over(self) -> None:
        """Forget what is old. Forgetting many at once costs less than one at a time."""
        self.latest = []
        self._before, self._known = self._known, _Index(self.latest)

    def of(self, attempt: Attempt) -> dict[str, Skipped | None]:
        """What was noted of a request, by the names of the rules."""
        noted = (*self._before.of(attempt), *self._known.of(attempt))
        return dict(note for teller, first, second in noted for note in teller.notes(attempt, first, second))


class _Index:
    """Notes by their requests, sorted as far as there were any when somebody asked last."""

    def __init__(self, noted: list[Any]) -> None:
        self._noted = noted
        self._sorted = 0
        self._by_request: dict[_Request, list[_Noted]] = {}

    def of(self, attempt: Attempt) -> Sequence[_Noted]:
        added = iter(self._noted[self._sorted :])
        for call_id, ordinal, *noted in zip(added, added, added, added, added, strict=True):
            self._by_request.setdefault((call_id, ordinal), []).append(tuple(noted))
        self._sorted = len(self._noted)
        return self._by_request.get(attempt[:2], ())
