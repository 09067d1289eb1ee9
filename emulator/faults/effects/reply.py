"""`drip`, `skew`, `headers`, `status`: what changes on the way out, whatever the answer is."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.faults.effects.delay import shown
from emulator.faults.effects.effect import Effect
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class DripEffect(Effect):
    """The answer goes out at so many bytes per second."""

    rate: int

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.drip = float(self.rate)
        draft.texts.append(f"drip {self.rate}B/s")


@dataclass(frozen=True, slots=True)
class SkewEffect(Effect):
    """The Date header is so many seconds ahead of the truth, or behind it."""

    seconds: float

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.skew += self.seconds
        draft.texts.append(f"skew {'-' if self.seconds < 0 else ''}{shown(abs(self.seconds))}")


@dataclass(frozen=True, slots=True)
class HeadersEffect(Effect):
    """Headers are replaced, added, or (with None) removed."""

    headers: tuple[tuple[str, str | None], ...]

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.headers.extend(self.headers)
        draft.texts.append(f"headers {', '.join(name for name, _ in self.headers)}")


@dataclass(frozen=True, slots=True)
class StatusEffect(Effect):
    """Another HTTP status than the answer's own."""

    status: int

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.status = self.status
