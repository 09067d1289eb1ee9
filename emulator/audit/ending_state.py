"""Expectations about the end of a run: what tables hold then, and whether the program ended in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.values import equal
from emulator.backends.dynamodb.contents import TableContents
from emulator.scenario import Expectation
from emulator.scenario.phrases import counted

_MAX_NAMED = 3
_MAX_LENGTH = 200
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. `tables` are what its tables hold, None where that is not known any more; `overran`: its program was stopped since
    it took longer than the scenario allows, None where nobody watched it."""

    tables: Sequence[TableContents] | None = None
    overran: bool | None = None


def judge_end(expectation: Expectation, end: RunEnd) -> tuple[str, str]:
    """The status ("pass", "fail", "n/a") of an expectation about the end, and why."""
    if expectation.ends is not None:
        if end.overran is None:
            return "n/a", "nobody watched the program: 'dynafault run' does"
        return ("fail", f"it had not ended after {expectation.ends:g} s") if end.overran else ("pass", "it ended in time")
    if end.tables is None:
        return "n/a", "what the tables hold in the end is not known here"
    found = [table for table in end.tables if table.name == expectation.table]
    if not found:
        return "fail", f"there is no table {expectation.table}"
    wrong = _wrong(expectation, [item for table in found for item in table.items])
    count = sum(len(table.items) for table in found)
    return ("fail", "; ".join(wrong)) if wrong else ("pass", counted(count, "item"))


def _wrong(expectation: Expectation, items: Sequence[Item]) -> list[str]:
    wrong = []
    if expectation.items is not None and len(items) not in expectation.items:
        wrong.append(f"expected {expectation.items} items, there are {len(items)}")
    missing = _unmatched(expectation.has, items)
    if missing:
        wrong.append(f"{len(missing)} of {len(expectation.has)} items are not there: {_named(missing)}")
    there = [one for one in expectation.lacks if any(_holds(item, one) for item in items)]
    if there:
        wrong.append(f"what should not be there is: {_named(there)}")
    return wrong


def _unmatched(wanted: Sequence[Item], items: Sequence[Item]) -> list[Item]:
    """The wanted items that no stored item is left for. Wanted items that say more are matched first."""
    left = list(items)
    missing = []
    for one in sorted(wanted, key=len, reverse=True):
        place = next((place for place, item in enumerate(left) if _holds(item, one)), None)
        if place is None:
            missing.append(one)
        else:
            del left[place]
    return missing


def _holds(item: Item, wanted: Item) -> bool:
    return all(name in item and equal(item[name], value) for name, value in wanted.items())


def _named(items: Sequence[Item]) -> str:
    shown = [orjson.dumps(dict(item)).decode()[:_MAX_LENGTH] for item in items[:_MAX_NAMED]]
    more = f" and {len(items) - _MAX_NAMED} more" if len(items) > _MAX_NAMED else ""
    return f"{', '.join(shown)}{more}"
