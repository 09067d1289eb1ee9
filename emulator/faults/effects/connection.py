"""`connection`: the connection does not end as HTTP has it."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target
from emulator.messages import EVERYTHING, NOTHING, Ending, Portion

_ENDINGS = {"reset": Ending.RESET, "close": Ending.CLOSE, "hang": Ending.HANG, "finish": Ending.FINISH}


@dataclass(frozen=True, slots=True)
class ConnectionEffect(Effect):
    """`connection` is reset, close, hang or finish; `after` how much of the answer goes out first; `for_` seconds that a hang lasts, None
    for ever. Bytes of a real answer stand for an operation that was carried out."""

    connection: str
    after: Portion | None = None
    for_: float | None = None
    applied: bool | None = None

    @property
    def is_applied(self) -> bool:
        return bool(self.applied) or self.portion != NOTHING

    def add(self, decision: Decision, target: Target) -> None:
        decision.ending = _ENDINGS[self.connection]
        decision.portion = self.portion
        decision.hang_for = self.for_
        decision.texts.append(f"connection {self.connection}")

    @property
    def portion(self) -> Portion:
        if self.after is not None:
            return self.after
        return EVERYTHING if self.connection == "finish" else NOTHING
