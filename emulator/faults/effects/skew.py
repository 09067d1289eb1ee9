"""`skew`: a clock that is wrong."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target, shown


@dataclass(frozen=True, slots=True)
class SkewEffect(Effect):
    """The Date header is this many seconds ahead of the truth, or behind it."""

    skew: float

    def add(self, decision: Decision, target: Target) -> None:
        decision.skew += self.skew
        decision.texts.append(f"skew {'-' if self.skew < 0 else ''}{shown(abs(self.skew))}")
