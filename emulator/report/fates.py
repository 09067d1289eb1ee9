"""What became of an attempt, in the ten words for which the live page and the report have a colour and a shape."""

from __future__ import annotations

from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.journal.writes import KeyNamesByTable, left_unprocessed

# In the order of legends and of stacked bars; each with its title
FATES = {
    "ok": "ok",
    "throttled": "throttled",
    "failed": "failed",
    "lost": "lost but applied",
    "half": "half done",
    "delayed": "delayed",
    "stale": "stale",
    "cut": "cut",
    "refused": "refused",
    "pending": "under way",
}
_BY_CLASS = {
    ResponseClass.THROTTLED: "throttled",
    ResponseClass.TRANSIENT: "failed",
    ResponseClass.LOST: "cut",
    ResponseClass.CORRUPT: "cut",
    ResponseClass.REFUSED: "refused",
    ResponseClass.ODD: "refused",
    ResponseClass.PENDING: "pending",
}
# How the texts of faults begin that leave the answer a success, and what they make of it
_SPOILED = (
    ("page ", "half"),
    ("empty page", "half"),
    ("stale ", "stale"),
    ("delay ", "delayed"),
    ("drip ", "delayed"),
    ("upload ", "delayed"),
)


def fate_of(entry: Exchange, answer: ClientOutcome, names: KeyNamesByTable) -> str:
    """One of FATES. `answer` is what the client could read; `names` are the key attributes of tables."""
    if entry.delivery.how == "pending":
        return "pending"
    if answer.outcome is not ResponseClass.SUCCESS:
        return "lost" if entry.applied is True else _BY_CLASS[answer.outcome]
    if left_unprocessed(entry, names):
        return "half"
    if entry.fault:
        texts = entry.fault.split(", ")
        for beginning, fate in _SPOILED:
            if any(text.startswith(beginning) for text in texts):
                return fate
    return "ok"
