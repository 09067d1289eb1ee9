"""Capacity units: what a request consumes, and how an answer reports it.

Rules: Developer Guide, "DynamoDB read and write capacity mode"; the shape of the report per operation as measured on the live
service in 2026 (dynamodb-conformance#67 and #74, ExtendDB#77 and #305, dynoxide#188).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES


def read_units(size: int, *, consistent: bool) -> float:
    """Units for reading so many bytes, 0 for a missing item; half as much where the read may be stale."""
    units = -(-size // READ_UNIT_BYTES) or 1
    return float(units) if consistent else units / 2


def write_units(size: int) -> float:
    """Units for writing an item of so many bytes: the larger of its images before and after."""
    return float(-(-size // WRITE_UNIT_BYTES) or 1)


@dataclass(slots=True)
class Usage:
    """What one request consumed of one table and its indexes, in units."""

    table: float = 0.0
    local_indexes: dict[str, float] = field(default_factory=dict)
    global_indexes: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return self.table + sum(self.local_indexes.values()) + sum(self.global_indexes.values())

    def add_index(self, name: str, units: float, *, is_global: bool) -> None:
        indexes = self.global_indexes if is_global else self.local_indexes
        indexes[name] = indexes.get(name, 0.0) + units

    def add(self, other: Usage) -> None:
        self.table += other.table
        for name, units in other.local_indexes.items():
            self.add_index(name, units, is_global=False)
        for name, units in other.global_indexes.items():
            self.add_index(name, units, is_global=True)


def consumed(table_name: str, usage: Usage, mode: str, kind: str | None = None) -> dict[str, Any]:
    """A ConsumedCapacity. `mode` is TOTAL or INDEXES. `kind` is "Read" or "Write" for transactions, which name the units
    under that word, too; None for everything else. `table_name` is the name or ARN of the request."""
    report: dict[str, Any] = {"TableName": table_name, **_units(usage.total, kind)}
    if mode == "INDEXES":
        report["Table"] = _units(usage.table, kind)
        if usage.local_indexes:
            report["LocalSecondaryIndexes"] = _by_name(usage.local_indexes, kind)
        if usage.global_indexes:
            report["GlobalSecondaryIndexes"] = _by_name(usage.global_indexes, kind)
    return report


def reporting_mode(params: Mapping[str, Any]) -> str | None:
    """TOTAL, INDEXES, or None where no report is asked for."""
    mode: str | None = params.get("ReturnConsumedCapacity")
    return None if mode == "NONE" else mode


def _units(units: float, kind: str | None) -> dict[str, float]:
    report = {"CapacityUnits": units}
    if kind is not None:
        report[f"{kind}CapacityUnits"] = units
    return report


def _by_name(indexes: dict[str, float], kind: str | None) -> dict[str, dict[str, float]]:
    return {name: _units(units, kind) for name, units in indexes.items()}
