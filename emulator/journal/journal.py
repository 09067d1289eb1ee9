"""What happened, in order: one exchange for each request, with the one fact that only the server knows, what it wrote.

The journal is bounded in exchanges and in bytes; what falls out is counted, and reports say so. It records, it does not judge: grouping
is `calls`, judging is `audit`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain, count, islice

from emulator.journal.exchange import Exchange
from emulator.journal.packed import MAX_KINDS, Packed, Packer, unpacked
from emulator.messages import HttpReply
from emulator.wire.parsed_size import estimated_size, walked_size

MAX_ENTRIES = 100_000
MAX_BYTES = 256 * 1024 * 1024
# So many are as they came, the latest; those before them are put away when they are over, many at once: one at a time takes three times
# as long, since between two of them the processor has forgotten how
MIN_UNPACKED = 64
MAX_UNPACKED = 128
# Behind a large one so many: what it was parsed to leaves the processor's caches soon, and to look at it after that takes longer than all
# else
MIN_BESIDE_LARGE = 4
# Bytes beside its headers that an exchange may have and be counted later, with others, and how many of them a byte of a body may become
_SMALL, _GROWTH = 16 * 1024, 31
# An id is drawn before its exchange is added, so with several threads the ids are not quite in order
_MAX_DISORDER = 1_000
# What an exchange takes beside its headers, its bodies and what they were parsed to, and what a header takes beside its characters
_OVERHEAD, _OF_HEADER = 600, 50
# Of a request that was refused for its form and is longer, what it was parsed to is not kept: nobody asks for it again
_MAX_REFUSED = 16 * 1024


class Journal:
    """Owns the exchanges, under one lock. Ids count from 1 and never repeat, so that a gap shows what was dropped.

    Those that are over and not among the latest are packed: whoever asks for one twice gets two equal objects."""

    def __init__(self, most_entries: int = MAX_ENTRIES, most_bytes: int = MAX_BYTES) -> None:
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._packer = Packer()
        self._old: deque[Packed | Exchange] = deque()
        self._latest: deque[Exchange] = deque()
        # What each of them takes that has been counted, in the same order; equal numbers are one object
        self._costs: deque[int] = deque()
        self._numbers: dict[int, int] = {}
        self._bytes = 0
        # How many of the latest have been counted
        self._counted = 0
        # Drawing the next one is one step of the interpreter
        self._ids = count(1)
        self._dropped = 0

    def next_id(self) -> int:
        """The id for an exchange that is about to be added."""
        return next(self._ids)

    def add(self, exchange: Exchange) -> None:
        """Record an exchange, before the first byte of its answer leaves: who saw the answer finds it here."""
        if exchange.call is not None and exchange.call.refusal is not None:
            exchange = _kept(exchange)
        request = exchange.request
        size = _GROWTH * len(request.body) + len(request.target) + len(exchange.reply.body)
        is_small = size <= _SMALL and "content-encoding" not in request.headers
        with self._lock:
            latest = self._latest
            latest.append(exchange)
            if not is_small:
                self._put_away(MIN_BESIDE_LARGE)
            elif len(latest) >= MAX_UNPACKED:
                self._put_away(MIN_UNPACKED)
            elif len(latest) + len(self._old) > self._most_entries:
                self._drop()

    def _put_away(self, kept: int) -> None:
        """Count what has not been counted, pack all but so many of the latest, drop what is too much."""
        latest, costs, numbers = self._latest, self._costs, self._numbers
        for exchange in islice(latest, self._counted, None):
            cost = _cost(exchange)
            costs.append(numbers.get(cost) or self._number(cost))
            self._bytes += cost
        pack, old = self._packer.pack, self._old
        for _ in range(len(latest) - kept):
            packed = pack(latest.popleft())
            old.append(packed)
            if type(packed) is Packed and _GROWTH * len(packed.body) > _SMALL:
                # What its body was parsed to is there no longer
                place = -1 - len(latest)
                cost = _packed_cost(packed)
                self._bytes += cost - costs[place]
                costs[place] = numbers.get(cost) or self._number(cost)
        self._counted = len(latest)
        while self._bytes > self._most_bytes or len(latest) + len(self._old) > self._most_entries:
            self._drop()

    def _drop(self) -> None:
        """Drop the oldest exchange."""
        if self._old:
            self._old.popleft()
        else:
            self._latest.popleft()
            if not self._counted:
                self._dropped += 1
                return
            self._counted -= 1
        self._bytes -= self._costs.popleft()
        self._dropped += 1

    def _number(self, cost: int) -> int:
        """A number that is remembered: equal numbers are one object."""
        if len(self._numbers) >= MAX_KINDS:
            self._numbers.clear()
        self._numbers[cost] = cost
        return cost

    def entries(self) -> list[Exchange]:
        """A snapshot, oldest first."""
        with self._lock:
            old, latest = list(self._old), list(self._latest)
        return [*map(unpacked, old), *latest]

    def after(self, exchange_id: int) -> list[Exchange]:
        """The exchanges with higher ids, in the order in which they were added. Those that came long before are not looked at."""
        found = [one for one in self._back_to(exchange_id) if one.id > exchange_id]
        return [unpacked(one) for one in reversed(found)]

    def find(self, exchange_id: int) -> Exchange | None:
        """The exchange with that id; None if it is not there, or no longer."""
        found = next((one for one in self._back_to(exchange_id) if one.id == exchange_id), None)
        return None if found is None else unpacked(found)

    def _back_to(self, exchange_id: int) -> Iterator[Packed | Exchange]:
        """The latest first; ends where those of that id and above must have been."""
        with self._lock:
            latest = list(self._latest)
            is_recent = bool(latest) and latest[0].id < exchange_id - _MAX_DISORDER
            old = [] if is_recent else list(self._old)
        for one in chain(reversed(latest), reversed(old)):
            if one.id < exchange_id - _MAX_DISORDER:
                return
            yield one

    @property
    def size(self) -> int:
        """The memory that all of it takes, in bytes, as far as that is known."""
        with self._lock:
            self._put_away(MAX_UNPACKED)
            return self._bytes

    @property
    def dropped(self) -> int:
        """How many exchanges fell out since the last `clear`."""
        return self._dropped

    def clear(self) -> None:
        """Forget all exchanges. Ids go on."""
        with self._lock:
            self._old.clear()
            self._latest.clear()
            self._costs.clear()
            self._bytes = self._counted = 0
            self._dropped = 0

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} exchanges{f', {self.dropped} dropped' if self.dropped else ''}>"

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.entries())

    def __len__(self) -> int:
        with self._lock:
            return len(self._old) + len(self._latest)


def _kept(exchange: Exchange) -> Exchange:
    """An exchange as the journal keeps it."""
    call, request = exchange.call, exchange.request
    if call is None or call.refusal is None or (len(request.body) <= _MAX_REFUSED and "content-encoding" not in request.headers):
        return exchange
    return exchange._replace(call=replace(call, params={}))


def _cost(exchange: Exchange) -> int:
    """The memory that an exchange takes, in bytes, as far as that is known without looking at every value."""
    request, call = exchange.request, exchange.call
    headers, body = request.headers, request.body
    size = _framed(headers.values(), request.target, body, exchange.reply)
    if call is None or not call.params:
        return size
    if body[:1] != b"{" or "content-encoding" in headers:
        # Packed, or CBOR: its length says nothing
        return size + walked_size(call.params)
    # What a short body was parsed to is soon put away as JSON
    return size + (len(body) if _GROWTH * len(body) <= _SMALL else estimated_size(body))


def _packed_cost(packed: Packed) -> int:
    """The same for one that has been put away."""
    size, body, params = _framed(packed.values, packed.target, packed.body, packed.reply), packed.body, packed.params
    if isinstance(params, bytes):
        return size if params is body else size + len(params)
    # What a connection sends again is there once for all
    return size + walked_size(params) if params and body[:1] != b"{" else size


def _framed(values: Collection[str], target: str, body: bytes, reply: HttpReply) -> int:
    """What it takes but for what its body was parsed to; `values` are those of its headers."""
    return _OVERHEAD + len(values) * _OF_HEADER + len("".join(values)) + len(target) + len(body) + len(reply.body)
