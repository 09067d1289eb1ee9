"""`upload`: a slow line on the way in."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class UploadEffect(Effect):
    """The request's body is read at this many bytes per second."""

    upload: int

    def add(self, decision: Decision, target: Target) -> None:
        decision.upload = float(self.upload)
        decision.texts.append(f"upload {self.upload}B/s")
