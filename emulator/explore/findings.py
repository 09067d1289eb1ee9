"""The findings: each flaw once, however many cells show it, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.explore.kinds import FaultFamily, FaultKind
from emulator.explore.plan import Planned
from emulator.explore.points import Point
from emulator.explore.run_outcomes import Judgement, RunOutcome
from emulator.explore.runs import Ran
from emulator.explore.suitable_points import is_write
from emulator.journal.invocations import LogicalCall

_CONDITION = "ConditionalCheckFailedException"
# The error of a retried write whose condition fails because its first attempt was carried out
_THERE_ALREADY = frozenset((_CONDITION, "DuplicateItemException", "TransactionCanceledException"))
_ORDER = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one point, with its result."""

    planned: Planned
    judgement: Judgement

    @property
    def point(self) -> Point:
        return self.planned.point

    @property
    def fault(self) -> FaultKind:
        return self.planned.fault


@dataclass(frozen=True, slots=True)
class ExploredFinding:
    """`id` is the same in every exploration of a program that has the same flaw. `cells` are the ids of those that show it, the first one
    first; `scenario` is where its scenario is; `known`: the baseline has it. `about` names the kind of its calls, `verdicts` what of the
    audit fails."""

    id: str
    severity: str
    title: str
    point: str
    fault: str
    outcome: str
    scenario: str
    cells: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    known: bool = False
    about: str = ""
    verdicts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "severity": self.severity,
            "title": self.title,
            "point": self.point,
            "fault": self.fault,
            "outcome": self.outcome,
            "scenario": self.scenario,
            "cells": list(self.cells),
            "why": list(self.why),
            "known": self.known,
        }


def same_flaw(findings: Sequence[ExploredFinding]) -> dict[str, str]:
    """The ids of findings in which nothing but a verdict fails, with that of a graver one in which it fails for the same kind of call, too:
    it is the same flaw, which did no harm there."""
    grave = [one for one in findings if one.outcome != RunOutcome.SURVIVED.value]
    found = {}
    for one in findings:
        owner = next((other for other in grave if other.about == one.about and set(one.verdicts) <= set(other.verdicts)), None)
        if one.outcome == RunOutcome.SURVIVED.value and one.verdicts and owner is not None:
            found[one.id] = owner.id
    return found


def ranked(findings: Sequence[ExploredFinding]) -> list[ExploredFinding]:
    """The worst first."""
    return sorted(findings, key=lambda one: (one.known, _ORDER[one.severity]))


def finding_id(cell: Cell) -> str:
    """The same for all cells that show one flaw: made of the kind of call, what its program gets wrong, and what comes of it."""
    kind, judgement = cell.point.kind, cell.judgement
    what = judgement.outcome.value
    if judgement.outcome is RunOutcome.SURVIVED:
        what = next(iter(judgement.complaints or {}), "").partition(" ")[0]
    family = "lasting" if _is_of_recovery(cell) else family_of(cell).value
    parts = [kind.operation, *kind.tables, kind.site, family, what]
    return re.sub(r"[^a-z0-9]+", "-", " ".join(filter(None, parts)).lower()).strip("-")


def family_of(cell: Cell) -> FaultFamily:
    """Of a read, no acknowledgement can get lost."""
    family = cell.fault.family
    return FaultFamily.ERROR if family is FaultFamily.LOST and not is_write(cell.point) else family


def _is_of_recovery(cell: Cell) -> bool:
    return cell.judgement.recovered is False


def title_of(cell: Cell, ran: Ran) -> str:
    """The finding as a sentence."""
    second = cell.planned.second
    also = "" if second is None else f" (together with {second[1].title} at {second[0].id})"
    return f"{_title(cell, ran)}{also}"


def _title(cell: Cell, ran: Ran) -> str:
    judgement, about = cell.judgement, f"the {cell.point.kind.about}"
    if judgement.outcome is RunOutcome.SURVIVED:
        name, why = next(iter((judgement.complaints or {}).items()))
        return f"{about} ({cell.fault.title}): {name}: {why}"
    if judgement.outcome is RunOutcome.HUNG:
        return f"{_met(cell)}: COMMAND does not end by itself, {ran.ended.why}"
    told = "; ".join(one.sentence for one in judgement.differences)
    if _is_of_recovery(cell):
        how = f"COMMAND failed at {about} ({cell.fault.title})"
        return f"run again after {how}, it does not come to its work: {told}"
    if judgement.outcome in (RunOutcome.GAVE_UP, RunOutcome.CRASHED):
        return f"{_met(cell)}: {_failing(cell, ran)}"
    return f"{_met(cell)}{_mistaken(cell, ran)}: {told}"


def _met(cell: Cell) -> str:
    """What happens to the call."""
    about = f"the {cell.point.kind.about}"
    family = family_of(cell)
    if family is FaultFamily.LOST:
        return f"{about}, {'lost after it was applied' if cell.fault.id != 'wrong-checksum' else 'applied, with a broken answer'}"
    if family is FaultFamily.ERROR:
        return f"{about}, {'failing for good' if cell.fault.is_lasting else 'failing once'} ({cell.fault.title})"
    return {
        FaultFamily.LEFTOVERS: f"entries of {about} that come back unprocessed",
        FaultFamily.PAGE: f"{about}, answered with {cell.fault.title}",
        FaultFamily.STALE: f"{about}, answered with old data",
        FaultFamily.CONFLICT: f"{about}, cancelled by a conflict",
        FaultFamily.ITERATOR: f"{about}, whose iterator has expired",
        FaultFamily.CLOCK: f"{about}, refused for the signing time",
    }[family]


def _mistaken(cell: Cell, ran: Ran) -> str:
    """What the program does wrong about it, as far as its calls show."""
    outcome, family = cell.judgement.outcome, family_of(cell)
    if family is FaultFamily.LOST:
        return _repeated(cell, ran) if outcome is RunOutcome.DOUBLED else ", is not told from one that was not"
    if family is FaultFamily.ERROR:
        swallowed = " is swallowed" if is_write(cell.point) else " is taken for an answer"
        return f": the error{'' if ran.failed else swallowed}"
    return {
        FaultFamily.LEFTOVERS: " are not done in the end",
        FaultFamily.PAGE: ", is taken for all there is",
        FaultFamily.STALE: ", is believed",
        FaultFamily.CONFLICT: ", is not repeated",
        FaultFamily.ITERATOR: ", is not gone on with",
    }.get(family, "")


def _repeated(cell: Cell, ran: Ran) -> str:
    """How the second write came about."""
    again = _repetitions(cell, ran)
    if any("ClientRequestToken" in _params(call) for call in again):
        return ", is repeated with a new token"
    hit = {entry.call_id for entry in ran.hit}
    if any(call.outcome == _CONDITION for call in ran.calls if call.id in hit):
        return ", fails its condition when it is repeated, and is done once more"
    return ", is repeated without a condition"


def _repetitions(cell: Cell, ran: Ran) -> list[LogicalCall]:
    hit = {entry.call_id for entry in ran.hit}
    first = next((place for place, call in enumerate(ran.calls) if call.id in hit), len(ran.calls))
    return [call for call in ran.calls[first + 1 :] if call.first.operation == cell.point.kind.operation]


def _params(call: LogicalCall) -> dict[str, Any]:
    return call.first.call.params if call.first.call is not None else {}


def _failing(cell: Cell, ran: Ran) -> str:
    status = ran.ended.status
    ended = f"COMMAND ends with {status}" if status is None or status >= 0 else f"a signal ({-status}) ends COMMAND"
    if family_of(cell) is FaultFamily.LOST and cell.judgement.error in _THERE_ALREADY:
        return f"its own write is taken for another's ({cell.judgement.error}), and {ended}"
    return f"{ended} after {cell.judgement.error}" if cell.judgement.error else f"{ended}, though every call succeeded in the end"


def reasons_of(cell: Cell, ran: Ran) -> tuple[str, ...]:
    """What shows it, a line for each thing."""
    judgement = cell.judgement
    title = title_of(cell, ran)
    lines = [one.sentence for one in judgement.differences]
    lines += [f"{name}: {why}" for name, why in (judgement.complaints or {}).items()]
    lines = [line for line in lines if line not in title]
    said = [line.strip() for line in ran.ended.output.splitlines() if line.strip()]
    if ran.failed and said:
        lines.append(f"COMMAND says at last: {said[-1][:300]}")
    return tuple(lines)
