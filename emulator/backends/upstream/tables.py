"""What is known of an upstream's tables: their keys, and what they are billed for. Each table is asked about once, and every answer that
describes a table is read, too."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.clock import Clock
from emulator.messages import Call, Capacity

# Whose table: (access key or "", region, name)
TableId = tuple[str, str, str]
MAX_TABLES = 10_000
# Seconds after which a table is looked at again, and one that could not be looked at
LIFE, LIFE_OF_FAILURE = 300.0, 5.0
# Operations on items: which key an item has, and what it draws on, must be known before a rule can say anything of them
OF_ITEMS = frozenset(
    (
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    )
)
_DESCRIPTIONS = {
    "CreateTable": "TableDescription",
    "DeleteTable": "TableDescription",
    "DescribeTable": "Table",
    "UpdateTable": "TableDescription",
}
# Asks for the description of a table in place of a client: None where it cannot be had
Describe = Callable[[Call, str], Awaitable["dict[str, Any] | None"]]


@dataclass(frozen=True, slots=True)
class _Known:
    """`key` None: the table could not be looked at. `until` is `Clock.monotonic()`."""

    until: float
    key: tuple[str, ...] | None = None
    capacities: dict[str | None, Capacity] = field(default_factory=dict)


class KnownTables:
    """`by_access_key`: each access key has tables of its own there. Thread-safe."""

    def __init__(self, clock: Clock, describe: Describe, *, by_access_key: bool) -> None:
        self._clock = clock
        self._describe = describe
        self._by_access_key = by_access_key
        self._lock = threading.Lock()
        self._known: OrderedDict[TableId, _Known] = OrderedDict()
        self._asking: dict[tuple[int, TableId], asyncio.Future[None]] = {}

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        found = self._find(call, table)
        return None if found is None else found.key

    def capacity(self, call: Call, table: str, index: str | None) -> Capacity | None:
        found = self._find(call, table)
        return None if found is None else found.capacities.get(index)

    def learn(self, call: Call) -> Awaitable[None] | None:
        """An awaitable that ends when the tables of a call are known; None where they are, or need not be."""
        if call.service != "dynamodb" or call.operation not in OF_ITEMS:
            return None
        now = self._clock.monotonic()
        missing = [table for table in call.tables if (found := self._find(call, table)) is None or found.until < now]
        return self._ask(call, missing) if missing else None

    def note(self, call: Call, output: dict[str, Any] | None) -> None:
        """Note what a successful answer says of a table."""
        member = _DESCRIPTIONS.get(call.operation)
        description = None if member is None or output is None else output.get(member)
        if not isinstance(description, dict) or not call.tables:
            return
        if call.operation == "DeleteTable":
            with self._lock:
                self._known.pop(self._id(call, call.tables[0]), None)
        else:
            self._keep(self._id(call, call.tables[0]), _read(description, self._clock.monotonic() + LIFE))

    async def _ask(self, call: Call, tables: Iterable[str]) -> None:
        """Many who want the same table wait for one answer."""
        loop = asyncio.get_running_loop()
        wanted = []
        for table in tables:
            name = (id(loop), self._id(call, table))
            asking = self._asking.get(name)
            if asking is None:
                asking = self._asking[name] = loop.create_task(self._look(call, table))
                asking.add_done_callback(lambda _, name=name: self._asking.pop(name, None))  # type: ignore[misc]
            wanted.append(asyncio.shield(asking))
        await asyncio.gather(*wanted)

    async def _look(self, call: Call, table: str) -> None:
        description = await self._describe(call, table)
        now = self._clock.monotonic()
        known = _Known(now + LIFE_OF_FAILURE) if description is None else _read(description, now + LIFE)
        self._keep(self._id(call, table), known)

    def _keep(self, table: TableId, known: _Known) -> None:
        with self._lock:
            self._known[table] = known
            self._known.move_to_end(table)
            while len(self._known) > MAX_TABLES:
                self._known.popitem(last=False)

    def _find(self, call: Call, table: str) -> _Known | None:
        return self._known.get(self._id(call, table))

    def _id(self, call: Call, table: str) -> TableId:
        return call.access_key if self._by_access_key else "", call.region, table


def _read(description: dict[str, Any], until: float) -> _Known:
    """A description, as far as it has the form of one."""
    try:
        parts = sorted(description["KeySchema"], key=lambda part: str(part["KeyType"]) != "HASH")
        key = tuple(str(part["AttributeName"]) for part in parts)
        is_on_demand = (description.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST"
        indexes = description.get("GlobalSecondaryIndexes") or ()
        capacities = {name: _capacity(one, is_on_demand) for name, one in [(None, description), *((i["IndexName"], i) for i in indexes)]}
        return _Known(until, key, capacities)
    except (KeyError, TypeError, AttributeError):
        return _Known(until)


def _capacity(description: dict[str, Any], is_on_demand: bool) -> Capacity:
    if is_on_demand:
        most = description.get("OnDemandThroughput") or {}
        return Capacity(True, _most(most.get("MaxReadRequestUnits")), _most(most.get("MaxWriteRequestUnits")))
    units = description.get("ProvisionedThroughput") or {}
    return Capacity(False, units.get("ReadCapacityUnits"), units.get("WriteCapacityUnits"))


def _most(units: int | None) -> int | None:
    """A maximum, None for the -1 by which the service says that there is none."""
    return None if units is None or units < 0 else units
