"""A table: its definition, its life cycle, its items and its indexes. Every change of an item goes through `Table.apply`.

A table has no lock of its own: the engine's lock guards it (see `state`). Reading one record by its key needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from copy import copy

from dynafault_dataclass import dataclass
from emulator.aws.values import Item
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.definitions import IndexDefinition, Settings, TableDefinition, used_types
from emulator.backends.dynamodb.expiry import Expiry
from emulator.backends.dynamodb.history import History
from emulator.backends.dynamodb.indexes import Index, IndexEntry
from emulator.backends.dynamodb.keys import PrimaryKey, after_all
from emulator.backends.dynamodb.ordered import OrderedRecords
from emulator.backends.dynamodb.records import Record, decode
from emulator.backends.dynamodb.recovery import Recovery
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.streams import Stream

_GIGABYTE = 2**30
_NOT_SCALAR = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed"
_DAY = 86_400  # seconds, from midnight to midnight UTC


@dataclass(slots=True)
class Dates:
    """When things last happened to the table, in seconds since 1970; None for what never did."""

    created: float
    on_demand: float | None = None
    increased: float | None = None
    decreased: float | None = None
    table_class: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a table was restored from: a backup, its table, and the moment in seconds since 1970 as of which the items are."""

    backup_arn: str
    table_arn: str
    moment: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A resource policy: its JSON as it was sent, and the id of its revision, in decimal digits."""

    text: str
    revision: str


class Table:
    """`status` is CREATING, ACTIVE, UPDATING, DELETING, or DELETED for one that is no longer there. `history` is where changes are
    noted, None for nowhere: what a fixture gets has always been there. Its dates follow `Clock.now()`, what takes time `elapsed`."""

    def __init__(self, definition: TableDefinition, arn: str, table_id: str, now: float, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self.name = definition.name
        self.arn = arn
        self.id = table_id
        self.attribute_types = dict(definition.attribute_types)
        self.key = PrimaryKey(definition.key)
        self.settings: Settings = definition.settings
        self.dates = Dates(created=now, on_demand=None if definition.settings.is_provisioned else now)
        self.decreases_today = 0
        self.origin: Origin | None = None
        self.stream: Stream | None = None  # the latest, in force or not
        self.tags: dict[str, str] = {}
        self.recovery: Recovery | None = None
        self.policies: dict[str, Policy] = {}  # by the ARN of the table, or of its stream
        self.status = "ACTIVE"
        self.records = OrderedRecords()
        self.history: History | None = None
        self.claims: set[bytes] = set()  # keys of items that a transaction is about to write
        self.indexes: dict[str, Index] = {}
        for index in definition.indexes:
            self.add_index(index)
        self.ttl_status = "DISABLED"  # or ENABLING, ENABLED, DISABLING
        self.ttl_attribute: str | None = None
        self._expiry: Expiry | None = None
        self._due: list[tuple[float, Callable[[Table], None]]] = []

    @property
    def definition(self) -> TableDefinition:
        """What the table is defined as by now; indexes that are being deleted no longer count."""
        indexes = tuple(index.definition for index in self.indexes.values() if index.status != "DELETING")
        types = used_types(self.attribute_types, self.key.schema, indexes)
        return TableDefinition(self.name, types, self.key.schema, self.settings, indexes)

    @property
    def is_at_rest(self) -> bool:
        """Whether it is in force, and `settle` has nothing to do however late it is."""
        return not (self._due or self._expiry is not None or self.decreases_today) and self.status == "ACTIVE"

    @property
    def in_transition(self) -> bool:
        return bool(self._due)

    @property
    def is_being_restored(self) -> bool:
        return self.origin is not None and self.status == "CREATING"

    @property
    def has_local_index(self) -> bool:
        return any(not index.is_global for index in self.indexes.values())

    def after(self, seconds: float, change: Callable[[Table], None]) -> None:
        """Make a change of this table when so much time has passed (see `settle`)."""
        self._due.append((self._elapsed() + seconds, change))

    def settle(self, now: float) -> None:
        """Make the changes whose time has come, in the order of their times, and delete the items that have expired."""
        if self.decreases_today and self.dates.decreased is not None and self.dates.decreased // _DAY < now // _DAY:
            self.decreases_today = 0
        if self._due:
            self._due.sort(key=lambda due: due[0])
            while self._due and self._due[0][0] <= self._elapsed():
                self._due.pop(0)[1](self)
        if self._expiry is not None:
            self._delete_expired(self._expiry, now)

    def add_index(self, definition: IndexDefinition) -> Index:
        """A new index, filled from the items that the table has."""
        index = Index(definition, self.key.schema)
        index.fill(self.records)
        self.indexes[index.name] = index
        return index

    def fill(self, records: Mapping[bytes, Record]) -> None:
        """Take over the items of a table with the same key; there must be none yet."""
        self.records.fill(records)
        for index in self.indexes.values():
            index.fill(self.records)

    def start_expiry(self) -> None:
        """From now on, delete items whose TTL attribute says so."""
        assert self.ttl_attribute is not None
        self.ttl_status = "ENABLED"
        self._expiry = Expiry(self.ttl_attribute)
        for key, record in self.records.all():
            self._expiry.track(key, decode(record))

    def stop_expiry(self) -> None:
        self.ttl_status, self.ttl_attribute, self._expiry = "DISABLED", None, None

    def check_index_keys(self, item: Item, updated: Container[str] | None = None) -> None:
        """Raises ServiceError (ValidationException) where an index refuses one of its key attributes (see `Index.check`)."""
        for index in self.indexes.values():
            index.check(item, updated)

    def check_index_types(self, given: Item) -> None:
        """Raises ServiceError (ValidationException) where a value that a request brings has a type that an index refuses."""
        for index in self.indexes.values():
            index.check_types(given)

    def check_scalars(self, nested_names: Iterable[str]) -> None:
        """Raises ServiceError (ValidationException) where an expression looks into a key attribute, of the table or of an index."""
        for name in nested_names:
            if name in self.key.names:
                raise refusal(f"{_NOT_SCALAR}: Key: {name}")
            if any(name in index.key.names for index in self.indexes.values()):
                raise refusal(f"{_NOT_SCALAR}: IndexKey: {name}")

    def apply(self, change: Change) -> None:
        """Put the new image where the old one is. `change.old` must be what is stored under the key now."""
        if self.history is not None and self.history.seconds:
            self._note(change, self.history)
        if change.new is not None:
            self.records.put(change.key, change.new)
        elif change.old is not None:
            self.records.remove(change.key)
        if self.indexes:
            self._follow(change)
        if self._expiry is not None:
            self._expiry.track(change.key, change.new_item)
        if self.stream is not None:
            self.stream.add(change)

    def _delete_expired(self, expiry: Expiry, now: float) -> None:
        for key in expiry.due(now):
            record = self.get(key)
            if record is None:
                continue
            if key in self.claims:
                # A transaction is looking at it: next time
                expiry.track(key, decode(record))
                continue
            deletion = Change(key, record, None)
            deletion.expired = True
            self.apply(deletion)

    def as_of(self, moment: float) -> Table:
        """The table with the items that it had at that time, as far as is remembered; to be read only, under the engine's lock."""
        then = copy(self)
        then.records = self.records.as_of(moment)
        then.indexes = {name: index.as_of(moment) for name, index in self.indexes.items()}
        return then

    def _note(self, change: Change, history: History) -> None:
        moment = history.moment()
        history.note(moment, self.records.past, change.key, change.old)
        for index in self.indexes.values():
            before, after = _entries(index, change)
            if before is not None:
                history.note(moment, index.records.past, before.key, before.record)
            if after is not None and (before is None or before.key != after.key):
                history.note(moment, index.records.past, after.key, None)

    def _follow(self, change: Change) -> None:
        for index in self.indexes.values():
            units = index.change(*_entries(index, change))
            if units:
                change.index_units.append((index.name, units, index.is_global))

    def collection_gigabytes(self, item: Item) -> int:
        """Whole gigabytes of the item collection that an item belongs to: the items and the entries of local indexes that have
        its hash key."""
        sources = [self.records, *(index.records for index in self.indexes.values() if not index.is_global)]
        if sum(source.size for source in sources) < _GIGABYTE:
            return 0
        prefix = self.key.partition(item)
        return sum(source.size_within(prefix, after_all(prefix)) for source in sources) // _GIGABYTE

    def get(self, key: bytes) -> Record | None:
        record: Record | None = self.records.get(key)
        return record


def _entries(index: Index, change: Change) -> tuple[IndexEntry | None, IndexEntry | None]:
    """What stands in an index before and after a change."""
    old, new = change.old_item, change.new_item
    before = None if old is None or change.old is None else index.entry(change.key, change.old, old)
    after = None if new is None or change.new is None else index.entry(change.key, change.new, new)
    return before, after
