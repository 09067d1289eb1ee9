"""Which rules can be about a request, found by what the request says plainly, so that a hundred rules cost little more than one.

Rules whose `key` wants a certain value are looked up by it; all others are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.faults.counting import RuleState
from emulator.faults.keys import Item, Plain, plain_of

_Placed = tuple[int, RuleState]


class Candidates:
    """The rules that can be about a target, in the order of the scenario. `by_chance`: some draw. `by_item`: some look at the items
    that a request names."""

    def __init__(self, states: Iterable[RuleState]) -> None:
        placed = list(enumerate(states))
        self.by_chance = any(state.by_chance for _, state in placed)
        self.by_item = any(state.pattern is not None for _, state in placed)
        self._others: list[_Placed] = []
        self._by_value: dict[str, dict[Plain | None, list[_Placed]]] = {}
        for place, state in placed:
            plain = None if state.pattern is None else state.pattern.plain
            if plain is None:
                self._others.append((place, state))
            else:
                self._by_value.setdefault(plain[0], {}).setdefault(plain[1], []).append((place, state))
        self._unasked = tuple(state for _, state in self._others)

    def about(self, items: Sequence[Item]) -> Sequence[RuleState]:
        """Those that are left for a request that names these items."""
        if not self._by_value:
            return self._unasked
        found: set[_Placed] = set()
        for name, states in self._by_value.items():
            for item in items:
                if name in item:
                    found.update(states.get(plain_of(item[name]), ()))
        if not found:
            return self._unasked
        return [state for _, state in sorted([*self._others, *found], key=_place)]


def _place(placed: _Placed) -> int:
    return placed[0]
