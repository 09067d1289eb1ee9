"""Token buckets of one limit, which follow what the table is billed for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from emulator.messages import Call, Capacity
from emulator.scenario.limits import Limit

MAX_KEYS = 10_000

_ROUNDING = 1e-9
_REASONS = {
    "provisioned": "ProvisionedThroughputExceeded",
    "partition-key": "KeyRangeThroughputExceeded",
    "on-demand-maximum": "MaxOnDemandThroughputExceeded",
    "account": "AccountLimitExceeded",
}

# (call, table, index or None) -> what it may take by now, None where nobody knows
CapacityOf = Callable[[Call, str, str | None], Capacity | None]


class Bucket:
    """Capacity units at hand, at most `size` of them; below nothing after a request that cost more than there was."""

    __slots__ = ("_burst", "_filled", "_rate", "_size", "units")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._burst = burst
        self._filled = now
        self._rate = rate
        self._size = rate * burst
        self.units = self._size

    def flow(self, rate: float, now: float) -> None:
        """Fill up to now at this rate."""
        if rate != self._rate:
            self._rate = rate
            self._size = rate * self._burst
        self.units = min(self._size, self.units + (now - self._filled) * rate)
        self._filled = now

    def settle(self, now: float) -> None:
        """Fill up to now at the rate that it had, before that changes."""
        self.flow(self._rate, now)

    def has(self, least: float, promised: float = 0.0) -> bool:
        """Whether so much is left, beside what has been `promised` to others."""
        # A bucket that never holds so much lets a request in when it is full.
        return self.units - promised >= min(least, self._size) - _ROUNDING


class LimitState:
    """The buckets of one limit: one, or one for each partition key (the last 10,000 that were used). `written`: what the table was billed
    for when the limit was written, None where that shows only when the table is first used; until then, `is_on_demand` is believed.
    Locked by its owner."""

    def __init__(self, limit: Limit, written: Capacity | None, *, is_on_demand: bool) -> None:
        self.limit = limit
        self.is_on_demand = is_on_demand if written is None else written.is_on_demand
        self._written = written
        self._read, self._write = limit.read, limit.write
        self._buckets: OrderedDict[tuple[bool, bytes], Bucket] = OrderedDict()

    def follow(self, capacity: Capacity | None) -> None:
        """The table is billed for this by now; None: nobody knows."""
        if capacity is None:
            return
        self.is_on_demand = capacity.is_on_demand
        limit = self.limit
        if limit.limit not in ("provisioned", "on-demand-maximum"):
            return
        if capacity.is_on_demand != (limit.limit == "on-demand-maximum"):
            # There is no such limit in the other billing mode
            self._read = self._write = None
            return
        if self._written is None or self._written.is_on_demand != capacity.is_on_demand:
            self._written = capacity
        self._read = _scaled(limit.read, self._written.read, capacity.read)
        self._write = _scaled(limit.write, self._written.write, capacity.write)

    def settle(self, now: float) -> None:
        """The table is about to be billed otherwise: fill up to now as it was."""
        for bucket in self._buckets.values():
            bucket.settle(now)

    def bucket(self, is_read: bool, key: bytes, now: float) -> Bucket | None:
        """Filled up to now; None where this side is not limited."""
        rate = self._read if is_read else self._write
        if rate is None:
            return None
        bucket = self._buckets.get((is_read, key))
        if bucket is None:
            bucket = self._buckets[is_read, key] = Bucket(rate, self.limit.burst, now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end((is_read, key))
            bucket.flow(rate, now)
        return bucket

    def text(self, is_read: bool) -> str:
        """The ThrottlingReason."""
        kind = "Index" if self.limit.index is not None else "Table"
        return f"{kind}{'Read' if is_read else 'Write'}{_REASONS[self.limit.limit]}"


def _scaled(limit: float | None, written: int | None, current: int | None) -> float | None:
    """A limit that was written for so many units, now that there are others; None for no limit."""
    if limit is None or written == current:
        return limit
    if written is None:
        # A maximum that was set only now
        return current
    return None if current is None else limit * current / written
