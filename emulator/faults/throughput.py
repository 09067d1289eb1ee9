"""`throughput`: token buckets on the capacity that operations really consume, as DynamoDB throttles.

A bucket fills at its rate up to its burst. A request is let in while the least that it can cost is left, and may overdraw, as
it does in AWS: what it really costs is known only afterwards. The entries of a batch are let in one after the other, each with
the least that it can cost, and those for which nothing is left come back unprocessed. To learn the real cost, the request is
carried out with ReturnConsumedCapacity INDEXES, and the client gets as much of the answer as it asked for. A write whose
condition fails is not charged.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from emulator.arns import table_name
from emulator.clock import Clock
from emulator.errors import ServiceError
from emulator.faults.batches import entries_of, leave_unprocessed
from emulator.faults.canonical import canonical
from emulator.faults.decision import Draft
from emulator.faults.keys import KeyNames, items_of
from emulator.messages import Call
from emulator.scenario.model import Limit, Table
from emulator.services import is_read_only, load_service

MAX_KEYS = 10_000

# What the smallest read (eventually consistent) and the smallest write cost
_LEAST_READ = 0.5
_LEAST_WRITE = 1.0
_ROUNDING = 1e-9

_ON_DEMAND = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so "
    "please try again shortly. If exceptions persist, check if you have a hot key: "
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
)
_INDEX = (
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
    "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API."
)
_MAXIMUM = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
_REASONS = {
    "provisioned": "ProvisionedThroughputExceeded",
    "partition-key": "KeyRangeThroughputExceeded",
    "on-demand-maximum": "MaxOnDemandThroughputExceeded",
    "account": "AccountLimitExceeded",
}


class _Bucket:
    """Capacity units at hand, at most `size` of them; below nothing after a request that cost more than there was."""

    __slots__ = ("_filled", "_rate", "_size", "units")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._size = rate * burst
        self._filled = now
        self.units = self._size

    def has(self, least: float, now: float, promised: float = 0.0) -> bool:
        """Whether so much is left, beside what has been `promised` to others."""
        self.units = min(self._size, self.units + (now - self._filled) * self._rate)
        self._filled = now
        # A bucket that never holds so much lets a request in when it is full.
        return self.units - promised >= min(least, self._size) - _ROUNDING


class _LimitState:
    """The buckets of one limit: one, or one for each partition key (the last 10,000 that were used)."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._buckets: OrderedDict[tuple[bool, bytes], _Bucket] = OrderedDict()

    def bucket(self, is_read: bool, key: bytes, now: float) -> _Bucket | None:
        """None where this side is not limited."""
        rate = self.limit.read if is_read else self.limit.write
        if rate is None:
            return None
        bucket = self._buckets.get((is_read, key))
        if bucket is None:
            bucket = self._buckets[is_read, key] = _Bucket(rate, self.limit.burst, now)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end((is_read, key))
        return bucket

    def text(self, is_read: bool) -> str:
        """The ThrottlingReason."""
        kind = "Index" if self.limit.index is not None else "Table"
        return f"{kind}{'Read' if is_read else 'Write'}{_REASONS[self.limit.limit]}"


# A limit that a request draws on, and the partition key of it (empty where the limit has none)
_Draw = tuple[_LimitState, bytes]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a request that is let in or not by itself: an entry of a batch, or (`entry` None) the request as a whole."""

    entry: tuple[str, int] | None
    table: str
    keys: tuple[bytes, ...] = ()


_Drawing = list[tuple[_Part, list[_Draw]]]


@dataclass(frozen=True, slots=True)
class Admission:
    """What the limits say to a request: refused with `error`, or let in without the entries in `hit` and charged by `charge`."""

    error: ServiceError | None = None
    reason: str = ""
    hit: frozenset[tuple[str, int]] = frozenset()
    charge: ChargeRewrite | None = None


class Throughput:
    """All limits of one scenario, with their own lock."""

    def __init__(self, limits: Iterable[Limit], tables: Iterable[Table], clock: Clock, key_names: KeyNames) -> None:
        self._states = tuple(_LimitState(limit) for limit in limits)
        self._provisioned = {table.name for table in tables if table.create["BillingMode"] == "PROVISIONED"}
        self._provisioned |= {state.limit.table for state in self._states if state.limit.limit == "provisioned" and state.limit.table}
        self._local = {(table.name, index["IndexName"]) for table in tables for index in table.create.get("LocalSecondaryIndexes", ())}
        self._clock = clock
        self._key_names = key_names
        self._lock = threading.Lock()

    def admit(self, call: Call) -> Admission | None:
        """None for a request that no limit is about."""
        if not self._states or not _is_charged(call):
            return None
        is_read = is_read_only(call.operation, call.params)
        parts: _Drawing = [(part, self._draws(call, part, is_read)) for part in self._parts(call)]
        if not any(draws for _, draws in parts):
            return None
        now = self._clock.elapsed()
        with self._lock:
            refused = _refused(parts, is_read, now)
        if len(refused) == len(parts) or any(part.entry is None for part, _ in refused):
            return self._refusal(refused[0][1], call, is_read)
        hit = frozenset(part.entry for part, _ in refused if part.entry is not None)
        return Admission(None, "", hit, ChargeRewrite(self, [one for one in parts if one[0].entry not in hit], is_read))

    def charge(self, parts: _Drawing, consumed: list[dict[str, Any]], is_read: bool) -> None:
        """Take what was consumed out of the buckets. `consumed` are ConsumedCapacity members with their breakdown by index."""
        now = self._clock.elapsed()
        by_table = {table_name(one["TableName"]): one for one in consumed}
        shares = Counter(part.table for part, _ in parts)
        with self._lock:
            for part, draws in parts:
                for state, key in draws:
                    bucket = state.bucket(is_read, key, now)
                    if bucket is not None and part.table in by_table:
                        bucket.units -= (
                            _units(state.limit, by_table[part.table]) / shares[part.table] / max(1, len(part.keys) if key else 1)
                        )

    def _parts(self, call: Call) -> list[_Part]:
        if call.operation in ("BatchGetItem", "BatchWriteItem"):
            return [
                _Part((table, number), table_name(table), self._partition(call, table, item)) for table, number, item in entries_of(call)
            ]
        keys: dict[str, list[bytes]] = {table: [] for table in call.tables}
        for table, item in items_of(call):
            keys.setdefault(table, []).extend(self._partition(call, table, item))
        return [_Part(None, table, tuple(found)) for table, found in keys.items()]

    def _partition(self, call: Call, table: str, item: dict[str, Any]) -> tuple[bytes, ...]:
        names = self._key_names(call, table_name(table))
        value = item.get(names[0]) if names else None
        return () if value is None else (canonical(value),)

    def _draws(self, call: Call, part: _Part, is_read: bool) -> list[_Draw]:
        index = call.params.get("IndexName")
        if index is not None and (part.table, index) in self._local:
            index = None
        found: list[_Draw] = []
        for state in self._states:
            if _is_about(state.limit, part.table, index, is_read):
                found += [(state, key) for key in part.keys] if state.limit.limit == "partition-key" else [(state, b"")]
        return found

    def _refusal(self, state: _LimitState, call: Call, is_read: bool) -> Admission:
        limit, reason = state.limit, state.text(is_read)
        resource = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{limit.table or (call.tables or ('*',))[0]}"
        resource += f"/index/{limit.index}" if limit.index is not None else ""
        name, text = self._error(limit)
        member = "throttlingReasons" if name == "ThrottlingException" else "ThrottlingReasons"
        members: dict[str, Any] = {member: [{"reason": reason, "resource": resource}]}
        return Admission(ServiceError(name, text, **members), reason)

    def _error(self, limit: Limit) -> tuple[str, str | None]:
        if limit.limit == "account":
            return "RequestLimitExceeded", None
        if limit.limit == "on-demand-maximum":
            return "ThrottlingException", _MAXIMUM
        if limit.limit == "partition-key" and limit.table not in self._provisioned:
            return "ThrottlingException", _ON_DEMAND
        return "ProvisionedThroughputExceededException", _INDEX if limit.index is not None else None


def _is_about(limit: Limit, table: str, index: str | None, is_read: bool) -> bool:
    """Whether a request on a table, or on a global index of it, draws on a limit. A write draws on the table's indexes too:
    a full index holds up its table (Developer Guide, "GSI back-pressure")."""
    if limit.limit == "account":
        return True
    if limit.table != table:
        return False
    return not is_read or limit.index == index


def _refused(parts: _Drawing, is_read: bool, now: float) -> list[tuple[_Part, _LimitState]]:
    """The parts for which nothing is left, each with the limit that says so."""
    least = _LEAST_READ if is_read else _LEAST_WRITE
    promised: dict[_Bucket, float] = {}
    refused = []
    for part, draws in parts:
        buckets = [(state, bucket) for state, key in draws if (bucket := state.bucket(is_read, key, now)) is not None]
        full = next((state for state, bucket in buckets if not bucket.has(least, now, promised.get(bucket, 0.0))), None)
        if full is not None:
            refused.append((part, full))
        elif part.entry is not None:
            promised.update({bucket: promised.get(bucket, 0.0) + least for _, bucket in buckets})
    return refused


def _units(limit: Limit, consumed: dict[str, Any]) -> float:
    """What one request on a table consumed of a limit."""
    if limit.limit == "account":
        return float(consumed["CapacityUnits"])
    if limit.index is not None:
        return float((consumed.get("GlobalSecondaryIndexes") or {}).get(limit.index, {}).get("CapacityUnits", 0.0))
    # Local indexes live on their table's capacity.
    own = [consumed.get("Table") or {}, *(consumed.get("LocalSecondaryIndexes") or {}).values()]
    return float(sum(units.get("CapacityUnits", 0.0) for units in own))


@cache
def _charged_operations() -> frozenset[str]:
    """The operations that tell what they consumed."""
    service = load_service("dynamodb")
    return frozenset(
        name
        for name, operation in service.operations.items()
        if operation.input is not None and "ReturnConsumedCapacity" in service.shape(operation.input).members
    )


def _is_charged(call: Call) -> bool:
    return call.service == "dynamodb" and call.operation in _charged_operations()


class ChargeRewrite:
    """Asks what a request consumes, charges it, and gives the client as much of that as it wanted to know."""

    def __init__(self, throughput: Throughput, parts: _Drawing, is_read: bool) -> None:
        self._throughput = throughput
        self._parts = parts
        self._is_read = is_read

    def before(self, call: Call) -> Call:
        return replace(call, params={**call.params, "ReturnConsumedCapacity": "INDEXES"})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        consumed = answer.get("ConsumedCapacity") or []
        entries = [consumed] if isinstance(consumed, dict) else consumed
        self._throughput.charge(self._parts, entries, self._is_read)
        wanted = call.params.get("ReturnConsumedCapacity", "NONE")
        if wanted == "INDEXES":
            return answer
        if wanted == "NONE":
            return {name: value for name, value in answer.items() if name != "ConsumedCapacity"}
        totals = [_total(entry) for entry in entries]
        return {**answer, "ConsumedCapacity": totals[0] if isinstance(consumed, dict) else totals}


def _total(consumed: dict[str, Any]) -> dict[str, Any]:
    kept = ("TableName", "CapacityUnits", "ReadCapacityUnits", "WriteCapacityUnits")
    return {name: value for name, value in consumed.items() if name in kept}


def admit(draft: Draft, call: Call, admission: Admission) -> None:
    """Add to a decision what the limits say."""
    if admission.error is not None:
        draft.error = admission.error
        draft.applied = False
        draft.texts.append(admission.reason)
        return
    if admission.charge is not None:
        draft.rewrites.append(admission.charge)
    if admission.hit:
        draft.texts.append(f"unprocessed {len(admission.hit)} by throughput")
        leave_unprocessed(draft, call, admission.hit)
