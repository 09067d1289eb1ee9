"""Point-in-time recovery of a table: since when it is on, and to which moments the table could be restored.

Developer Guide, "Point-in-time backups for DynamoDB": the window begins when recovery is switched on and is as long as the recovery period;
it ends five minutes ago.
"""

from __future__ import annotations

from dynafault_dataclass import dataclass

MAX_PERIOD = 35  # days
_DAY = 86_400  # seconds
_BEHIND = 300  # seconds


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery that is on. `since` is when it was switched on, in seconds since 1970."""

    since: float
    days: int = MAX_PERIOD

    def earliest(self, now: float) -> float:
        return max(self.since, now - self.days * _DAY)

    def latest(self, now: float) -> float:
        return max(self.since, now - _BEHIND)
