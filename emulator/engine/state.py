"""What all operations of one engine share: its clock, its settings, its tables, and the one lock that guards them."""

from __future__ import annotations

import threading
from copy import copy

from emulator.clock import Clock
from emulator.engine.backups import Backups
from emulator.engine.catalog import Catalog, not_found
from emulator.engine.dialect import Dialect
from emulator.engine.expressions import SyntaxCache
from emulator.engine.idempotency import Tokens
from emulator.engine.streams import Streams
from emulator.engine.table import Table
from emulator.errors import ServiceError
from emulator.messages import Call
from emulator.wording import WORDINGS, Wording, wording_of


class State:
    """`lock` guards the catalog and everything that hangs off it: hold it to change anything, and to read more than one
    record at a time. `table_delay` is how long a table takes to change its state, in seconds."""

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

    def without_delay(self) -> State:
        """The same tables under the same lock, where changes of state take no time."""
        twin = copy(self)
        twin.table_delay = 0.0
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

    def described_table(self, call: Call, name_or_arn: str) -> Table:
        """The table for the control plane, in whatever state. Raises ServiceError (ResourceNotFoundException). Hold the lock."""
        table = self.catalog.find(call, name_or_arn, self.clock.now())
        if table is None:
            raise not_found(name_or_arn)
        return table
