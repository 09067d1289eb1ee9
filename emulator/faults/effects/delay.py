"""`delay`: a wait before the answer."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.decision import Draft
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class DelayEffect:
    """Always the same number of seconds. The delays of several rules add up."""

    seconds: float

    def add(self, draft: Draft, call: Call) -> None:
        draft.delay += self.seconds
        draft.texts.append(f"delay {shown(self.seconds)}")


def shown(seconds: float) -> str:
    """A duration as people write it: 0.25 is 250ms, 2.0 is 2s."""
    return f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"
