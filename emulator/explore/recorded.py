"""Tests instead of programs: what a test did without a fault, written down by one process and read by others, and the judgement on what it
did under one."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.contents import TableContents
from emulator.explore.findings import Cell, reasons_of, title_of
from emulator.explore.kinds import Tuning
from emulator.explore.masking import natural_mask
from emulator.explore.plan import Planned, planned
from emulator.explore.points import points_of
from emulator.explore.program import Ended
from emulator.explore.reproduction import Base, scenario_for, text_of_scenario
from emulator.explore.run_outcomes import Clean, complaints_of, judge
from emulator.explore.runs import Ran, is_the_fault
from emulator.journal.invocations import LogicalCall
from emulator.server import Emulator


@dataclass(frozen=True, slots=True)
class _Recording:
    """A test without a fault."""

    name: str
    calls: Sequence[LogicalCall]
    tables: Sequence[TableContents]
    complaints: Mapping[str, str]
    ignored: Sequence[str]
    has_rules: bool


def record_test(folder: Path, turn: int, name: str, emulator: Emulator) -> None:
    """Write down what a test has done, the `turn`-th time. Raises OSError."""
    report = emulator.report()
    complaints = complaints_of(report, with_expectations=True)
    found = _Recording(name, report.calls, emulator.core.tables(), complaints, emulator.scenario.ignore, bool(emulator.scenario.rules))
    path = folder / f"{sha256(name.encode()).hexdigest()[:24]}.{turn}.pickle"
    path.write_bytes(pickle.dumps(found))


class ExploredTest:
    """A test with the cells that there are for it, by their names: those that follow its own in the test's. `has_rules`: its scenario has
    faults of its own, which the test is about."""

    def __init__(self, clean: Clean, *, has_rules: bool = False) -> None:
        self.has_rules = has_rules
        self._clean = clean
        plan = planned(points_of(clean.calls), exhaustive=False)
        self.cells: dict[str, Planned] = {name_of(one): one for one in plan}

    def rules(self, cell: str) -> list[dict[str, Any]]:
        """The rules of a cell, as mappings in the scenario language; empty where it cannot be brought about."""
        one = self.cells[cell]
        tuning = Tuning(attempts=self._clean.attempts_of(one.point.call.id))
        return [{**rule, "unfired": "allow"} for rule in one.fault.rules(one.point, tuning)]

    def judge(self, cell: str, emulator: Emulator, failure: BaseException | None) -> tuple[str, str]:
        """What is wrong with a test that has been run under a cell, as text, "" for nothing, and its scenario; `failure` is what it raised.
        Raises NotReached where the fault met no request."""
        one = self.cells[cell]
        report = emulator.report()
        hit = [entry for call in report.calls for entry in call.attempt_records if is_the_fault(entry.rule)]
        if not hit:
            raise NotReached("the test did not come to this call")
        said = "" if failure is None else f"{type(failure).__name__}: {failure}"
        ran = Ran(Ended(int(failure is not None), 0.0, said), emulator.core.tables(), report, report.calls, hit)
        found = Cell(one, judge(one.fault, ran, self._clean))
        if found.judgement.is_good:
            return "", ""
        title = title_of(found, ran).replace("COMMAND ends with 1", "the test fails")
        lines = [f"{found.judgement.outcome.value}: {title}", *reasons_of(found, ran)]
        scenario = scenario_for(found, self.rules(cell), title, Base(Path()))
        return "\n".join(line.replace("COMMAND", "the test") for line in lines), text_of_scenario(scenario, ())


class NotReached(Exception):
    """The fault hit no request."""


def name_of(one: Planned) -> str:
    """A cell as a part of a test's name, e.g. "PutItem-orders-2-reset-after"."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", f"{one.point.id} {one.fault.id}").strip("-")


def read_tests(folder: Path) -> dict[str, ExploredTest]:
    """The tests that were written down twice, by their names."""
    turns: dict[str, list[_Recording]] = {}
    for path in sorted(folder.glob("*.pickle")):
        # Written a moment ago by a process that this one has started
        found: _Recording = pickle.loads(path.read_bytes())
        turns.setdefault(found.name, []).append(found)
    return {name: ExploredTest(_clean(found), has_rules=found[0].has_rules) for name, found in turns.items() if len(found) > 1}


def _clean(found: Sequence[_Recording]) -> Clean:
    first = found[0]
    mask = natural_mask([one.tables for one in found], first.ignored)
    return Clean(first.calls, first.tables, mask, first.complaints)
