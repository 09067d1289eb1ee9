"""One cell of the matrix: the program run under its fault, judged, and, where something is found, confirmed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dynafault_dataclass import dataclass
from emulator.explore.clean import clean_run
from emulator.explore.findings import Cell, ExploredFinding, finding_id, reasons_of, title_of
from emulator.explore.formats.story import story_of
from emulator.explore.kinds import RULE_NAME, Tuning
from emulator.explore.masking import Mask, natural_mask
from emulator.explore.plan import Planned
from emulator.explore.points import Point
from emulator.explore.reproduction import Base, command_of, name_of, scenario_for, text_of_scenario, write_base
from emulator.explore.results import CellResult
from emulator.explore.run_outcomes import Clean, Judgement, RunOutcome, judge
from emulator.explore.runs import ExploredProgram, Ran
from emulator.explore.settings import ExploreSettings
from emulator.scenario import ScenarioSource, load_scenarios


@dataclass(frozen=True, slots=True)
class CellRun:
    """The result of a cell: None where the exploration ended before it. `finding` is what its run shows by itself."""

    cell: CellResult | None
    finding: ExploredFinding | None = None


class CellRunner:
    """Runs cells, from several threads. `mask` is what is left out of comparisons so far; `notes` are what the user should know. One lock
    guards what the threads share."""

    def __init__(
        self,
        program: ExploredProgram,
        sources: Sequence[Path],
        parameters: Mapping[str, Any],
        settings: ExploreSettings,
        clean: Clean,
        stop: threading.Event,
    ) -> None:
        self._program = program
        self._sources = sources
        self._parameters = parameters
        self._settings = settings
        self._clean = clean
        self._stop = stop
        self._scenario = load_scenarios(list(sources), parameters=parameters)
        self._lock = threading.Lock()
        self._confirmed: set[str] = set()
        self._base: Base | None = None
        self._files = 0
        self.notes: list[str] = []

    @property
    def mask(self) -> Mask:
        return self._clean.mask

    def of_the_clean_run(self) -> Iterator[ExploredFinding]:
        """What the audit says against the program without any fault."""
        for name, why in self._clean.complaints.items():
            key = f"clean-run-{name.partition(' ')[0].lower()}"
            yield ExploredFinding(key, "low", f"without a fault: {name}: {why}", "", "", RunOutcome.SURVIVED.value, "")

    def run(self, one: Planned) -> CellRun:
        """Raises EmulatorError where the program cannot be run."""
        rules = self._rules(one)
        if not rules:
            return CellRun(_unmet(one, "how many attempts the client makes is not known"))
        ran = self._ran(rules)
        if self._stop.is_set() and ran.ended.status is None:
            return CellRun(None)
        if not ran.hit:
            return CellRun(_unmet(one, "the program did not come to this call"))
        cell = Cell(one, judge(one.fault, ran, self._clean))
        if cell.judgement.is_good:
            return CellRun(self._result(cell, ran))
        return self._confirm(cell, ran, rules)

    def _rules(self, one: Planned) -> list[dict[str, Any]]:
        """The rules of a cell; of a pair, those of both."""
        first = list(one.fault.rules(one.point, self._tuning(one.point)))
        if one.second is None:
            return first
        point, fault = one.second
        others = fault.rules(point, self._tuning(point))
        return [*first, *({**rule, "name": f"{RULE_NAME}-and-{place}", "unfired": "allow"} for place, rule in enumerate(others, 1))]

    def _tuning(self, point: Point) -> Tuning:
        return replace(self._settings.tuning, attempts=self._clean.attempts_of(point.call.id))

    def _ran(self, rules: Sequence[Mapping[str, Any]], *, recover: bool | None = None) -> Ran:
        # Rules are asked in their order, and the fault comes before what the user has
        ours = {"version": 1, "rules": [{**rule, "unfired": "allow"} for rule in rules]}
        sources: list[ScenarioSource] = [ours, *self._sources]
        scenario = load_scenarios(sources, parameters=self._parameters)
        wanted = self._settings.recover if recover is None else recover
        return self._program.run(scenario, self._settings.bounds, self._stop, seed=self._settings.seed, recover=wanted)

    def _confirm(self, cell: Cell, ran: Ran, rules: Sequence[Mapping[str, Any]]) -> CellRun:
        """Compares what seems wrong with a fresh clean run, so that nothing is reported that differs by nature, and makes it happen once
        more. One cell at a time: another that shows the same meanwhile need not be confirmed."""
        with self._lock:
            key = finding_id(cell)
            if key in self._confirmed:
                return CellRun(self._result(cell, ran, key))
            if cell.judgement.differences:
                self._widen()
                cell = Cell(cell.planned, judge(cell.fault, ran, self._clean))
                if cell.judgement.is_good:
                    return CellRun(self._result(cell, ran))
                key = finding_id(cell)
            if cell.judgement.outcome is not RunOutcome.HUNG:
                again = self._ran(rules)
                twice = judge(cell.fault, again, self._clean) if again.hit else None
                if self._stop.is_set() and again.ended.status is None:
                    return CellRun(None)
                if twice is None or twice.is_good or finding_id(Cell(cell.planned, twice)) != key:
                    return self._once(cell, ran, twice)
            self._confirmed.add(key)
            return CellRun(self._result(cell, ran, key), self._finding(cell, ran, rules, key))

    def _widen(self) -> None:
        fresh = clean_run(self._program, self._scenario, self._settings, self._stop)
        found = natural_mask([self._clean.tables, fresh.tables], self.mask.globs)
        self._clean = replace(self._clean, mask=self.mask.widened(found))

    def _once(self, cell: Cell, ran: Ran, twice: Judgement | None) -> CellRun:
        """What was seen once, and not again when the same was done again, is no finding."""
        seen = cell.judgement.outcome.value
        later = "the call was not made" if twice is None else twice.outcome.value
        self.notes.append(f"{cell.planned.id}: {seen} once, and {later} the second time, so nothing is said of it")
        result = self._result(Cell(cell.planned, Judgement(RunOutcome.SURVIVED)), ran)
        return CellRun(replace(result, note=f"{seen} once, {later} the second time"))

    def _finding(self, cell: Cell, ran: Ran, rules: Sequence[Mapping[str, Any]], key: str) -> ExploredFinding:
        folder = self._settings.found
        folder.mkdir(parents=True, exist_ok=True)
        if self._base is None:
            self._base = write_base(self._scenario, folder)
        title = title_of(cell, ran)
        self._files = max(self._files, _highest(folder)) + 1
        path = folder / name_of(self._files, cell)
        found = scenario_for(cell, rules, title, self._base)
        comment = [f"Found by dynafault explore: {title}", f"Run it: {command_of(path.as_posix(), self._parameters, 'COMMAND')}"]
        path.write_text(text_of_scenario(found, comment), encoding="utf-8")
        return ExploredFinding(
            id=key,
            severity=cell.judgement.severity,
            title=title,
            point=cell.point.id,
            fault=cell.fault.id,
            outcome=cell.judgement.outcome.value,
            scenario=path.as_posix(),
            why=reasons_of(cell, ran),
            about=f"{cell.point.kind.about} {cell.point.kind.site}".strip(),
            verdicts=tuple(name.partition(" ")[0] for name in cell.judgement.complaints or {}),
        )

    def _result(self, cell: Cell, ran: Ran, finding: str = "") -> CellResult:
        one, judgement = cell.planned, cell.judgement
        return CellResult(
            id=one.id,
            point=one.point.id,
            fault=one.fault.id,
            outcome=judgement.outcome.value,
            is_good=judgement.is_good,
            changed=judgement.changed,
            finding=finding,
            seconds=ran.ended.seconds,
            why=() if judgement.is_good else reasons_of(cell, ran),
            differences=[one.to_json() for one in judgement.differences],
            second=None if one.second is None else {"point": one.second[0].id, "fault": one.second[1].id},
            story=story_of(ran, opened=not judgement.is_good) if self._settings.stories else "",
        )


def _highest(folder: Path) -> int:
    """The highest number of a scenario that is there."""
    numbers = [int(path.name[:3]) for path in folder.glob("[0-9][0-9][0-9]-*.yaml")]
    return max(numbers, default=0)


def _unmet(one: Planned, why: str) -> CellResult:
    return CellResult(one.id, one.point.id, one.fault.id, None, why)
