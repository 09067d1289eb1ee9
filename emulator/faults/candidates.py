"""Which rules can be about a request, found by what the request says plainly, so that a hundred rules cost little more than one.

Rules that want a certain value, under `key` or `where`, are looked up by it; those with globs under `key` are asked only if one of the
globs fits; those that differ in the counts that they want are looked up by what has been counted (`groups`); all others are asked one by
one. What is found still has to be asked: each look-up goes by one attribute alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import translate
from operator import itemgetter

from emulator.faults.counters import Counters
from emulator.faults.counting import RuleState
from emulator.faults.groups import Together, Turn
from emulator.faults.keys import Item, named_items, normal_number
from emulator.faults.notes import Note
from emulator.faults.queries import Path, at
from emulator.faults.tallies import Tally
from emulator.messages import Attempt, Call

_Placed = tuple[int, RuleState]
_NOTHING: Item = {}


class _Globs:
    """Rules whose `key` has a glob for one attribute."""

    def __init__(self) -> None:
        self._globs: list[str] = []
        self.beginnings: tuple[str, ...] = ()
        self.placed: list[_Placed] = []
        self._pattern = re.compile("")

    def add(self, glob: str, placed: _Placed) -> None:
        self._globs.append(f"(?:{translate(glob)})")
        self.beginnings += (re.split(r"[*?\[]", glob, maxsplit=1)[0],)
        self.placed.append(placed)
        self._pattern = re.compile("|".join(self._globs))

    def fit(self, text: str) -> bool:
        return text.startswith(self.beginnings) and self._pattern.match(text) is not None


class _Resting:
    """Rules whose stretch of time it is not."""

    def __init__(self, rules: Iterable[str]) -> None:
        self.rules = tuple(rules)

    def notes(self, attempt: Attempt, elapsed: float, _: object, /) -> Iterator[Note]:
        """What kept them from a request that came so many seconds after the scenario began."""
        return ((rule, ("during", elapsed)) for rule in self.rules)


class Candidates:
    """The rules that can be about a target at a time, in the order of the scenario. `phase` and `elapsed`, in seconds since the scenario
    began, say when. `by_chance`: some draw. `resting` are those whose stretch of time it is not. `together` are those that count together;
    `in_parts`: see there. `looks_up`: the others have to be looked up for each request; else they are all that are
    `unasked`. `is_quiet`: it may be that a request only has to be put down among the arrivals."""

    def __init__(self, states: Sequence[RuleState], phase: str | None, elapsed: float, counters: Counters, *, in_parts: bool) -> None:
        rests = [(state, state.rest(phase, elapsed)) for state in states]
        placed = [(place, state) for place, (state, why) in enumerate(rests) if why is None]
        elsewhere: list[Note] = [(state.rule.name, why) for state, why in rests if why is not None and why[0] == "in"]
        self.resting = _Resting(state.rule.name for state, why in rests if why is not None and why[0] == "during")
        self.by_chance = any(state.by_chance for _, state in placed)
        self._others: list[_Placed] = []
        # By the attribute and its type
        self._by_value: dict[tuple[str, str], dict[str, list[_Placed]]] = {}
        self._by_text: dict[Path, dict[str, list[_Placed]]] = {}
        self._by_glob: dict[str, _Globs] = {}
        groups: dict[Tally, list[_Placed]] = {}
        for one in placed:
            if one[1].counts_all:
                groups.setdefault(one[1].tally, []).append(one)
            else:
                self._place(one)
        self.together = Together(groups.values(), elsewhere, counters.arrivals, counters.notes, in_parts=in_parts)
        self._lock, self._arrivals = counters.lock, counters.arrivals
        self.unasked = _turns(self._others)
        self.is_quiet = not self.unasked and not self.resting.rules and self.together.is_quiet
        self._texts = tuple((name, values) for (name, kind), values in self._by_value.items() if kind == "S")
        self._numbers = tuple((name, values) for (name, kind), values in self._by_value.items() if kind == "N")
        self._is_searched = bool(self._by_text or self._by_glob)
        self.looks_up = bool(self._by_value or self._is_searched)
        # For each attribute of which rules want nothing but texts, these and the beginnings of globs; empty where there is more to look up
        self._of_names = () if self._numbers or self._by_text else tuple(self._texts_of_names())

    def passes(self, attempt: Attempt) -> bool:
        """Whether it is clear at once that no rule is due for a request. Then it is put down, and counted later with others. May be asked
        only where all `is_quiet`."""
        if attempt.ordinal != 1 or attempt.tries != 1:
            return False
        together = self.together
        if not together.are_some:
            return True
        self._lock.acquire()
        try:
            log = self._arrivals.log
            if len(log) >= together.limit:
                return False
            log += (attempt.call_id, 1, together)
            return True
        finally:
            self._lock.release()

    def about(self, call: Call) -> Sequence[Turn]:
        """Those that do not count together and are left for a request, in order."""
        key = call.params.get("Key")
        if key and self._of_names:
            # Mostly there is none, and that is quickly seen
            for name, texts, beginnings in self._of_names:
                text = key.get(name, _NOTHING).get("S")
                if text is not None and (text in texts or text.startswith(beginnings)):
                    break
            else:
                return self.unasked
        found: list[_Placed] = []
        for item in () if not self._by_value else (key,) if key else named_items(call):
            for name, texts in self._texts:
                found += texts.get(item.get(name, _NOTHING).get("S"), ())
            for name, numbers in self._numbers:
                number = item.get(name, _NOTHING).get("N")
                if number is not None:
                    found += numbers.get(normal_number(number), ())
        if self._is_searched:
            found += self._by_expression(call)
        return _turns(sorted({*self._others, *found}, key=itemgetter(0))) if found else self.unasked

    def _texts_of_names(self) -> Iterator[tuple[str, Collection[str], tuple[str, ...]]]:
        texts, globs = dict(self._texts), self._by_glob
        for name in texts.keys() | globs.keys():
            yield name, texts.get(name, {}), globs[name].beginnings if name in globs else ()

    def _by_expression(self, call: Call) -> Iterator[_Placed]:
        for path, texts in self._by_text.items():
            text = at(path, call.params)
            if type(text) is str:
                yield from texts.get(text, ())
        for name, globs in self._by_glob.items():
            for item in named_items(call):
                if name in item and type(text := item[name].get("S")) is str and globs.fit(text):
                    yield from globs.placed

    def _place(self, placed: _Placed) -> None:
        state = placed[1]
        plain = None if state.pattern is None else state.pattern.plain
        if plain is not None:
            name, kind, value = plain
            self._by_value.setdefault((name, kind), {}).setdefault(value, []).append(placed)
        elif state.wanted_text is not None:
            path, text = state.wanted_text
            self._by_text.setdefault(path, {}).setdefault(text, []).append(placed)
        elif state.pattern is not None and state.pattern.glob is not None:
            name, glob = state.pattern.glob
            self._by_glob.setdefault(name, _Globs()).add(glob, placed)
        else:
            self._others.append(placed)


def _turns(placed: Iterable[_Placed]) -> tuple[Turn, ...]:
    return tuple((place, state, None) for place, state in placed)
