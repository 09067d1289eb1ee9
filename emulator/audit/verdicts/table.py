"""All verdicts in one table, by number. A new verdict is a row in the module of its theme."""

from __future__ import annotations

from emulator.audit.verdicts import (
    answers,
    batches,
    bounds,
    connections,
    limits,
    load,
    numbering,
    refusals,
    retrying,
    signatures,
    transactions,
    waiting,
    writes,
)
from emulator.audit.verdicts.verdict import Verdict

_THEMES = (retrying, refusals, limits, waiting, bounds, load, writes, transactions, batches, signatures, answers, numbering, connections)

_ROWS: tuple[Verdict, ...] = tuple(verdict for theme in _THEMES for verdict in theme.VERDICTS)
VERDICTS: dict[str, Verdict] = {verdict.id: verdict for verdict in sorted(_ROWS, key=lambda verdict: int(verdict.id[1:]))}
