"""The result of a run under a fault, compared with the clean run: survived, or what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum

from dynafault_dataclass import dataclass
from emulator.audit import evidence_of
from emulator.backends.dynamodb.contents import TableContents
from emulator.explore.differences import TableDifference, differences, grew
from emulator.explore.kinds import FaultKind
from emulator.explore.masking import Mask, text_of
from emulator.explore.runs import Ran
from emulator.journal.invocations import LogicalCall
from emulator.journal.writes import applied_per_key
from emulator.report import Report


class RunOutcome(Enum):
    """The result of a run in one word, the worst last."""

    SURVIVED = "survived"
    CRASHED = "crashed"
    GAVE_UP = "gave up"
    HUNG = "hung"
    WRONG = "wrong data"
    LOST = "lost"
    DOUBLED = "doubled"


_HIGH = frozenset((RunOutcome.WRONG, RunOutcome.LOST, RunOutcome.DOUBLED))


@dataclass(frozen=True, slots=True)
class Clean:
    """How the program fares without a fault: its calls, what the tables hold in the end, what of that is compared, and what the report says
    against it already. `notes` are for its user."""

    calls: Sequence[LogicalCall]
    tables: Sequence[TableContents]
    mask: Mask
    complaints: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def attempts_of(self, call_id: str) -> int | None:
        """How many attempts the client of a call makes, as it says or as its SDK is documented to; None where neither is known."""
        seen = next((call for call in evidence_of(self.calls).everything if call.id == call_id), None)
        return None if seen is None else seen.declared or (seen.profile.attempts if seen.profile else None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`complaints` are what the report of the run says against it, and that of the clean run does not: verdicts and expectations, by their
    names, with the reasons. `changed`: the calls that follow the fault are not those of the clean run. `recovered`: run again, the
    program has done its work; None where that was not tried, or says nothing. `error` is what the hit call told the program in the
    end, "" for success."""

    outcome: RunOutcome
    differences: Sequence[TableDifference] = ()
    complaints: Mapping[str, str] | None = None
    changed: bool = True
    recovered: bool | None = None
    error: str = ""

    @property
    def is_good(self) -> bool:
        return self.outcome is RunOutcome.SURVIVED and not self.complaints

    @property
    def severity(self) -> str:
        """high: data is wrong, missing or there twice; medium: the program does not do its work; low: all is well, but a rule of good
        clients is broken."""
        if self.outcome in _HIGH:
            return "high"
        return "low" if self.outcome is RunOutcome.SURVIVED else "medium"


def judge(kind: FaultKind, ran: Ran, clean: Clean) -> Judgement:
    """The judgement on a run in which the fault hit some calls."""
    differing = differences(clean.tables, ran.last.tables, clean.mask)
    found = complaints_of(ran.report, with_expectations=not kind.is_lasting)
    complaints = {name: why for name, why in found.items() if name not in clean.complaints}
    if ran.checked is not None and ran.checked.status != 0:
        complaints["--check"] = _last_line(ran.checked.output) or f"it ended with {ran.checked.status}"
    outcome = _outcome(kind, ran, clean, differing)
    return Judgement(
        outcome,
        differing if outcome in _HIGH else (),
        complaints,
        changed=_changed(ran, clean),
        recovered=not differing if says_of_data(ran) else None,
        error=_told(ran),
    )


def _outcome(kind: FaultKind, ran: Ran, clean: Clean, differing: Sequence[TableDifference]) -> RunOutcome:
    if ran.ended.status is None:
        return RunOutcome.HUNG
    if differing and (not ran.failed or says_of_data(ran)):
        return _of_data(differing, ran, clean)
    if any(_was_added_twice(one, ran, clean) for one in differing):
        # Work that is not done yet does not explain it
        return RunOutcome.DOUBLED
    if not ran.failed:
        return RunOutcome.SURVIVED
    if ran.ended.status is not None and ran.ended.status < 0:
        return RunOutcome.CRASHED
    if kind.is_lasting:
        return RunOutcome.SURVIVED
    return RunOutcome.GAVE_UP if _told(ran) else RunOutcome.CRASHED


def says_of_data(ran: Ran) -> bool:
    """Whether the tables in the end say something about a program that failed: only once it was run again, and did its work. A program that
    makes its own table and fails where the table is there already cannot be run again."""
    again = ran.recovery
    if again is None or again.ended.status is None:
        return False
    last = again.calls[-1] if again.calls else None
    return last is not None and not (last.first.operation == "CreateTable" and last.outcome == "ResourceInUseException")


def _of_data(differing: Sequence[TableDifference], ran: Ran, clean: Clean) -> RunOutcome:
    """Doubled, lost or wrong: the worst that the tables show."""
    found = {_kind_of(one, ran, clean) for one in differing}
    return next(outcome for outcome in (RunOutcome.DOUBLED, RunOutcome.LOST, RunOutcome.WRONG) if outcome in found)


def _kind_of(difference: TableDifference, ran: Ran, clean: Clean) -> RunOutcome:
    if difference.extra and not difference.missing:
        return RunOutcome.DOUBLED
    if difference.missing and not difference.extra:
        return RunOutcome.LOST
    if difference.missing:
        return RunOutcome.WRONG
    if _was_added_twice(difference, ran, clean):
        return RunOutcome.DOUBLED
    return RunOutcome.LOST if _written(difference.table, ran, clean) < 0 else RunOutcome.WRONG


def _was_added_twice(difference: TableDifference, ran: Ran, clean: Clean) -> bool:
    """Whether a number or a list has changed more than it should, in a table that was written more often."""
    return _written(difference.table, ran, clean) > 0 and any(grew(change) is not None for change in difference.changed)


def _written(table: str, ran: Ran, clean: Clean) -> int:
    """1 where some item of a table was written more often than without a fault, -1 where none was and some less often, 0 otherwise."""
    counts = _times_written(table, [*ran.calls, *(ran.recovery.calls if ran.recovery else ())])
    usual = _times_written(table, clean.calls)
    if any(count > usual.get(key, 0) for key, count in counts.items()):
        return 1
    return -1 if any(counts.get(key, 0) < count for key, count in usual.items()) else 0


def _times_written(table: str, calls: Sequence[LogicalCall]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for (name, key), count in applied_per_key(entry for call in calls for entry in call.attempt_records).items():
        if name == table.partition(" ")[0]:
            found[key] += count
    return found


def complaints_of(report: Report, *, with_expectations: bool) -> dict[str, str]:
    """What the report of a run says against it: enforced verdicts that fail, failures of the emulator itself, and the user's own
    expectations, which nobody can meet while everything fails."""
    found = {f"{one.verdict.id} {one.verdict.title}": one.ruling.why for one in report.audit if one.fails}
    if report.bugs:
        found["dynafault itself failed"] = report.bugs[0]
    if with_expectations:
        found |= {one.text: one.why for one in report.expectations if one.status == "fail"}
    return found


def _told(ran: Ran) -> str:
    """What the call that the fault hit returned to its program in the end, "" for success: its own answer, or that of the call by which the
    program asked the same again."""
    hit = {entry.call_id for entry in ran.hit}
    told: dict[tuple[str, bytes], str] = {}
    for call in ran.calls:
        asked = (call.first.operation, call.first.request.body)
        if call.id in hit or asked in told:
            told[asked] = call.outcome
    return next((outcome for outcome in reversed(told.values()) if outcome != "success"), "")


def _changed(ran: Ran, clean: Clean) -> bool:
    """Whether the calls are not those of the clean run, one by one, attempts aside."""
    return ran.failed or [*map(_asked, ran.calls)] != [*map(_asked, clean.calls)]


def _asked(call: LogicalCall) -> str:
    """A call without its values, which may differ by nature."""
    asked = call.first.call
    assert asked is not None
    return text_of([asked.operation, list(asked.tables), sorted(asked.params), call.outcome])


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
