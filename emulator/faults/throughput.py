"""`throughput`: token buckets on the capacity that operations really consume, as DynamoDB throttles.

A bucket fills at its rate up to its burst. A request is let in while the least that it can cost is left, and may overdraw, as
it does in AWS: what it really costs is known only afterwards. The entries of a batch are let in one after the other, each with
the least that it can cost, and those for which nothing is left come back unprocessed. To learn the real cost, the request is
carried out with ReturnConsumedCapacity INDEXES, and the client gets as much of the answer as it asked for. A write whose
condition fails is not charged. Limits of a table follow what it is billed for (UpdateTable, another billing mode).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.arns import table_name
from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only, load_service
from emulator.clock import Clock
from emulator.faults.batches import entries_of, leave_unprocessed
from emulator.faults.buckets import Bucket, CapacityOf, LimitState
from emulator.faults.canonical import canonical
from emulator.faults.decision import Decision, Rewrite
from emulator.faults.keys import KeyNames, items_of
from emulator.messages import Call, Capacity
from emulator.scenario.limits import Limit
from emulator.scenario.tables import TableFixture

# What the smallest read (eventually consistent) and the smallest write cost
_LEAST_READ = 0.5
_LEAST_WRITE = 1.0

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
# A limit that a request draws on, and the partition key of it (empty where the limit has none)
_Draw = tuple[LimitState, bytes]


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
    charge: Rewrite | None = None


class ThroughputLimits:
    """All limits of one scenario, with their own lock."""

    def __init__(
        self, limits: Iterable[Limit], tables: Iterable[TableFixture], clock: Clock, key_names: KeyNames, capacity_of: CapacityOf
    ) -> None:
        written = {table.name: table for table in tables}
        limits = tuple(limits)
        provisioned = {limit.table for limit in limits if limit.limit == "provisioned"}
        self._states = tuple(
            LimitState(limit, _written(limit, written.get(limit.table or "")), is_on_demand=limit.table not in provisioned)
            for limit in limits
        )
        self._capacity_of = capacity_of
        self._local = {(table.name, index["IndexName"]) for table in tables for index in table.create.get("LocalSecondaryIndexes", ())}
        self._clock = clock
        self._key_names = key_names
        self._lock = threading.Lock()

    def admit(self, call: Call) -> Admission | None:
        """None for a request that no limit is about."""
        if call.operation == "UpdateTable" and call.service == "dynamodb":
            changing = [state for state in self._states if state.limit.table in call.tables]
            return Admission(charge=_ChangeRewrite(self, changing)) if changing else None
        if not _is_charged(call):
            return None
        is_read = is_read_only(call.operation, call.params)
        parts: _Drawing = [(part, self._draws(call, part, is_read)) for part in self._parts(call)]
        if not any(draws for _, draws in parts):
            return None
        used = {id(state): state for _, draws in parts for state, _ in draws if state.limit.table is not None}
        billed = self._billed(call, used.values())
        now = self._clock.elapsed()
        with self._lock:
            for state, capacity in billed:
                state.follow(capacity)
            refused = _refused(parts, is_read, now)
        if len(refused) == len(parts) or any(part.entry is None for part, _ in refused):
            return self._refusal(refused[0][1], call, is_read)
        hit = frozenset(part.entry for part, _ in refused if part.entry is not None)
        return Admission(None, "", hit, ChargeRewrite(self, [one for one in parts if one[0].entry not in hit], is_read))

    def _billed(self, call: Call, states: Iterable[LimitState]) -> list[tuple[LimitState, Capacity | None]]:
        return [(state, self._capacity_of(call, state.limit.table or "", state.limit.index)) for state in states]

    def changed(self, call: Call, states: Iterable[LimitState]) -> None:
        """A table may just have become billed otherwise."""
        billed = self._billed(call, states)
        now = self._clock.elapsed()
        with self._lock:
            for state, capacity in billed:
                state.settle(now)
                state.follow(capacity)

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

    def _refusal(self, state: LimitState, call: Call, is_read: bool) -> Admission:
        limit, reason = state.limit, state.text(is_read)
        resource = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{limit.table or (call.tables or ('*',))[0]}"
        resource += f"/index/{limit.index}" if limit.index is not None else ""
        name, text = _error(state)
        member = "throttlingReasons" if name == "ThrottlingException" else "ThrottlingReasons"
        members: dict[str, Any] = {member: [{"reason": reason, "resource": resource}]}
        return Admission(ServiceError(name, text, **members), reason)


def _written(limit: Limit, table: TableFixture | None) -> Capacity | None:
    """What a scenario's own table is billed for at first, which the limit was written for."""
    if table is None:
        return None
    create: Mapping[str, Any] = table.create
    if create["BillingMode"] != "PROVISIONED":
        return Capacity(True)
    if limit.index is not None:
        indexes = [index for index in create.get("GlobalSecondaryIndexes", ()) if index["IndexName"] == limit.index]
        if not indexes:
            return None
        create = indexes[0]
    return Capacity(False, create["ProvisionedThroughput"]["ReadCapacityUnits"], create["ProvisionedThroughput"]["WriteCapacityUnits"])


def _error(state: LimitState) -> tuple[str, str | None]:
    """The error, as the billing mode has it, and its text where it is not the usual one."""
    limit = state.limit
    if limit.limit == "account":
        return "RequestLimitExceeded", None
    if limit.limit == "on-demand-maximum":
        return "ThrottlingException", _MAXIMUM
    if limit.limit == "partition-key" and state.is_on_demand:
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


def _refused(parts: _Drawing, is_read: bool, now: float) -> list[tuple[_Part, LimitState]]:
    """The parts for which nothing is left, each with the limit that says so."""
    least = _LEAST_READ if is_read else _LEAST_WRITE
    promised: dict[Bucket, float] = {}
    refused = []
    for part, draws in parts:
        buckets = [(state, bucket) for state, key in draws if (bucket := state.bucket(is_read, key, now)) is not None]
        full = next((state for state, bucket in buckets if not bucket.has(least, promised.get(bucket, 0.0))), None)
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

    def __init__(self, throughput: ThroughputLimits, parts: _Drawing, is_read: bool) -> None:
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


class _ChangeRewrite:
    """Looks, once a table has been changed, at what it is billed for now."""

    def __init__(self, throughput: ThroughputLimits, states: Iterable[LimitState]) -> None:
        self._throughput = throughput
        self._states = states

    def before(self, call: Call) -> Call:
        return call

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        self._throughput.changed(call, self._states)
        return answer


def _total(consumed: dict[str, Any]) -> dict[str, Any]:
    kept = ("TableName", "CapacityUnits", "ReadCapacityUnits", "WriteCapacityUnits")
    return {name: value for name, value in consumed.items() if name in kept}


def admit(decision: Decision, call: Call, admission: Admission) -> None:
    """Add to a decision what the limits say."""
    if admission.error is not None:
        decision.error = admission.error
        decision.applied = False
        decision.texts.append(admission.reason)
        return
    if admission.charge is not None:
        decision.rewrites.append(admission.charge)
    if admission.hit:
        decision.texts.append(f"unprocessed {len(admission.hit)} by throughput")
        leave_unprocessed(decision, call, admission.hit)
