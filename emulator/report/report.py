"""The report of a run, from the journal's exchanges: the facts, and the forms in which they can be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from emulator.audit import RunEnd, evidence_of, judge_audit, judge_expectations
from emulator.faults import NotesOf, RuleReport, no_notes
from emulator.journal import Exchange
from emulator.journal.invocations import group
from emulator.report.facts import Facts
from emulator.report.formats.registry import render_text
from emulator.report.near_misses import near_misses
from emulator.scenario import Scenario


class Report(Facts):
    """The facts of a run, judged: what `Emulator.report()` gives. It does not change any more."""

    __slots__ = ()

    def __repr__(self) -> str:
        """One line: the verdict, and the reasons if it is "fail"."""
        said = "; ".join(reason.splitlines()[0] for reason in self.reasons)
        return (
            f"<Report {self.verdict}: scenario {self.scenario!r}, seed {self.seed}, {len(self.calls)} calls{f': {said}' if said else ''}>"
        )

    def text(self, *, color: bool = False) -> str:
        """The report for a terminal, with its colours if wanted."""
        return render_text(self, color=color)


def build_report(
    scenario: Scenario,
    seed: int,
    rules: Sequence[RuleReport],
    entries: Sequence[Exchange],
    *,
    dropped: int = 0,
    notes_of: NotesOf = no_notes,
    interrupted: bool = False,
    quoted: Callable[[str], str] = str,
    end: RunEnd | None = None,
) -> Report:
    """The report of a run. `entries` in order of arrival; `notes_of` is what the fault engine noted of them, if that is at hand;
    `interrupted`: the program did not end by itself. `quoted` is how what the scenario says is to be shown; `end` how the run ended,
    as far as that is known."""
    calls = group(entries)
    near = near_misses(rules, entries, notes_of, quoted)
    refused = tuple(entry for entry in entries if entry.call is None)
    evidence = evidence_of(calls, refused, dropped=dropped, interrupted=interrupted)
    findings = judge_expectations(scenario, calls, rules, {name: one.text for name, one in near.items()}, end or RunEnd())
    return Report(
        scenario=scenario.name or ", ".join(scenario.files),
        seed=seed,
        rules=tuple(rules),
        calls=tuple(calls),
        expectations=tuple(replace(one, text=quoted(one.text), why=quoted(one.why)) for one in findings),
        near_misses=near,
        evidence=evidence,
        audit=tuple(judge_audit(scenario.audit, evidence)),
        refused=refused,
        dropped=dropped,
        bugs=tuple(entry.bug for entry in entries if entry.bug),
        description=quoted(scenario.description),
        texts=tuple(replace(saved, text=quoted(saved.text)) for saved in scenario.texts),
        notes_of=notes_of,
        quoted=quoted,
    )
