"""`expect`: what a scenario says must have been true at the end, and whether it was.

Each statement is a function in `_STATEMENTS`: it looks at the selected calls and gives back what is wrong, or nothing. A statement
that is about every call passes on a run without such calls only if it says so: no calls at all is a failure, because a test that
never reached the emulator must not look like one that succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.audit import gaps
from emulator.audit.ending_state import RunEnd, judge_end
from emulator.audit.evidence import Evidence, evidence_of
from emulator.audit.leftovers import leftovers
from emulator.audit.selection import select
from emulator.audit.verdicts import VERDICTS, Ruling
from emulator.faults import RuleReport
from emulator.journal.invocations import LogicalCall
from emulator.journal.writes import applied_per_key, perhaps_applied_per_key
from emulator.scenario import Expectation, Scenario
from emulator.scenario.expectations import Applied, Backoff
from emulator.scenario.phrases import counted
from emulator.scenario.ranges import Amount

_MAX_NAMED = 3
_UNKNOWN = RunEnd()


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation and what became of it. `status` is "pass", "fail" or "n/a", where nobody can tell; `why` says what was seen;
    `where` is the place in the scenario; `calls` are the ids of the calls that broke it."""

    text: str
    status: str
    why: str
    where: str
    calls: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "status": self.status, "why": self.why, "where": self.where, "calls": list(self.calls)}


@dataclass(frozen=True, slots=True)
class _Broken:
    why: str
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Selection:
    """What one expectation is about; `everything` are all calls of the run. `by_work`: it speaks of pieces of work, each of which may have
    taken several calls."""

    calls: list[LogicalCall]
    rule: RuleReport | None
    fired: int
    everything: Sequence[LogicalCall]
    by_work: bool = False

    @property
    def evidence(self) -> Evidence:
        return evidence_of(self.everything, focus=self.calls)


def judge_expectations(
    scenario: Scenario,
    calls: Sequence[LogicalCall],
    rules: Iterable[RuleReport],
    near: Mapping[str, str] | None = None,
    end: RunEnd = _UNKNOWN,
) -> list[Finding]:
    """A finding for each entry of `expect`, and one for each rule that should have fired and did not. `near` says for such rules
    which request came nearest, in words; `end` is how the run ended."""
    by_name = {rule.name: rule for rule in rules}
    findings = [_judge(expectation, calls, by_name, end) for expectation in scenario.expect]
    spoken_for = {expectation.rule for expectation in scenario.expect}
    for rule in by_name.values():
        if rule.enabled and not rule.fired and rule.name not in spoken_for and rule.rule.unfired != "allow":
            findings.append(_unfired(rule, (near or {}).get(rule.name)))
    return findings


def _judge(expectation: Expectation, calls: Sequence[LogicalCall], rules: dict[str, RuleReport], end: RunEnd) -> Finding:
    if expectation.table is not None or expectation.ends is not None:
        status, why = judge_end(expectation, end)
        return Finding(expectation.text, status, why, str(expectation.where))
    rule = rules.get(expectation.rule) if expectation.rule else None
    if expectation.rule and rule is None:
        return Finding(expectation.text, "fail", f"there is no rule '{expectation.rule}' any more", str(expectation.where))
    selection = replace(_selection(expectation, calls, rule), by_work=expectation.tries is not None)
    broken = []
    for name, judge in _STATEMENTS.items():
        wanted = getattr(expectation, name)
        if wanted is not None:
            found = judge(wanted, selection)
            if found is not None:
                broken.append(found)
    why = "; ".join(one.why for one in broken) or _summary(selection)
    ids = tuple(dict.fromkeys(call for one in broken for call in one.calls))
    return Finding(expectation.text, "fail" if broken else "pass", why, str(expectation.where), ids)


def _selection(expectation: Expectation, calls: Sequence[LogicalCall], rule: RuleReport | None) -> _Selection:
    if rule is None:
        selected = select(calls, expectation.calls)
        return _Selection(selected, None, sum(bool(entry.rule) for call in selected for entry in call.attempt_records), calls)
    hit = [call for call in calls if any(entry.rule == rule.name for entry in call.attempt_records)]
    return _Selection(hit, rule, rule.fired, calls)


def _summary(selection: _Selection) -> str:
    fired = f", fired {_times(selection.fired)}" if selection.rule is not None else ""
    return f"{counted(len(selection.calls), 'call')}{fired}"


def _unfired(rule: RuleReport, near: str | None) -> Finding:
    seen = f"it matched {_times(rule.matched)} and was never due" if rule.matched else "no request matched it"
    seen = seen if near is None else f"{seen}, {near}"
    return Finding(f"rule '{rule.name}' fires", "fail", f"{seen}; add 'unfired: allow' if that is fine", str(rule.where))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


# --- the statements


def _count(wanted: Amount, selection: _Selection) -> _Broken | None:
    seen = len(selection.calls)
    return None if seen in wanted else _Broken(f"expected {wanted} calls, saw {seen}")


def _fired(wanted: Amount, selection: _Selection) -> _Broken | None:
    return None if selection.fired in wanted else _Broken(f"expected {wanted} firings, saw {selection.fired}")


def _attempts(wanted: Amount, selection: _Selection) -> _Broken | None:
    return _each(selection, lambda call: call.attempts in wanted, f"{wanted} attempts", lambda call: str(call.attempts))


def _tries(wanted: Amount, selection: _Selection) -> _Broken | None:
    """A piece of work may be of several calls, of which some are not selected: it counts with all its tries. Calls of which nobody can
    tell whose tries they are say nothing, unless all are such."""
    if not selection.calls:
        return _Broken(f"expected {wanted} tries, saw no such call")
    asked = {entry.work for call in selection.calls for entry in call.attempt_records if entry.tries}
    if not asked:
        ids = tuple(call.id for call in selection.calls)
        return _Broken(f"expected {wanted} tries, but nobody can tell whose tries the {len(ids)} calls are", ids)
    counts = Counter(entry.work for call in selection.everything for entry in call.attempt_records if entry.work in asked)
    wrong = {work: count for work, count in counts.items() if count not in wanted}
    if not wrong:
        return None
    named = ", ".join(f"{work}: {count}" for work, count in list(wrong.items())[:_MAX_NAMED])
    return _Broken(f"expected {wanted} tries, but {len(wrong)} of {len(counts)} pieces of work differ ({named})", tuple(wrong))


def _outcome(wanted: str, selection: _Selection) -> _Broken | None:
    if selection.by_work:
        selection = replace(selection, calls=_last_of_works(selection.calls))
    return _each(selection, lambda call: _ended_so(call.outcome, wanted), f"outcome {wanted}", lambda call: call.outcome)


def _ended_so(outcome: str, wanted: str) -> bool:
    """Whether a call has that outcome; `error` is every end that is no success."""
    return outcome not in ("success", "cut") if wanted == "error" else outcome == wanted


def _last_of_works(calls: Iterable[LogicalCall]) -> list[LogicalCall]:
    """The call with which each piece of work ended; a call by itself where nobody can tell what it belongs to."""
    last = {call.first.work or call.id: call for call in calls}
    return list(last.values())


def _within(wanted: float, selection: _Selection) -> _Broken | None:
    def took(call: LogicalCall) -> float:
        last = call.last
        return (last.request.arrived if last.ended is None else last.ended) - call.first.request.arrived

    return _each(selection, lambda call: took(call) <= wanted, f"an end within {wanted:g} s", lambda call: f"{took(call):.3f} s")


def _retried(wanted: bool, selection: _Selection) -> _Broken | None:
    expected = "a retry" if wanted else "no retry"
    return _each(selection, lambda call: (call.attempts > 1) is wanted, expected, lambda call: f"{call.attempts} attempts")


def _backoff(wanted: Backoff, selection: _Selection) -> _Broken | None:
    found = gaps.problems(wanted, selection.evidence)
    return _Broken("; ".join(problem.why for problem in found), tuple(problem.call for problem in found if problem.call)) if found else None


def _applied(wanted: Applied, selection: _Selection) -> _Broken | None:
    entries = [entry for call in selection.calls for entry in call.attempt_records]
    counts, perhaps = applied_per_key(entries), perhaps_applied_per_key(entries)
    if not counts:
        return None if 0 in wanted.per_key else _Broken("no write aimed at any key")
    wrong = [(key, count) for key, count in counts.items() if not _may_be(count, count + perhaps[key], wanted.per_key)]
    if not wrong:
        return None
    named = ", ".join(f"{table} {key}: {count}" for (table, key), count in wrong[:_MAX_NAMED])
    keys = {key for key, _ in wrong}
    calls = tuple(call.id for call in selection.calls if not keys.isdisjoint(applied_per_key(call.attempt_records)))
    return _Broken(f"expected {wanted.per_key} applied writes for each key; {len(wrong)} of {len(counts)} keys differ ({named})", calls)


def _may_be(least: int, most: int, wanted: Amount) -> bool:
    """Whether a number between these two may be as wanted: what is not known is no reason to complain."""
    return most >= wanted.minimum and (wanted.maximum is None or least <= wanted.maximum)


def _resubmitted(wanted: str, selection: _Selection) -> _Broken | None:
    left = selection.evidence.once(leftovers)
    if not left:
        return _Broken("no batch came back with unprocessed entries")
    lost = {key for one in left for key in one.lost}
    again = [one for one in left for resubmission in one.resubmissions if resubmission.done_before]
    if lost:
        calls = tuple(one.call.id for one in left if one.lost)
        return _Broken(f"{len(lost)} unprocessed entries were never sent again, such as {' '.join(min(lost))}", calls)
    if wanted == "only" and again:
        return _Broken(f"entries that had been done were sent again {_times(len(again))}", tuple(one.call.id for one in again))
    return None


def _verdicts(wanted: Mapping[str, str], selection: _Selection) -> _Broken | None:
    evidence = selection.evidence
    rulings = {name: VERDICTS[name].judge(evidence) for name in wanted}
    wrong: dict[str, Ruling] = {name: ruling for name, ruling in rulings.items() if ruling.status.value != wanted[name]}
    if not wrong:
        return None
    why = "; ".join(f"{name} says {ruling.status.value}, not {wanted[name]}: {ruling.why}" for name, ruling in wrong.items())
    return _Broken(why, tuple(dict.fromkeys(call for ruling in wrong.values() for call in ruling.calls)))


_STATEMENTS: dict[str, Callable[[Any, _Selection], _Broken | None]] = {
    "count": _count,
    "fired": _fired,
    "attempts": _attempts,
    "tries": _tries,
    "outcome": _outcome,
    "backoff": _backoff,
    "within": _within,
    "retried": _retried,
    "applied": _applied,
    "resubmitted": _resubmitted,
    "verdicts": _verdicts,
}


def _each(selection: _Selection, holds: Callable[[LogicalCall], bool], wanted: str, seen: Callable[[LogicalCall], str]) -> _Broken | None:
    """Every selected call must do; the first few that do not are named."""
    if not selection.calls:
        return _Broken(f"expected {wanted}, saw no such call")
    wrong = [call for call in selection.calls if not holds(call)]
    if not wrong:
        return None
    named = ", ".join(f"{call.id}: {seen(call)}" for call in wrong[:_MAX_NAMED])
    more = f" and {len(wrong) - _MAX_NAMED} more" if len(wrong) > _MAX_NAMED else ""
    return _Broken(
        f"expected {wanted}, but {len(wrong)} of {len(selection.calls)} calls differ ({named}{more})", tuple(c.id for c in wrong)
    )
