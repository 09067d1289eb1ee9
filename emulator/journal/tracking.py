"""Which request is which attempt of which logical call, and which try of which piece of work: told when it arrives, for rules and reports.

A logical call is what a client's SDK makes of one request of the application. Three ways to tell, the first that applies:

1. the SDK's invocation id (`amz-sdk-invocation-id`, or `aws-sdk-invocation-id` from PHP and the old mobile SDKs): authoritative;
2. an idempotency token in the body, constant over attempts (SDKs that send no id still fill it: JS v2, Go v1);
3. the same bytes from the same client, while the attempt before ended in a way that clients retry, and not too long ago.

A piece of work is what a client tries until it succeeds, whoever repeats it, its SDK or a loop around that: one operation on one set of
keys, whatever else the body says. Its tries count from 1 since it last succeeded; what a batch leaves undone goes on in the batch that
takes it up again. Requests that overlap in time never share a chain of tries.

Where no id tells, connections do: a worker goes on with its connection while that is open, unless it is seen that an SDK hands connections
from worker to worker. What neither tells apart is ambiguous: it is a call of its own, and no try of anything.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from hashlib import blake2b
from typing import NoReturn

from dynafault_dataclass import dataclass
from emulator.aws.services import load_services
from emulator.backends.statement_references import verbs
from emulator.faults.canonical import canonical
from emulator.faults.keys import OF_STATEMENTS, KeyNames, keys_of
from emulator.journal import Exchange
from emulator.journal.outcomes import RETRYABLE, ResponseClass, classify_response
from emulator.journal.writes import left_undone
from emulator.messages import Attempt, Call
from emulator.sdks.detection import attempt_header, client_of

# Clients come and go; what has been idle for longest is forgotten first
MAX_REMEMBERED = 50_000
# Of one piece of work, so many chains of tries are remembered
MAX_CHAINS = 1_000
# Bytes of a content by which work is known again; of a longer one, its digest
_MAX_CONTENT = 256
# No SDK waits longer between attempts, save Go v1 at the end of its ladder, whose doubled ranges let a wait be four times as long as
# the one before. Seconds
MAX_GAP = 30.0
TOKENS = ("ClientRequestToken", "ClientToken", "IdempotencyToken", "CreatorRequestId")
# Each entry of these is a piece of work by itself
_BATCHES = frozenset(("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem"))


@dataclass(slots=True, eq=False)
class _Chain:
    """The tries of a piece of work that has not succeeded yet; what is said of a request is said of the latest. `pieces` are those that
    are still to be done. `is_guessed`: nothing but its likeness tells the call. Times are monotonic seconds."""

    attempt: Attempt
    body: bytes
    connection: int
    pieces: tuple[Hashable, ...]
    is_guessed: bool
    ended: float = 0.0
    gap: float = 0.0
    under_way: bool = True
    retryable: bool = False

    def is_gone_on_with(self, attempt: Attempt, call: Call, pieces: tuple[Hashable, ...]) -> bool:
        """Whether an attempt is the next of the same call for the same work, on the same connection."""
        return (
            attempt.call_id == self.attempt.call_id
            and call.request.connection == self.connection
            and pieces == self.pieces
            and not self.under_way
            and attempt.tries_by_item is None
        )

    @property
    def patience(self) -> float:
        """For how long after its end it may still go on, if that is to be told from its content alone."""
        return max(MAX_GAP, 4 * self.gap)


class _Piece:
    """The chains of one piece of work. `is_crowded`: several workers have been seen at it."""

    __slots__ = ("chains", "is_crowded")

    def __init__(self) -> None:
        # In the order in which they began
        self.chains: dict[_Chain, None] = {}
        self.is_crowded = False


class _Ambiguous(Exception):
    """Several workers may have sent a request."""


class CallTracker:
    """Tells the place of requests as they arrive. Thread-safe; remembers a bounded number of calls and pieces of work.

    Work is remembered only while it may go on. So a request costs next to nothing where nothing fails, and one under way is never
    taken for the attempt before an identical one. `key_names` tells the keys of items; left out, a whole item stands for its key.
    `has_others`: attempts of the same calls may come to other emulators, so a higher number than was counted is right if the client's SDK
    says so."""

    def __init__(self, key_names: KeyNames | None = None, *, has_others: bool = False) -> None:
        self._has_others = has_others
        self._key_names: KeyNames = key_names or (lambda call, table: None)
        self._lock = threading.Lock()
        self._identified: OrderedDict[tuple[object, ...], int] = OrderedDict()
        self._pieces: OrderedDict[Hashable, _Piece] = OrderedDict()
        # How many of them each operation has: requests for the others cannot be the rest of any
        self._undone: dict[str, int] = {}
        # Those under way, by the attempt
        self._chains: dict[tuple[str, int], _Chain] = {}
        # Those of each call that have work left
        self._by_call: dict[str, dict[_Chain, None]] = {}
        # Connections on which something failed, and which are open still; with what was asked there last, if that has failed before
        self._open: dict[int, _Chain | None] = {}
        self._guesses = 0
        self._repeatable = _token_names().keys()

    def arrived(self, call: Call) -> Attempt:
        """The place of a request that has just come in."""
        identity = _identity(call) if call.invocation or call.operation in self._repeatable else None
        with self._lock:
            may_go_on = call.operation in self._undone
            if identity is None:
                attempt = self._guessed(call) if may_go_on else _first(self._guess())
                if call.request.connection in self._open:
                    self._open[call.request.connection] = self._chains.get(attempt[:2])
                return attempt
            call_id, ordinal = str(identity[-1]), self._identify(identity, attempt_header(call).number if self._has_others else None)
            return self._numbered(call, call_id, ordinal) if may_go_on else Attempt(call_id, ordinal, call_id, ordinal)

    def expected(self, call: Call) -> Attempt:
        """The place that a request will have when all of it is there, as far as its head tells; nothing changes by asking."""
        if not call.invocation:
            return Attempt("", 0, "", 0)
        with self._lock:
            counted = self._identified.get(("id", call.invocation), 0) + 1
        return Attempt(call.invocation, max(counted, (attempt_header(call).number or 0) if self._has_others else 0))

    def ended(self, exchange: Exchange) -> None:
        """An attempt has ended: its answer is out, or its connection gone."""
        call = exchange.call
        assert call is not None
        # By far the most requests succeed, and nothing that had failed is about them
        if not exchange.error and not exchange.fault and call.operation not in self._undone and call.operation not in _BATCHES:
            return
        if exchange.ended is not None:
            outcome = classify_response(exchange).outcome
            self.end(call, exchange.place, exchange.ended, outcome, left_undone(exchange, outcome))

    def end(self, call: Call, attempt: Attempt, at: float, outcome: ResponseClass, left: Call | None = None) -> None:
        """An attempt is over. `outcome` is what its client could read of it, `left` what a batch gave back undone, None for nothing. `at`
        is in monotonic seconds."""
        succeeded = outcome is ResponseClass.SUCCESS
        with self._lock:
            chain = self._chains.pop(attempt[:2], None)
            if succeeded and left is None:
                if chain is not None:
                    self._drop(chain, chain.pieces)
                return
            if attempt.is_ambiguous:
                return
            if chain is None:
                chain = self._begin(call, attempt, self._work_of(call))
                del self._chains[attempt[:2]]
            if left is not None:
                undone = frozenset(self._work_of(left))
                self._drop(chain, [piece for piece in chain.pieces if piece not in undone])
            chain.under_way, chain.ended = False, at
            chain.retryable = outcome in RETRYABLE or outcome is ResponseClass.CORRUPT
            if chain.connection:
                self._open[chain.connection] = chain

    def disconnected(self, connection: int) -> None:
        """A connection is closed: who used it goes on with another."""
        with self._lock:
            self._open.pop(connection, None)

    # --- all below holds the lock

    def _identify(self, identity: tuple[object, ...], told: int | None) -> int:
        attempts = max(self._identified.get(identity, 0) + 1, told or 0)
        self._identified[identity] = attempts
        if len(self._identified) > MAX_REMEMBERED:
            self._identified.popitem(last=False)
        return attempts

    def _guess(self) -> str:
        self._guesses += 1
        return f"call-{self._guesses}"

    def _numbered(self, call: Call, call_id: str, ordinal: int) -> Attempt:
        """The place of an attempt that its client numbers, while some work is not done yet."""
        pieces = self._work_of(call)
        found = self._found(pieces)
        known = self._by_call.get(call_id, ()) if found else ()
        own = next((chain for chain in known if any(name in found for name in chain.pieces)), None)
        if own is not None:
            return self._go_on(own, {piece: own for piece in own.pieces}, call, pieces, call_id, ordinal)
        if ordinal > 1 or not found:
            # Where there was an attempt before, it has not been seen to end; its client knows better
            return Attempt(call_id, ordinal, call_id, ordinal)
        try:
            before = {name: chain for name, piece in found.items() if (chain := self._only(piece, call)) is not None}
        except _Ambiguous:
            return Attempt(call_id, ordinal, call_id, 0)
        if not before:
            return _first(call_id)
        return self._go_on(_furthest(before.values()), before, call, pieces, call_id, ordinal)

    def _guessed(self, call: Call) -> Attempt:
        """The place of a request that says nothing of that itself, while some work is not done yet."""
        pieces = self._work_of(call)
        found = self._found(pieces)
        try:
            before = {name: chain for name, piece in found.items() if (chain := self._by_connection(piece, call)) is not None}
        except _Ambiguous:
            return Attempt(self._guess(), 0, "", 0)
        if not before:
            return _first(self._guess())
        latest = _furthest(before.values())
        gap = call.request.arrived - latest.ended
        if latest.is_guessed and latest.retryable and gap <= latest.patience and latest.body == _short(call.request.body):
            return self._go_on(latest, before, call, pieces, latest.attempt.call_id, latest.attempt.ordinal + 1, gap)
        return self._go_on(latest, before, call, pieces, self._guess(), 1)

    def _found(self, pieces: Iterable[Hashable]) -> dict[Hashable, _Piece]:
        return {name: self._pieces[name] for name in pieces if name in self._pieces}

    def _by_connection(self, piece: _Piece, call: Call) -> _Chain | None:
        """The chain that a request goes on with whose client numbers nothing: that of its connection, while there is one. Raises
        _Ambiguous."""
        connection = call.request.connection
        idle = [chain for chain in piece.chains if not chain.under_way]
        if piece.is_crowded and _is_sdk(call):
            # Whoever is next takes a connection of an SDK's pool
            return self._only(piece, call, idle)
        same = [chain for chain in idle if connection and chain.connection == connection]
        if same:
            return _furthest(same) if len(same) == 1 else _nobody_knows()
        # Whoever still has a connection of its own would have used that
        return self._only(piece, call, [chain for chain in idle if chain.connection not in self._open or self._is_shared(call, chain)])

    def _is_shared(self, call: Call, chain: _Chain) -> bool:
        """Whether an SDK was seen to hand connections from worker to worker: what went on since a chain's last try was on its connection,
        or what is not done yet on the one that a request comes on."""
        if not _is_sdk(call):
            return False
        there = self._open.get(call.request.connection)
        is_undone = there is not None and there.pieces not in ((), chain.pieces)
        return is_undone or self._open.get(chain.connection) is not chain

    def _only(self, piece: _Piece, call: Call, idle: list[_Chain] | None = None) -> _Chain | None:
        """The only chain that a request can go on with, None for one that begins. Raises _Ambiguous."""
        left = (chain for chain in piece.chains if not chain.under_way) if idle is None else iter(idle)
        if piece.is_crowded:
            # What went on with one of several may have been taken for another: silence ends it
            left = (chain for chain in left if call.request.arrived - chain.ended <= chain.patience)
        found = next(left, None)
        if found is not None and (piece.is_crowded or next(left, None) is not None):
            _nobody_knows()
        return found

    def _go_on(
        self,
        latest: _Chain,
        before: Mapping[Hashable, _Chain],
        call: Call,
        pieces: tuple[Hashable, ...],
        call_id: str,
        ordinal: int,
        gap: float = 0.0,
    ) -> Attempt:
        """The next try of the work that `before` names by its pieces, and of whatever else the request asks for."""
        known = latest.attempt
        by_item = None
        if call.operation in _BATCHES:
            by_item = {
                _item(name): chain.attempt.tries_of(*_item(name)) + _steps(chain, call_id, ordinal) for name, chain in before.items()
            }
        attempt = Attempt(call_id, ordinal, known.work, known.tries + _steps(latest, call_id, ordinal), by_item)
        if latest.is_gone_on_with(attempt, call, pieces):
            return self._repeat(latest, attempt, call, gap)
        for name, chain in before.items():
            if name in pieces:
                self._drop(chain, [name])
        self._begin(call, attempt, pieces, gap)
        return attempt

    def _repeat(self, chain: _Chain, attempt: Attempt, call: Call, gap: float) -> Attempt:
        """As dropping a chain and beginning another in its place, where all else of it is the same."""
        of_call = self._by_call[attempt.call_id]
        for name in chain.pieces:
            self._pieces.move_to_end(name)
            piece = self._pieces[name]
            # Whoever is alone at it now is taken for the only one
            piece.is_crowded = len(piece.chains) > 1
            for chains in (piece.chains, of_call):
                del chains[chain]
                chains[chain] = None
        chain.attempt, chain.body, chain.gap = attempt, _short(call.request.body), gap
        chain.under_way = True
        self._chains[attempt[:2]] = chain
        return attempt

    def _begin(self, call: Call, attempt: Attempt, pieces: tuple[Hashable, ...], gap: float = 0.0) -> _Chain:
        chain = _Chain(attempt, _short(call.request.body), call.request.connection, pieces, _identity(call) is None, gap=gap)
        self._by_call.setdefault(attempt.call_id, {})[chain] = None
        for name in pieces:
            piece = self._pieces.get(name)
            if piece is None:
                piece = self._pieces[name] = _Piece()
                self._undone[call.operation] = self._undone.get(call.operation, 0) + 1
            piece.is_crowded = piece.is_crowded or bool(piece.chains)
            piece.chains[chain] = None
            if len(piece.chains) > MAX_CHAINS:
                self._forget(next(iter(piece.chains)), name)
        self._chains[attempt[:2]] = chain
        while len(self._pieces) > MAX_REMEMBERED:
            name, forgotten = next(iter(self._pieces.items()))
            for lost in list(forgotten.chains):
                self._forget(lost, name)
        return chain

    def _forget(self, chain: _Chain, name: Hashable) -> None:
        """A piece of a chain that will not be waited for any more."""
        self._chains.pop(chain.attempt[:2], None)
        self._drop(chain, [name])

    def _drop(self, chain: _Chain, done: Iterable[Hashable]) -> None:
        """Pieces of a chain are done, or go on in another."""
        gone = frozenset(done)
        for name in gone:
            piece = self._pieces.get(name)
            if piece is not None and chain in piece.chains:
                del piece.chains[chain]
                if not piece.chains:
                    self._remove(name)
        chain.pieces = tuple(name for name in chain.pieces if name not in gone)
        of_call = self._by_call.get(chain.attempt.call_id)
        if of_call is not None and not chain.pieces:
            of_call.pop(chain, None)
            if not of_call:
                del self._by_call[chain.attempt.call_id]

    def _remove(self, name: Hashable) -> None:
        """A piece that nothing goes on with."""
        del self._pieces[name]
        operation = _operation(name)
        left = self._undone[operation] - 1
        if left:
            self._undone[operation] = left
        else:
            del self._undone[operation]

    def _work_of(self, call: Call) -> tuple[Hashable, ...]:
        return work_of(call, self._key_names)


def work_of(call: Call, key_names: KeyNames) -> tuple[Hashable, ...]:
    """The pieces of work that a request asks for: each entry of a batch by itself, otherwise all of it as one. Equal for requests of one
    client that are about the same."""
    request, operation = call.request, call.operation
    who = (call.access_key, request.headers.get("user-agent"), request.peer.rpartition(":")[0])
    # Reading an item and changing it are two things, though both may be statements
    what = (*who, call.service, operation, call.region, *(verbs(call) if operation in OF_STATEMENTS else ()))
    keys = [(table, canonical(key)) for table, key in keys_of(call, key_names)]
    if keys and operation in _BATCHES:
        return tuple(dict.fromkeys((*what, key) for key in keys))
    return ((*what, *sorted(keys)),) if keys else ((*what, _short(canonical(without_tokens(call)))),)


def _operation(piece: Hashable) -> str:
    """The operation that a piece of work is of."""
    assert isinstance(piece, tuple)
    return str(piece[4])


def _short(content: bytes) -> bytes:
    """What stands for a content that is only compared."""
    return content if len(content) <= _MAX_CONTENT else blake2b(content, digest_size=32).digest()


def _is_sdk(call: Call) -> bool:
    return client_of(call.request.headers).sdk is not None


def _first(call_id: str) -> Attempt:
    # As `Attempt(...)`, which every request would pay for twice
    return tuple.__new__(Attempt, (call_id, 1, call_id, 1, None))


def _steps(chain: _Chain, call_id: str, ordinal: int) -> int:
    """How many tries it is from a chain's latest attempt to this one. Attempts that have not been seen to end are tries, too."""
    known = chain.attempt
    return max(1, ordinal - known.ordinal) if call_id == known.call_id else 1


def _item(piece: Hashable) -> tuple[str, bytes]:
    """The entry of a batch that a piece of work is, by table and key; nothing for a batch without keys, which is one piece."""
    assert isinstance(piece, tuple)
    table, key = piece[-1] if isinstance(piece[-1], tuple) else ("", b"")
    return table, key


def _furthest(chains: Iterable[_Chain]) -> _Chain:
    return max(chains, key=lambda chain: chain.attempt.tries)


def _nobody_knows() -> NoReturn:
    raise _Ambiguous


def without_tokens(call: Call) -> dict[str, object]:
    """What a request asks, without what makes it repeatable."""
    return {name: value for name, value in call.params.items() if name not in TOKENS}


def _identity(call: Call) -> tuple[object, ...] | None:
    if call.invocation:
        return ("id", call.invocation)
    name = _token_names().get(call.operation)
    token = None if name is None else call.params.get(name)
    return ("token", call.operation, call.access_key, token) if token else None


@cache
def _token_names() -> dict[str, str]:
    """The parameter that makes an operation repeatable, of those that have one."""
    return {
        name: token
        for service in load_services().values()
        for name, operation in service.operations.items()
        for token in TOKENS
        if operation.input and token in service.shape(operation.input).members
    }
