"""A scenario's tables at an upstream: made when the emulator starts, under names that carry a prefix, and dropped when it stops. What this
run has not made is never touched."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from emulator.aws.errors import EmulatorError
from emulator.clock import Clock
from emulator.messages import Outcome
from emulator.scenario.tables import TableFixture

# Asks the upstream: an operation, its parameters
Ask = Callable[[str, Mapping[str, Any]], Awaitable[Outcome]]
# Seconds: between looks at a table that is being made, and until it has to be there
_LOOK, _PATIENCE = 0.2, 300.0
_BATCH = 25
_ROUNDS = 20


class Fixtures:
    """`prefix` is what the names of tables begin with. `made` are those that this run has made, and not yet dropped."""

    def __init__(self, prefix: str, ask: Ask, clock: Clock) -> None:
        self.prefix = prefix
        self.made: list[str] = []
        self._ask = ask
        self._clock = clock

    async def make(self, tables: Sequence[TableFixture]) -> None:
        """Make tables, with their items. Raises EmulatorError where one is there already, or the upstream refuses one."""
        for table in tables:
            error = (await self._ask("CreateTable", table.create)).error
            if error is not None and error.spec.name in ("ResourceInUseException", "TableAlreadyExistsException"):
                raise EmulatorError(
                    f"the upstream has a table '{table.name}' already, which this run has not made; --create-tables makes new ones"
                )
            if error is not None:
                raise _refused("CreateTable", table.name, error)
            self.made.append(table.name)
        for table in tables:
            await self._wait(table.name)
            if table.ttl is not None:
                enabled = {"Enabled": True, "AttributeName": table.ttl}
                await self._done("UpdateTimeToLive", table.name, {"TableName": table.name, "TimeToLiveSpecification": enabled})
            await self._fill(table)

    async def drop(self) -> None:
        """Drop what was made; what cannot be dropped is named on standard error."""
        left = []
        for name in self.made:
            try:
                error: Exception | None = (await self._ask("DeleteTable", {"TableName": name})).error
            except EmulatorError as refusal:
                error = refusal
            if error is not None and not str(error).startswith("ResourceNotFoundException"):
                left.append(f"{name} ({error})")
        self.made.clear()
        if left:
            print(f"dynafault: tables of this run are still at the upstream: {', '.join(left)}", file=sys.stderr)

    async def _wait(self, name: str) -> None:
        until = self._clock.monotonic() + _PATIENCE
        while True:
            described = await self._done("DescribeTable", name, {"TableName": name})
            if (described.get("Table") or {}).get("TableStatus", "ACTIVE") == "ACTIVE":
                return
            if self._clock.monotonic() > until:
                raise EmulatorError(f"table '{name}' is not ACTIVE at the upstream after {_PATIENCE:g} s")
            await asyncio.sleep(_LOOK)

    async def _fill(self, table: TableFixture) -> None:
        requests: list[Mapping[str, Any]] = [{"PutRequest": {"Item": item}} for item in table.items]
        rounds = 0
        while requests:
            part, requests = requests[:_BATCH], requests[_BATCH:]
            answered = await self._done("BatchWriteItem", table.name, {"RequestItems": {table.name: part}})
            left: Iterable[Mapping[str, Any]] = (answered.get("UnprocessedItems") or {}).get(table.name, ())
            requests = [*requests, *left]
            rounds = rounds + 1 if left else 0
            if rounds > _ROUNDS:
                raise EmulatorError(f"the upstream leaves items of table '{table.name}' unprocessed again and again")
            if rounds:
                await asyncio.sleep(_LOOK * rounds)

    async def _done(self, operation: str, table: str, params: Mapping[str, Any]) -> dict[str, Any]:
        outcome = await self._ask(operation, params)
        if outcome.error is not None:
            raise _refused(operation, table, outcome.error)
        return outcome.output or {}


def _refused(operation: str, table: str, error: Exception) -> EmulatorError:
    return EmulatorError(f"the upstream refuses {operation} for table '{table}': {error}")
