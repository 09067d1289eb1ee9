"""`connection`: the connection ends otherwise than HTTP has it."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.faults.effects.effect import Effect
from emulator.messages import EVERYTHING, NOTHING, Call, Ending, Portion

_ENDINGS = {"reset": Ending.RESET, "close": Ending.CLOSE, "hang": Ending.HANG, "finish": Ending.FINISH}


@dataclass(frozen=True, slots=True)
class ConnectionEffect(Effect):
    """`kind` is reset, close, hang or finish; `after` how much of the answer goes out first; `hang_for` seconds, None for ever."""

    kind: str
    after: Portion | None = None
    hang_for: float | None = None

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.ending = _ENDINGS[self.kind]
        draft.portion = self.portion
        draft.hang_for = self.hang_for
        draft.texts.append(f"connection {self.kind}")

    @property
    def portion(self) -> Portion:
        if self.after is not None:
            return self.after
        return EVERYTHING if self.kind == "finish" else NOTHING


@dataclass(frozen=True, slots=True)
class RefuseEffect(Effect):
    """`refuse`: the connection is reset without an answer, and new ones are refused for so many seconds."""

    seconds: float

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.ending = Ending.RESET
        draft.portion = NOTHING
        draft.refuse_for = self.seconds
        draft.texts.append("connections refused")
