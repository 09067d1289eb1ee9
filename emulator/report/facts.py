"""The facts of a run: rules, calls, expectations and the verdict on them. Every format of the report shows these."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.audit import AuditFinding, Evidence, Finding
from emulator.faults import NotesOf, RuleReport, no_notes
from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall
from emulator.report.near_misses import NearMiss
from emulator.report.upstream import UpstreamFacts, upstream_facts
from emulator.scenario import SavedText


@dataclass(frozen=True, slots=True)
class Facts:
    """`scenario` is its name, or its files; `rules`, `calls`, `expectations` and `audit` are what was counted, seen and judged; `evidence`
    is how the audit sees the calls, and `near_misses` what came nearest to each rule that never fired; `refused` are the requests
    that were not understood; `dropped` counts exchanges that the journal had no room for; `bugs` are failures of the emulator itself;
    `seed` is that of the run. `description` and `texts` are the scenario's, `program` the command line that ran, "" where nobody
    knows; `notes_of` is what the fault engine noted of a request, `quoted` how what the scenario says is to be shown."""

    scenario: str
    seed: int
    rules: tuple[RuleReport, ...]
    calls: tuple[LogicalCall, ...]
    expectations: tuple[Finding, ...]
    evidence: Evidence
    near_misses: Mapping[str, NearMiss]
    audit: tuple[AuditFinding, ...] = ()
    refused: tuple[Exchange, ...] = ()
    dropped: int = 0
    bugs: tuple[str, ...] = ()
    description: str = ""
    texts: tuple[SavedText, ...] = ()
    program: str = ""
    notes_of: NotesOf = no_notes
    quoted: Callable[[str], str] = str

    @property
    def upstream(self) -> UpstreamFacts | None:
        """What was seen of the upstream; None where nothing was sent on."""
        return upstream_facts(entry for call in self.calls for entry in call.attempt_records)

    @property
    def repeated_by(self) -> str:
        """The command that repeats the run, with the same seed; where it is not known what ran, COMMAND stands for that."""
        files = [shlex.quote(saved.file) for saved in self.texts if saved.depth == 0 and not saved.file.startswith("<")]
        named = files or (["scenario.yaml"] if self.texts else [])
        return " ".join(["dynafault run", *named, f"--seed {self.seed}", "--", self.program or "COMMAND"])

    @property
    def passed(self) -> bool:
        """Whether every expectation was met, no enforced verdict of the audit failed, and the emulator itself did not fail."""
        met = all(finding.status != "fail" for finding in self.expectations)
        return met and not self.bugs and not any(finding.fails for finding in self.audit)

    @property
    def reasons(self) -> list[str]:
        """Why it fails, a text for each thing that does."""
        unmet = [f"{finding.where}: {finding.text}\n    {finding.why}" for finding in self.expectations if finding.status == "fail"]
        bad = [f"{finding.verdict.id} {finding.verdict.title}\n    {finding.ruling.why}" for finding in self.audit if finding.fails]
        return [*unmet, *bad, *(f"dynafault itself failed:\n{bug}" for bug in self.bugs)]

    @property
    def verdict(self) -> str:
        """ "pass" or "fail", as `passed` says."""
        return "pass" if self.passed else "fail"

    def to_json(self) -> dict[str, Any]:
        """The published form; gaps in milliseconds."""
        upstream = self.upstream
        return {
            "verdict": self.verdict,
            "scenario": self.scenario,
            "seed": self.seed,
            "rules": [{**rule_json(rule), "nearest": self._nearest_json(rule)} for rule in self.rules],
            "calls": [call_json(call) for call in self.calls],
            "expectations": [finding.to_json() for finding in self.expectations],
            "audit": [finding.to_json() for finding in self.audit],
            "refused": len(self.refused),
            "dropped": self.dropped,
            "bugs": list(self.bugs),
            "upstream": None if upstream is None else upstream.to_json(),
        }

    def _nearest_json(self, rule: RuleReport) -> dict[str, Any] | None:
        near = self.near_misses.get(rule.name)
        return None if near is None else near.to_json()


def rule_json(rule: RuleReport) -> dict[str, Any]:
    return {"name": rule.name, "matched": rule.matched, "fired": rule.fired, "enabled": rule.enabled, "where": str(rule.where)}


def call_json(call: LogicalCall) -> dict[str, Any]:
    """A logical call in its published form. `applied` is how many of its attempts were carried out as writes, null for a call that
    writes nothing."""
    first = call.first
    assert first.call is not None
    return {
        "id": call.id,
        "service": first.call.service,
        "operation": first.call.operation,
        "tables": list(first.call.tables),
        "client": first.client,
        "attempts": call.attempts,
        "outcome": call.outcome,
        "gaps_ms": call.gaps_ms,
        "faults": [entry.fault or None for entry in call.attempt_records],
        "applied": None if first.applied is None else call.applied,
    }
