"""The client's logical calls: which requests are attempts of one call of its SDK.

While requests come, `CallTracker` numbers each; afterwards, `group` puts a journal's entries together again. Three ways to tell,
the first that applies:

1. the SDK's invocation id (`amz-sdk-invocation-id`, or `aws-sdk-invocation-id` from PHP and the old mobile SDKs): authoritative;
2. an idempotency token in the body, constant over attempts (SDKs that send no id still fill it: JS v2, Go v1);
3. the same request from the same client, while the attempt before ended in a way that clients retry, and not too long ago. One
   call has one attempt under way at most, so a second identical request at the same time opens a call of its own.

Neither signatures nor connections tell: SDKs re-sign each attempt, and reconnect after some failures only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from emulator.journal import Exchange
from emulator.messages import Call
from emulator.outcomes import ResponseClass, classify_response

# Clients come and go; the longest idle calls are forgotten first
MOST_REMEMBERED = 50_000
# No SDK waits longer between attempts, save Go v1 at the end of its ladder; twice the gap before is allowed on top of it
LONGEST_GAP = 30.0
_TOKENS = ("ClientRequestToken", "ClientToken", "IdempotencyToken")


class Attempt(NamedTuple):
    """A request's place: which logical call, and which attempt of it, from 1."""

    call_id: str
    ordinal: int


@dataclass(slots=True)
class _OpenCall:
    """A call that was guessed, and that may go on: its last attempt ended in a way that clients retry. Times are monotonic
    seconds."""

    call_id: str
    attempts: int
    ended: float
    gap: float = 0.0
    under_way: bool = False


class CallTracker:
    """Numbers attempts as they arrive. Thread-safe; remembers a bounded number of calls.

    A guessed call is remembered only while it may go on. So a request costs next to nothing where nothing fails, and one under way
    is never taken for the attempt before an identical one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._identified: OrderedDict[tuple[object, ...], int] = OrderedDict()
        self._open: OrderedDict[tuple[object, ...], list[_OpenCall]] = OrderedDict()
        self._guesses = 0

    def arrived(self, call: Call) -> Attempt:
        """The place of a request that has just come in."""
        key = _identity(call)
        with self._lock:
            if key is not None:
                return Attempt(str(key[-1]), self._identify(key))
            open_call = self._find(call, call.request.arrived) if self._open else None
            if open_call is None:
                self._guesses += 1
                return Attempt(f"call-{self._guesses}", 1)
            open_call.attempts += 1
            open_call.under_way = True
            return Attempt(open_call.call_id, open_call.attempts)

    def ended(self, call: Call, attempt: Attempt, at: float, *, retryable: bool) -> None:
        """An attempt is over: its answer is out, or its connection gone. `retryable`: a client may try again."""
        if (not retryable and attempt.ordinal == 1) or _identity(call) is not None:
            return
        key = _fingerprint(call)
        with self._lock:
            candidates = self._open.get(key, [])
            known = next((candidate for candidate in candidates if candidate.call_id == attempt.call_id), None)
            if known is not None:
                known.under_way, known.ended = False, at
                if not retryable:
                    self._forget(key, known)
            elif retryable:
                self._remember(key, _OpenCall(attempt.call_id, attempt.ordinal, at))

    def _identify(self, key: tuple[object, ...]) -> int:
        attempts = self._identified.get(key, 0) + 1
        self._identified[key] = attempts
        if len(self._identified) > MOST_REMEMBERED:
            self._identified.popitem(last=False)
        return attempts

    def _find(self, call: Call, now: float) -> _OpenCall | None:
        for candidate in self._open.get(_fingerprint(call), ()):
            gap = now - candidate.ended
            if not candidate.under_way and gap <= max(LONGEST_GAP, 2 * candidate.gap):
                candidate.gap = gap
                return candidate
        return None

    def _remember(self, key: tuple[object, ...], open_call: _OpenCall) -> None:
        self._open.setdefault(key, []).append(open_call)
        if len(self._open) > MOST_REMEMBERED:
            self._open.popitem(last=False)

    def _forget(self, key: tuple[object, ...], open_call: _OpenCall) -> None:
        candidates = self._open[key]
        candidates.remove(open_call)
        if not candidates:
            del self._open[key]


def _identity(call: Call) -> tuple[object, ...] | None:
    if call.invocation:
        return ("id", call.invocation)
    for name in _TOKENS:
        token = call.params.get(name)
        if token:
            return ("token", call.operation, call.access_key, token)
    return None


def _fingerprint(call: Call) -> tuple[object, ...]:
    """What the attempts of one call have in common; the body as a digest, since open calls are kept for long."""
    request = call.request
    address = request.peer.rpartition(":")[0]
    body = blake2b(request.body, digest_size=16).digest()
    return (call.access_key, request.headers.get("user-agent"), address, call.operation, call.region, body)


@dataclass(slots=True)
class LogicalCall:
    """One call of the client's SDK: the exchanges of its attempts in order of arrival."""

    id: str
    attempt_records: list[Exchange] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        return len(self.attempt_records)

    @property
    def first(self) -> Exchange:
        return self.attempt_records[0]

    @property
    def last(self) -> Exchange:
        return self.attempt_records[-1]

    def is_about(self, operation: str | None, table: str | None) -> bool:
        call = self.first.call
        assert call is not None
        return operation in (None, call.operation) and (table is None or table in call.tables)

    @property
    def outcome(self) -> str:
        """What the last attempt told the client: "success", the name of an error or its status, "corrupt answer", "short answer" where
        only its length promised more, or what became of the connection."""
        last = classify_response(self.last)
        return self.last.error or "success" if last.outcome is ResponseClass.PENDING else last.error or "success"

    @property
    def gaps(self) -> list[float | None]:
        """Seconds from the end of each answer to the arrival of the next attempt; None where an attempt began before the
        one before it had ended."""
        pairs = zip(self.attempt_records, self.attempt_records[1:], strict=False)
        return [_gap(before, after) for before, after in pairs]

    @property
    def applied(self) -> int:
        """How many of the attempts were really carried out as writes."""
        return sum(entry.applied is True for entry in self.attempt_records)


def _gap(before: Exchange, after: Exchange) -> float | None:
    gap = None if before.ended is None else after.request.arrived - before.ended
    return gap if gap is not None and gap >= 0 else None


def group(entries: Iterable[Exchange]) -> list[LogicalCall]:
    """The logical calls in order of their first attempt. Requests that were not understood belong to none."""
    calls: dict[str, LogicalCall] = {}
    for entry in entries:
        if entry.call is not None:
            calls.setdefault(entry.call_id, LogicalCall(entry.call_id)).attempt_records.append(entry)
    return list(calls.values())
