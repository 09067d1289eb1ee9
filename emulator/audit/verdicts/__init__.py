"""The verdicts on retrying clients: one small function each, grouped by theme, in one table."""

from emulator.audit.verdicts.table import VERDICTS
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict

__all__ = ["VERDICTS", "Ruling", "Status", "Verdict"]
