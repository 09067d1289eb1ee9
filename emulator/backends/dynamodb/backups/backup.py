"""A backup: a table as it was at one moment, and the backup's own life cycle.

The items of a table are immutable bytes, so a backup shares them with it and costs one reference for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.definitions import TableDefinition
from emulator.backends.dynamodb.records import Record
from emulator.backends.dynamodb.table import Table


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a backup keeps of its table. `created` is when the table was, in seconds since 1970; `size` in bytes; `ttl` is the
    attribute of its time to live."""

    arn: str
    id: str
    created: float
    definition: TableDefinition
    ttl: str | None
    records: Mapping[bytes, Record]
    size: int

    @property
    def name(self) -> str:
        return self.definition.name


@dataclass(slots=True)
class Backup:
    """`available` is when it will have been created, `gone` when it will have been deleted, in seconds of `elapsed()`, as in
    `Clock.elapsed()`; `expires` when it goes by itself, in seconds since 1970. `kind` is USER, or SYSTEM for what is kept of a
    deleted table with point-in-time recovery."""

    arn: str
    name: str
    created: float
    available: float
    source: Snapshot
    elapsed: Callable[[], float]
    gone: float | None = None
    kind: str = "USER"
    expires: float | None = None

    @property
    def status(self) -> str:
        """CREATING, AVAILABLE, or DELETED; it may be looked at while it is being deleted, and not afterwards."""
        if self.gone is not None:
            return "DELETED"
        return "CREATING" if self.elapsed() < self.available else "AVAILABLE"


def snapshot(table: Table) -> Snapshot:
    """The table as it is now. Hold the lock."""
    return Snapshot(
        table.arn,
        table.id,
        table.dates.created,
        table.definition,
        table.ttl_attribute if table.ttl_status == "ENABLED" else None,
        table.records.snapshot(),
        table.records.size,
    )
