"""The audit of a run: every verdict asked, and which of them fail the run.

By default those fail it that are graded so; `audit` of a scenario names others. A verdict that is named there fails a run as soon as
it warns: it was chosen, and many can say nothing worse."""

from __future__ import annotations

from typing import Any

from dynafault_dataclass import dataclass
from emulator.audit.evidence import Evidence
from emulator.audit.verdicts import VERDICTS, Ruling, Status, Verdict
from emulator.scenario.verdicts import Audit

_NONE = Audit()


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """What a verdict says of a run. `enforced`: it can fail the run; `fails`: it does."""

    verdict: Verdict
    ruling: Ruling
    enforced: bool
    fails: bool

    @property
    def status(self) -> str:
        return self.ruling.status.value

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        verdict, ruling = self.verdict, self.ruling
        return {
            "id": verdict.id,
            "title": verdict.title,
            "status": self.status,
            "why": ruling.why,
            "calls": list(ruling.calls),
            "enforced": self.enforced,
        }


def judge_audit(audit: Audit | None, evidence: Evidence) -> list[AuditFinding]:
    """What every verdict says of a run, but for those that `audit` ignores; None is the default audit."""
    policy = audit or _NONE
    if policy.off:
        return []
    return [_judge(verdict, policy, evidence) for verdict in VERDICTS.values() if verdict.id not in policy.ignore]


def _judge(verdict: Verdict, policy: Audit, evidence: Evidence) -> AuditFinding:
    ruling = verdict.judge(evidence)
    is_chosen = verdict.id in policy.enforce
    enforced = is_chosen if policy.enforce else verdict.grade is Status.FAIL
    fails = enforced and (ruling.status is Status.FAIL or (is_chosen and ruling.status is Status.WARN))
    return AuditFinding(verdict, ruling, enforced, fails)
