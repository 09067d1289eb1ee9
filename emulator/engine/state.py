"""What all operations of one engine share: its clock, its settings, its tables, and the one lock that guards them."""

from __future__ import annotations

import threading
from copy import copy

from emulator.clock import Clock
from emulator.engine.backups import Backups
from emulator.engine.catalog import Catalog, not_found
from emulator.engine.dialect import Dialect
from emulator.engine.expressions import SyntaxCache
from emulator.engine.history import History
from emulator.engine.idempotency import Tokens
from emulator.engine.streams import Streams
from emulator.engine.table import Table
from emulator.errors import ServiceError
from emulator.messages import Call
from emulator.wording import WORDINGS, Wording, wording_of


class State:
    """`lock` guards the catalog and everything that hangs off it: hold it to change anything, and to read more than one
    record at a time. `table_delay` is how long a table takes to change its state, in seconds. `consistent_as_of` and
    `eventual_as_of` are the times, in seconds since 1970, as of which reads of the two kinds see items; None: now."""

    def __init__(self, clock: Clock, wording: Wording, table_delay: float) -> None:
        self.clock = clock
        cache = SyntaxCache()
        self._dialects: dict[Wording, Dialect] = {words: Dialect(words, cache) for words in WORDINGS}
        self._wording: Wording = wording
        self.table_delay = table_delay
        self.lock = threading.RLock()
        self.catalog = Catalog()
        self.backups = Backups()
        self.streams = Streams()
        self.tokens = Tokens()
        self.history = History(clock)
        self.consistent_as_of: float | None = None
        self.eventual_as_of: float | None = None

    def with_table_delay(self, seconds: float) -> State:
        """The same tables under the same lock, where changes of state take so long."""
        twin = copy(self)
        twin.table_delay = seconds
        return twin

    def looking_back(self, consistent: float, eventual: float) -> State:
        """The same tables under the same lock, where reads of each kind see items as they were so many seconds ago."""
        twin = copy(self)
        now = self.clock.now()
        twin.consistent_as_of = now - consistent if consistent else None
        twin.eventual_as_of = now - eventual if eventual else None
        return twin

    def dialect(self, call: Call) -> Dialect:
        return self._dialects[wording_of(call.operation, self._wording)]

    def table(self, call: Call, name_or_arn: str) -> Table:
        """The table for reading and writing items. Raises ServiceError (ResourceNotFoundException) where it does not exist,
        or not yet, or no longer."""
        with self.lock:
            table = self.catalog.find(call, name_or_arn, self.clock.now())
        if table is None or table.status in ("CREATING", "DELETING"):
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")
        return table

    def seen(self, call: Call, name_or_arn: str, *, consistent: bool) -> Table:
        """The table for reading items only, as reads of this kind see it. Raises ServiceError as `table` does."""
        table = self.table(call, name_or_arn)
        moment = self.consistent_as_of if consistent else self.eventual_as_of
        return table if moment is None else table.as_of(moment)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""
        with self.lock:
            found = self.catalog.find(call, table, self.clock.now())
        return None if found is None else found.key.names

    def clear(self) -> None:
        """Drop all tables, backups and streams, and what is remembered of transactions."""
        with self.lock:
            self.catalog.clear()
            self.backups.clear()
            self.streams.clear()
            self.tokens.clear()
            self.history.clear()

    def described_table(self, call: Call, name_or_arn: str) -> Table:
        """The table for the control plane, in whatever state. Raises ServiceError (ResourceNotFoundException). Hold the lock."""
        table = self.catalog.find(call, name_or_arn, self.clock.now())
        if table is None:
            raise not_found(name_or_arn)
        return table
