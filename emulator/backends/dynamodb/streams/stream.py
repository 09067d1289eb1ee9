"""A stream: the changes of one table's items in the order in which they happened, in shards, kept for 24 hours.

    shard --(4 hours)--> shard --(4 hours)--> shard      at most one is open, and a closed one is its child's parent

All of it follows the clock: whoever looks first finds shards rolled and old records trimmed as they would be by now. A stream has
no lock of its own: the engine's lock guards it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from hashlib import md5
from itertools import dropwhile

from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.records import Record, same
from emulator.clock import Clock

# Developer Guide, "Data retention limit for DynamoDB Streams"
RETENTION = 86_400.0
# Not documented; the example of DescribeStream in the API reference shows shards that are about four hours old each
SHARD_LIFE = 4 * 3600.0
# Numbers have 21 digits at least, and grow as those of the API reference do: 300000000000000499659, 400000000000000499660
_STEP = 10**20 + 1


class StreamEntry:
    """One change. `time` in seconds since 1970; `expired`: the item was deleted by its time to live."""

    __slots__ = ("expired", "new", "old", "sequence", "time")

    def __init__(self, sequence: int, time: float, old: Record | None, new: Record | None, expired: bool) -> None:
        self.sequence = sequence
        self.time = time
        self.old = old
        self.new = new
        self.expired = expired


class Shard:
    """Entries between the sequence numbers `first` and `last`, the latter None while the shard is open. `trimmed` is the highest
    number that is no longer there, 0 if none is missing."""

    __slots__ = ("closed", "entries", "first", "id", "last", "opened", "parent", "trimmed")

    def __init__(self, shard_id: str, parent: str | None, first: int, opened: float) -> None:
        self.id = shard_id
        self.parent = parent
        self.first = first
        self.opened = opened
        self.last: int | None = None
        self.closed: float | None = None
        self.entries: deque[StreamEntry] = deque()
        self.trimmed = 0

    def trim(self, horizon: float) -> None:
        while self.entries and self.entries[0].time <= horizon:
            self.trimmed = self.entries.popleft().sequence

    def is_gone(self, horizon: float) -> bool:
        return self.closed is not None and self.closed <= horizon

    def since(self, sequence: int) -> Iterator[StreamEntry]:
        """The entries from a sequence number on."""
        return dropwhile(lambda entry: entry.sequence < sequence, self.entries)


class Stream:
    """`view` is KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES; `status` ENABLING, ENABLED, DISABLING or DISABLED;
    `created` is when it was asked for, in seconds since 1970."""

    def __init__(self, clock: Clock, arn: str, table_name: str, region: str, key: KeySchema, view: str, created: float) -> None:
        self.arn = arn
        self.table_name = table_name
        self.region = region
        self.key = key
        self.view = view
        self.created = created
        self.status = "ENABLING"
        self._clock = clock
        self._disabled: float | None = None
        self._shards: list[Shard] = []
        self.latest = 0  # the highest sequence number given out

    @property
    def label(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def is_in_force(self) -> bool:
        return self.status != "DISABLED"

    def enable(self, now: float) -> None:
        """From now on, record what changes."""
        self.status = "ENABLED"
        self._open(None, now)

    def disable(self, now: float) -> None:
        """Record no more. What there is stays readable until it is trimmed."""
        self.shards(now)
        if self._shards:
            self._close(self._shards[-1], now)
        self.status = "DISABLED"
        self._disabled = now

    def is_gone(self, now: float) -> bool:
        return self._disabled is not None and self._disabled + RETENTION <= now

    def add(self, change: Change) -> None:
        """Record a change of the table, unless it leaves the item as it was."""
        old, new = change.old, change.new
        if self.status not in ("ENABLED", "DISABLING") or old is new or (old is not None and new is not None and same(old, new)):
            return
        now = self._clock.now()
        self._roll(now)
        self._shards[0].trim(now - RETENTION)
        self._shards[-1].entries.append(StreamEntry(self._next(), now, old, new, change.expired))

    def shards(self, now: float) -> list[Shard]:
        """The shards that there are by now, oldest first, without what is too old."""
        if self._shards:
            self._roll(now)
        horizon = now - RETENTION
        self._shards = [shard for shard in self._shards if not shard.is_gone(horizon)]
        for shard in self._shards:
            shard.trim(horizon)
        return self._shards

    def _next(self) -> int:
        self.latest += _STEP
        return self.latest

    def _roll(self, now: float) -> None:
        shard = self._shards[-1]
        while shard.closed is None and shard.opened + SHARD_LIFE <= now:
            end = shard.opened + SHARD_LIFE
            self._close(shard, end)
            # After a long time, the generations that nobody could have read any more are passed over
            passed = max(0, (now - RETENTION - end) // SHARD_LIFE)
            shard = self._open(shard.id, end + passed * SHARD_LIFE)

    def _open(self, parent: str | None, now: float) -> Shard:
        digest = md5(f"{self.arn}#{now!r}".encode(), usedforsecurity=False).hexdigest()
        shard = Shard(f"shardId-{round(now * 1000):020}-{digest[:8]}", parent, self._next(), now)
        self._shards.append(shard)
        return shard

    def _close(self, shard: Shard, now: float) -> None:
        shard.last, shard.closed = self.latest, now
