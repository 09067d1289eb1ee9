"""Which tables there are. Tables belong to an account and a region; a request names them by name or by ARN."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.aws.arns import table_name
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

_ARN_PREFIX = "arn:aws:dynamodb:"


def table_arn(account: str, region: str, name: str) -> str:
    return f"{_ARN_PREFIX}{region}:{account}:table/{name}"


class Catalog:
    """The tables of all accounts and regions, guarded by the engine's lock."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], dict[str, Table]] = {}
        self.serial = 0  # of the latest table, so that no two are alike

    def find(self, call: Call, name_or_arn: str, now: float) -> Table | None:
        """The table as it is at that time; None where there is none, or where it has been deleted by then."""
        home = (call.account, call.region)
        if name_or_arn.startswith("arn:"):
            name = table_name(name_or_arn)
            if name_or_arn != table_arn(*home, name):
                return None
        else:
            name = name_or_arn
        tables = self._tables.get(home, {})
        table = tables.get(name)
        if table is None:
            return None
        table.settle(now)
        if table.status == "DELETED":
            del tables[name]
            return None
        return table

    def at_rest(self, call: Call, name: str) -> Table | None:
        """An active table that no passing of time can change, found with one look and without the lock; None for any other."""
        tables = self._tables.get((call.account, call.region))
        table = None if tables is None else tables.get(name)
        return table if table is not None and table.is_at_rest else None

    def add(self, call: Call, table: Table) -> None:
        self.serial += 1
        self._tables.setdefault((call.account, call.region), {})[table.name] = table

    def get(self, account: str, region: str, name: str) -> Table:
        """A table that is known to be there, as it is."""
        return self._tables[account, region][name]

    def remove(self, account: str, region: str, name: str) -> Table | None:
        """Forget a table at once, and return it; None if there is none."""
        return self._tables.get((account, region), {}).pop(name, None)

    def tables(self, call: Call, now: float) -> Iterator[Table]:
        """The tables of the caller's account and region, by name."""
        for name in sorted(self._tables.get((call.account, call.region), {})):
            table = self.find(call, name, now)
            if table is not None:
                yield table

    def everything(self, now: float) -> Iterator[tuple[str, Table]]:
        """Each table of every account with its region, by region and name, as it is at that time."""
        for (_, region), tables in sorted(self._tables.items(), key=lambda home: (home[0][1], home[0][0])):
            for name in sorted(tables):
                table = tables[name]
                table.settle(now)
                if table.status != "DELETED":
                    yield region, table

    def copied(self) -> Catalog:
        """A register of its own, with the same tables."""
        copied = Catalog()
        copied._tables = {home: dict(tables) for home, tables in self._tables.items()}
        copied.serial = self.serial
        return copied


def not_found(name_or_arn: str) -> ServiceError:
    """The error of operations on tables; operations on items have a shorter one (see `State.table`)."""
    return ServiceError("ResourceNotFoundException", f"Requested resource not found: Table: {table_name(name_or_arn)} not found")
