"""`headers`: those of the answer, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class HeadersEffect(Effect):
    """Headers are replaced, added, or (with None) removed."""

    headers: tuple[tuple[str, str | None], ...]

    def add(self, draft: Draft, target: Target) -> None:
        draft.headers.extend(self.headers)
        draft.texts.append(f"headers {', '.join(name for name, _ in self.headers)}")
