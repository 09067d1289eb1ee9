"""The verdicts on retrying clients, a file each: its docstring is the verdict's page, `GRADE` the worst that it can say, `judge` what it
says of a run."""

from emulator.audit.registry import VERDICTS
from emulator.audit.rulings import Ruling, Status
from emulator.audit.verdict import Verdict
from emulator.scenario.verdict_files import FOLDERS

__all__ = ["VERDICTS", "Ruling", "Status", "Verdict"]
__path__ = FOLDERS
