"""The client's logical calls: the exchanges of a journal, put together again by what the tracker has told of each (see `tracking`)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.journal import Exchange
from emulator.journal.outcomes import ResponseClass, classify_response

# Attempts of a call in a line
_MAX_SHOWN = 12


@dataclass(slots=True, repr=False)
class LogicalCall:
    """One call of the client's SDK. `id` is the SDK's invocation id, or a made one; `attempt_records` are the exchanges of its attempts in
    order of arrival."""

    id: str
    attempt_records: list[Exchange] = field(default_factory=list)

    def __repr__(self) -> str:
        """One line, as in reports."""
        if not self.attempt_records:
            return f"<LogicalCall {self.id}, no attempt>"
        first = self.first
        about = " ".join([first.operation, *(first.call.tables if first.call is not None else ())])
        told = " ".join(f"#{entry.attempt or '?'} {entry.error or entry.reply.status}" for entry in self.attempt_records[:_MAX_SHOWN])
        more = " ..." if len(self.attempt_records) > _MAX_SHOWN else ""
        return f"<LogicalCall {self.id[:8]} {about} {told}{more}: {self.outcome}>"

    @property
    def attempts(self) -> int:
        """How many attempts there were."""
        return len(self.attempt_records)

    @property
    def first(self) -> Exchange:
        """The exchange of the first attempt."""
        return self.attempt_records[0]

    @property
    def last(self) -> Exchange:
        """The exchange of the last attempt so far."""
        return self.attempt_records[-1]

    def is_about(self, operation: str | None, table: str | None) -> bool:
        """Whether it is of this operation and on this table; None stands for any."""
        call = self.first.call
        assert call is not None
        return operation in (None, call.operation) and (table is None or table in call.tables)

    @property
    def outcome(self) -> str:
        """What the last attempt told the client: "success", the name of an error or its status, "corrupt answer", "short answer" where
        only its length promised more, what became of the connection, or "cut" for one that is still under way."""
        last = classify_response(self.last)
        return "cut" if last.outcome is ResponseClass.PENDING else last.error or "success"

    @property
    def gaps_ms(self) -> list[float | None]:
        """Milliseconds, with three decimals, from the end of each answer to the arrival of the next attempt, as in the JSON report;
        None where an attempt began before the one before it had ended."""
        pairs = zip(self.attempt_records, self.attempt_records[1:], strict=False)
        return [_gap_ms(before, after) for before, after in pairs]

    @property
    def gaps(self) -> list[float | None]:
        """Deprecated: `gaps_ms`, in seconds. It goes with version 0.3."""
        warnings.warn("LogicalCall.gaps is in seconds and goes with dynafault 0.3; use gaps_ms", DeprecationWarning, stacklevel=2)
        return [None if gap is None else gap / 1000 for gap in self.gaps_ms]

    @property
    def applied(self) -> int:
        """How many of the attempts were really carried out as writes."""
        return sum(entry.applied is True for entry in self.attempt_records)


def _gap_ms(before: Exchange, after: Exchange) -> float | None:
    gap = None if before.ended is None else after.request.arrived - before.ended
    return round(gap * 1000, 3) if gap is not None and gap >= 0 else None


def group(entries: Iterable[Exchange]) -> list[LogicalCall]:
    """The logical calls in order of their first attempt. Requests that were not understood belong to none."""
    calls: dict[str, LogicalCall] = {}
    for entry in entries:
        if entry.call is not None:
            calls.setdefault(entry.call_id, LogicalCall(entry.call_id)).attempt_records.append(entry)
    return list(calls.values())
