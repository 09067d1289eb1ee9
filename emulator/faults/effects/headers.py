"""`headers`: those of the answer, whatever it is."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class HeadersEffect(Effect):
    """Headers are replaced, added, or (with None) removed."""

    headers: tuple[tuple[str, str | None], ...]

    def add(self, decision: Decision, target: Target) -> None:
        decision.headers.extend(self.headers)
        decision.texts.append(f"headers {', '.join(name for name, _ in self.headers)}")
