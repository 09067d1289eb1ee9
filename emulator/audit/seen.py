"""What a run shows of each logical call: its client, the answer to each attempt, and the gaps between attempts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import orjson

from dynafault_dataclass import dataclass
from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall
from emulator.journal.outcomes import RETRYABLE, ClientOutcome, ResponseClass, RetryHint, classify_response, retry_hint
from emulator.journal.tracking import TOKENS
from emulator.messages import Call
from emulator.sdks.detection import AttemptHeader, Client, attempt_header, is_waiter
from emulator.sdks.profiles import KnownProfile
from emulator.sdks.retry_profiles import SECONDS_HINT, RetryProfile

_SHORT_ID = 8


@dataclass(frozen=True, slots=True, eq=False)
class ClientKey:
    """Clients that cannot be told apart: one SDK and mode with one access key at one address. One object for each, so that it is
    compared by identity."""

    client: Client
    access_key: str
    address: str


@dataclass(frozen=True, slots=True)
class Gap:
    """The wait before a retry, in seconds, from the end of the answer before to the moment `until`. `retry` counts from 0; `hint` is
    what the answer asked for, None where it asked for nothing that this client may heed."""

    call: JudgedCall
    retry: int
    seconds: float
    until: float
    after: ClientOutcome
    asked: RetryHint | None

    @property
    def hint(self) -> float | None:
        """The wait that the answer asked for, in seconds."""
        return None if self.asked is None else self.asked.seconds

    @property
    def is_throttling(self) -> bool:
        """Whether the client waits as after throttling."""
        if self.after.outcome is ResponseClass.THROTTLED:
            return True
        profile = self.call.profile
        is_answered = self.after.outcome is ResponseClass.TRANSIENT
        return is_answered and profile is not None and self.after.status in profile.throttling_statuses


class JudgedCall:
    """A logical call with its client. `answers` are what the client could read after each attempt, in the order of `entries`."""

    def __init__(self, call: LogicalCall, client: ClientKey) -> None:
        self.id = call.id
        self.entries: Sequence[Exchange] = call.attempt_records
        self.client = client.client
        self.client_key = client
        self.answers = tuple(classify_response(entry) for entry in call.attempt_records)
        first = call.first.call
        assert first is not None
        self.request: Call = first
        self.started = call.first.request.arrived

    @property
    def attempts(self) -> int:
        return len(self.entries)

    @property
    def operation(self) -> str:
        return self.request.operation

    @property
    def label(self) -> str:
        """How verdicts name it, e.g. "PutItem b56fd6b3"."""
        return f"{self.operation} {self.short_id}"

    @property
    def short_id(self) -> str:
        return self.id[:_SHORT_ID] if len(self.id) > 2 * _SHORT_ID else self.id

    @property
    def is_identified(self) -> bool:
        """Whether the client says itself which attempts belong together."""
        return bool(self.request.invocation)

    @property
    def is_write(self) -> bool:
        return self.entries[0].applied is not None

    @property
    def work(self) -> str:
        """The name of the piece of work that it began or went on with, "" where nobody can tell."""
        return self.entries[0].work

    @property
    def is_ambiguous(self) -> bool:
        """Whether it may be one of several workers' whose requests nothing tells apart."""
        return any(entry.tries == 0 for entry in self.entries)

    @property
    def is_waiter(self) -> bool:
        return is_waiter(self.request.request.headers)

    @property
    def is_over(self) -> bool:
        return self.answers[-1].outcome is not ResponseClass.PENDING

    @property
    def outcome(self) -> str:
        """How it ended, in the report's words: see `LogicalCall.outcome`."""
        return "cut" if not self.is_over else self.answers[-1].error or "success"

    @property
    def applied(self) -> int:
        """How many of its attempts were really carried out as writes."""
        return sum(entry.applied is True for entry in self.entries)

    @property
    def ended(self) -> float:
        """When its last attempt ended, or began if it has not ended."""
        last = self.entries[-1]
        return last.request.arrived if last.ended is None else last.ended

    @property
    def failed(self) -> bool:
        """Whether it ended with something that could have been tried again."""
        return self.answers[-1].outcome in RETRYABLE

    @cached_property
    def headers(self) -> tuple[AttemptHeader, ...]:
        return tuple(attempt_header(entry) for entry in self.entries)

    @cached_property
    def declared(self) -> int | None:
        """The most attempts that the client says it makes."""
        return next((header.most for header in reversed(self.headers) if header.most is not None), None)

    @property
    def profile(self) -> RetryProfile | None:
        """The documented behaviour of the SDK, version and mode, None for a client that is not known."""
        known = self._known_profile
        return None if known is None else known.profile

    @property
    def is_profile_sure(self) -> bool:
        """Whether the client's version and mode alone say that its profile is the one of `profile`."""
        known = self._known_profile
        return known is not None and known.is_sure

    @cached_property
    def _known_profile(self) -> KnownProfile | None:
        return self.client.profile(self.request.service, self.declared)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The waits before retries, but for those that nobody knows: where attempts overlap, or the one before has not ended."""
        return tuple(self._gaps())

    def _gaps(self) -> Iterator[Gap]:
        for retry, (before, after) in enumerate(pairwise(self.entries)):
            if before.ended is not None and after.request.arrived >= before.ended:
                yield Gap(
                    self, retry, after.request.arrived - before.ended, after.request.arrived, self.answers[retry], self._asked(before)
                )

    def _asked(self, entry: Exchange) -> RetryHint | None:
        hint = retry_hint(entry)
        ignores_seconds = self.profile is not None and self.profile.heeds != SECONDS_HINT
        return None if hint is None or (hint.header == SECONDS_HINT and ignores_seconds) else hint

    @cached_property
    def fingerprint(self) -> tuple[object, ...]:
        """Equal for calls of one client that ask the same, idempotency tokens aside."""
        call = self.request
        body: object = call.request.body
        if any(token in call.params for token in TOKENS):
            plain = {name: value for name, value in call.params.items() if name not in TOKENS}
            body = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS, default=repr)
        return (self.client_key, call.service, call.operation, call.region, body)

    @property
    def token(self) -> str:
        return next((str(self.request.params[name]) for name in TOKENS if self.request.params.get(name)), "")


class ApplicationLoop(JudgedCall):
    """Calls by which an application that has no retrying SDK tries the same work again itself. It is named like the first of them; no SDK
    declares its attempts, and no SDK's documentation fits its waits."""

    def __init__(self, calls: Sequence[JudgedCall]) -> None:
        entries = [entry for call in calls for entry in call.entries]
        super().__init__(LogicalCall(calls[0].id, entries), calls[0].client_key)
        self.rounds = tuple(calls)

    @cached_property
    def declared(self) -> int | None:
        return None

    @cached_property
    def _known_profile(self) -> KnownProfile | None:
        return None
