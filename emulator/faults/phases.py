"""Which phase of the scenario it is: by the clock, or by the logical calls that came. Locked by its owner."""

from __future__ import annotations

from emulator.scenario.phases import Phase


class PhaseClock:
    """The phases of one scenario, in order, from the time `now` on, in seconds of `Clock.elapsed()`.
    After the last one, if that ends, there is none."""

    def __init__(self, phases: tuple[Phase, ...], now: float) -> None:
        self._phases = phases
        self._index = 0
        self._began = now
        # When the phases that have begun did so; None stands for the time after the last one
        self.began: dict[str | None, float] = {phases[0].name: now} if phases else {}
        self._calls: set[str] = set()

    def at(self, now: float, call_id: str | None) -> str | None:
        """The name of the phase at a time, in seconds. `call_id`: a request of this logical call has come; the first one
        beyond a phase's calls begins the next phase, and so counts in that."""
        while self._index < len(self._phases) and self._is_over(now, call_id):
            phase = self._phases[self._index]
            self._began = now if phase.for_ is None else self._began + phase.for_
            self._index += 1
            self.began[self._phases[self._index].name if self._index < len(self._phases) else None] = self._began
            self._calls.clear()
        if self._index == len(self._phases):
            return None
        phase = self._phases[self._index]
        if phase.calls is not None and call_id is not None:
            self._calls.add(call_id)
        return phase.name

    def _is_over(self, now: float, call_id: str | None) -> bool:
        phase = self._phases[self._index]
        if phase.calls is not None:
            return call_id is not None and len(self._calls) >= phase.calls and call_id not in self._calls
        return phase.for_ is not None and now >= self._began + phase.for_
