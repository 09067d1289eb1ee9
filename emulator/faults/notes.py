"""What became of the rules that could be about a request, noted when it was decided, for whoever asks later.

Of most requests nobody asks. So a note is little more than what was counted; what that means for each rule is told when somebody does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from emulator.faults.effect import Skipped
from emulator.messages import Attempt

MAX_NOTES = 10_000

# (rule, why not; None: it fired)
Note = tuple[str, Skipped | None]
_Request = tuple[str, int]


class Noted(Protocol):
    """Something that is known of a request."""

    @property
    def attempt(self) -> Attempt: ...

    def notes(self) -> Iterable[Note]: ...


class Asked(NamedTuple):
    """The rules that were asked, and what they said."""

    attempt: Attempt
    said: Sequence[Note]

    def notes(self) -> Iterable[Note]:
        return self.said


class Notes:
    """What was noted of the last 10,000 requests at least that had something to note. Locked by its owner."""

    def __init__(self) -> None:
        # Forgetting many at once costs less than one at a time
        self._latest: list[Noted] = []
        self._known = _Index(self._latest)
        self._before = _Index([])
        self._room = MAX_NOTES

    def expect(self, most: int) -> None:
        """There may be so many of one request."""
        self._room = max(self._room, MAX_NOTES * most)

    def add(self, noted: Noted) -> None:
        self._latest.append(noted)
        if len(self._latest) >= self._room:
            self._latest = []
            self._before, self._known = self._known, _Index(self._latest)

    def of(self, attempt: Attempt) -> dict[str, Skipped | None]:
        """What was noted of a request, by the names of the rules."""
        noted = (*self._before.of(attempt), *self._known.of(attempt))
        return dict(note for one in noted for note in one.notes())


class _Index:
    """Notes by their requests, sorted as far as there were any when somebody asked last."""

    def __init__(self, noted: list[Noted]) -> None:
        self._noted = noted
        self._sorted = 0
        self._by_request: dict[_Request, list[Noted]] = {}

    def of(self, attempt: Attempt) -> Sequence[Noted]:
        for one in self._noted[self._sorted :]:
            together = self._by_request.setdefault(one.attempt[:2], [])
            # Another request may have been given the same place
            if together and together[-1].attempt is not one.attempt:
                together.clear()
            together.append(one)
        self._sorted = len(self._noted)
        return self._by_request.get(attempt[:2], ())
