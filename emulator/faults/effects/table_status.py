"""`table_status`: a table takes time to change. Only the backend can do it, so the decision just says so."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision, TableDelay
from emulator.faults.effect import Effect, Target, shown
from emulator.scenario.effects import TableStatus


@dataclass(frozen=True, slots=True)
class TableStatusEffect(Effect):
    """The table stays in a state for so many seconds."""

    after_validation = True

    table_status: TableStatus

    def add(self, decision: Decision, target: Target) -> None:
        state = self.table_status
        decision.table_delay = TableDelay(state.status, state.for_)
        decision.texts.append(f"{state.status} for {shown(state.for_)}")
