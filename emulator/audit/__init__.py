"""From what happened to what it means: the scenario's expectations, and the general verdicts on retrying clients."""

from emulator.audit.ending_state import RunEnd
from emulator.audit.evidence import Evidence, evidence_of
from emulator.audit.expectations import Finding, judge_expectations
from emulator.audit.judging import AuditFinding, judge_audit
from emulator.audit.seen import JudgedCall
from emulator.audit.verdicts import VERDICTS, Status, Verdict

__all__ = [
    "VERDICTS",
    "AuditFinding",
    "Evidence",
    "Finding",
    "JudgedCall",
    "RunEnd",
    "Status",
    "Verdict",
    "evidence_of",
    "judge_audit",
    "judge_expectations",
]
