"""DescribeContinuousBackups and UpdateContinuousBackups: whether a table has point-in-time recovery."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.operations.backups import source_table
from emulator.backends.dynamodb.recovery import MAX_PERIOD, Recovery
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call


def describe_continuous_backups(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        return _description(source_table(state, call), state.clock.now())


def update_continuous_backups(state: State, call: Call) -> dict[str, Any]:
    wanted = call.params["PointInTimeRecoverySpecification"]
    with state.lock:
        table = source_table(state, call)
        if table.status in ("CREATING", "DELETING"):
            text = f"Backups are being enabled for the table: {table.name}. Please retry later"
            raise ServiceError("ContinuousBackupsUnavailableException", text)
        now = state.clock.now()
        table.recovery = _changed(table.recovery, wanted, now)
        return _description(table, now)


def _changed(old: Recovery | None, wanted: dict[str, Any], now: float) -> Recovery | None:
    if not wanted["PointInTimeRecoveryEnabled"]:
        return None
    # Switched on once more, it goes on as it is; only the period may be another
    days = wanted.get("RecoveryPeriodInDays", MAX_PERIOD if old is None else old.days)
    return Recovery(now if old is None else old.since, days)


def _description(table: Table, now: float) -> dict[str, Any]:
    """Every table has continuous backups from its creation; point-in-time recovery is off until it is switched on."""
    recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if table.recovery is not None:
        recovery = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": table.recovery.days,
            "EarliestRestorableDateTime": round(table.recovery.earliest(now), 3),
            "LatestRestorableDateTime": round(table.recovery.latest(now), 3),
        }
    return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}}
