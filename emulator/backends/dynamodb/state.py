"""What all operations of one engine share: its clock, its settings, its tables, and the one lock that guards them."""

from __future__ import annotations

import threading
from copy import copy

from emulator.aws.errors import ServiceError
from emulator.aws.wording import WORDS, Wording, Words, words_of
from emulator.backends.dynamodb.backups import Backups
from emulator.backends.dynamodb.catalog import Catalog, not_found
from emulator.backends.dynamodb.expressions import SyntaxCache
from emulator.backends.dynamodb.history import History
from emulator.backends.dynamodb.idempotency import Tokens
from emulator.backends.dynamodb.parser_context import ParserContext
from emulator.backends.dynamodb.streams import Streams
from emulator.backends.dynamodb.table import Table
from emulator.clock import Clock
from emulator.messages import Call, Capacity, ExecutionContext


class State:
    """`lock` guards the catalog and everything that hangs off it: hold it to change anything, and to read more than one
    record at a time. `table_delay` is how long a table takes to change its state, in seconds. `consistent_as_of` and
    `eventual_as_of` are the times, in seconds of `Clock.elapsed()`, as of which reads of the two kinds see items; None: now."""

    def __init__(self, clock: Clock, wording: Wording, table_delay: float) -> None:
        self.clock = clock
        cache = SyntaxCache()
        self._contexts: dict[Words, ParserContext] = {words: ParserContext(words, cache, wording == "classic") for words in WORDS}
        # Operations that there are, so there is an end to them
        self._by_operation: dict[str, ParserContext] = {}
        self._wording: Wording = wording
        self.table_delay = table_delay
        self._begin()
        self.consistent_as_of: float | None = None
        self.eventual_as_of: float | None = None

    def _begin(self) -> None:
        self.lock = threading.RLock()
        self.catalog = Catalog()
        self.backups = Backups(self.clock.elapsed)
        self.streams = Streams()
        self.tokens = Tokens()
        self.history = History(self.clock)

    def new_empty(self) -> State:
        """No tables yet, with the same settings."""
        twin = copy(self)
        twin._begin()
        return twin

    def under(self, context: ExecutionContext) -> State:
        """The same tables under the same lock, for a call that is carried out as the context says."""
        twin = copy(self)
        now = self.clock.elapsed()
        if context.table_delay is not None:
            twin.table_delay = context.table_delay
        twin.consistent_as_of = now - context.consistent_age if context.consistent_age else None
        twin.eventual_as_of = now - context.eventual_age if context.eventual_age else None
        return twin

    def successor(self) -> State:
        """The same tables under the same lock, with registers of its own."""
        twin = copy(self)
        with self.lock:
            twin.catalog = self.catalog.copied()
            twin.backups = self.backups.copied()
            twin.streams = self.streams.copied()
        return twin

    def parser_context(self, call: Call) -> ParserContext:
        parser_context = self._by_operation.get(call.operation)
        if parser_context is None:
            parser_context = self._by_operation[call.operation] = self._contexts[words_of(call.operation, self._wording)]
        return parser_context

    def table(self, call: Call, name_or_arn: str) -> Table:
        """The table for reading and writing items. Raises ServiceError (ResourceNotFoundException) where it does not exist,
        or not yet, or no longer."""
        table = self.catalog.at_rest(call, name_or_arn)
        if table is not None:
            return table
        with self.lock:
            table = self.catalog.find(call, name_or_arn, self.clock.now())
        if table is None or table.status in ("CREATING", "DELETING"):
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")
        return table

    def seen(self, call: Call, name_or_arn: str, *, consistent: bool) -> Table:
        """The table for reading items only, as reads of this kind see it. Raises ServiceError as `table` does."""
        table = self.catalog.at_rest(call, name_or_arn) or self.table(call, name_or_arn)
        moment = self.consistent_as_of if consistent else self.eventual_as_of
        return table if moment is None else table.as_of(moment)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""
        with self.lock:
            found = self.catalog.find(call, table, self.clock.now())
        return None if found is None else found.key.names

    def capacity(self, call: Call, table: str, index: str | None) -> Capacity | None:
        """What a table or an index of it may take; None for one that is not there."""
        with self.lock:
            found = self.catalog.find(call, table, self.clock.now())
            known = None if found is None or index is None else found.indexes.get(index)
        if found is None or (index is not None and known is None):
            return None
        settings = found.settings
        units, maxima = (
            (settings.throughput, settings.on_demand) if known is None else (known.definition.throughput, known.definition.on_demand)
        )
        if settings.is_provisioned:
            return Capacity(False, units.read, units.write)
        return Capacity(True) if maxima is None else Capacity(True, maxima.read, maxima.write)

    def described_table(self, call: Call, name_or_arn: str) -> Table:
        """The table for the control plane, in whatever state. Raises ServiceError (ResourceNotFoundException). Hold the lock."""
        table = self.catalog.find(call, name_or_arn, self.clock.now())
        if table is None:
            raise not_found(name_or_arn)
        return table
