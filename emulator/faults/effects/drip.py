"""`drip`: a slow line."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class DripEffect(Effect):
    """The answer goes out at so many bytes per second."""

    drip: int

    def add(self, draft: Draft, target: Target) -> None:
        draft.drip = float(self.drip)
        draft.texts.append(f"drip {self.drip}B/s")
