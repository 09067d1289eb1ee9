"""Simulated clients: SDKs that do what their retry profile says, and programs with one flaw each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from calibration.world import Answer, Doing, Send, Sleep
from emulator.journal.outcomes import RETRYABLE, ResponseClass
from emulator.sdks.retry_profiles import MILLISECONDS_HINT, PROFILES, QUOTA_SIZE, Jitter, RetryProfile

_HINT_MOST = 5.0

# How each profile's client calls itself; a "4" behind it declares four attempts
AGENTS = {
    "botocore-legacy": "Boto3/1.43.11 md/Botocore#1.43.11 m/D cfg/retry-mode#legacy Botocore/1.43.11",
    "botocore-legacy-other": "Boto3/1.43.11 md/Botocore#1.43.11 m/D cfg/retry-mode#legacy Botocore/1.43.11",
    "botocore-standard": "Boto3/1.43.11 md/Botocore#1.43.11 m/E cfg/retry-mode#standard Botocore/1.43.11",
    "botocore-adaptive": "Boto3/1.43.11 md/Botocore#1.43.11 m/F cfg/retry-mode#adaptive Botocore/1.43.11",
    "botocore-2026": "Boto3/1.44.8 md/Botocore#1.44.8 m/E cfg/retry-mode#standard Botocore/1.44.8",
    "standard-2026-other": "Boto3/1.44.8 md/Botocore#1.44.8 m/E cfg/retry-mode#standard Botocore/1.44.8",
    "java-v1": "aws-sdk-java/1.12.750 Linux/5.10",
    "java-v1-other": "aws-sdk-java/1.12.750 Linux/5.10",
    "java-v2-legacy": "aws-sdk-java/2.29.0 cfg/retry-mode#legacy",
    "java-v2-standard": "aws-sdk-java/2.29.0 cfg/retry-mode#standard",
    "java-v2-2026": "aws-sdk-java/2.40.0 cfg/retry-mode#standard",
    "go-v1": "aws-sdk-go/1.55.0 (go1.22; linux; amd64)",
    "go-v2": "aws-sdk-go-v2/1.47.6 m/E",
    "go-v2-2026": "aws-sdk-go-v2/1.48.0 m/E",
    "js-v2": "aws-sdk-nodejs/2.1692.0 linux/v20 promise",
    "js-v3": "aws-sdk-js/3.900.0 ua/2.1 m/E",
    "js-v3-2026": "aws-sdk-js/3.1169.0 ua/2.1 m/E",
    "rust": "aws-sdk-rust/1.3.9 os/linux lang/rust/1.87.0",
    "rust-2026": "aws-sdk-rust/1.4.0 os/linux lang/rust/1.90.0",
    "net-legacy": "aws-sdk-dotnet-coreclr/3.7.305.28 ua/2.0 cfg/retry-mode#legacy",
    "net-standard": "aws-sdk-dotnet-coreclr/4.0.9.6 ua/2.1",
    "net-2026": "aws-sdk-dotnet-coreclr/4.0.20.0 ua/2.1",
    "php-legacy": "aws-sdk-php/3.300.0 ua/2.1 cfg/retry-mode#legacy",
    "php-2026": "aws-sdk-php/3.400.0 ua/2.1 cfg/retry-mode#standard",
    "ruby-legacy": "aws-sdk-ruby3/3.171.0 ruby/3.2.2",
    "ruby-standard": "aws-sdk-ruby3/3.171.0 ruby/3.2.2 m/E",
    "ruby-2026": "aws-sdk-ruby3/3.240.0 ruby/3.2.2 m/E",
    "cpp-legacy": "aws-sdk-cpp/1.11.493 m/D",
    "cpp-standard": "aws-sdk-cpp/1.11.493 m/E",
    "cpp-2026": "aws-sdk-cpp/1.11.700 m/E",
    "kotlin": "aws-sdk-kotlin/1.3.81",
    "kotlin-2026": "aws-sdk-kotlin/1.6.0",
}
SERVICES = {"botocore-legacy-other": "streams", "standard-2026-other": "backup-gateway", "java-v1-other": "backup-gateway"}
_WITHOUT_ID = ("go-v1", "js-v2")
_WITHOUT_NUMBERS = (*_WITHOUT_ID, "ruby-legacy", "php-legacy", "java-v1", "java-v1-other")


class Sdk:
    """One client object: its retries share a quota."""

    def __init__(self, profile: str, dice: Random) -> None:
        self.name = profile
        self.profile = PROFILES[profile]
        self.attempts = self.profile.attempts
        self._dice = dice
        self._tokens = QUOTA_SIZE

    def call(self, operation: str, params: dict[str, Any]) -> Doing:
        """One call of the application, with its retries; returns the last answer."""
        invocation = f"{self._dice.getrandbits(128):032x}"
        cost = 0
        for attempt in range(1, self.attempts + 1):
            answer = yield Send(operation, params, self.headers(invocation, attempt), SERVICES.get(self.name, "dynamodb"))
            assert answer is not None
            if answer.seen.outcome not in RETRYABLE:
                if answer.seen.outcome is ResponseClass.SUCCESS:
                    self._tokens = min(QUOTA_SIZE, self._tokens + (cost or 1))
                return answer
            throttling = answer.seen.outcome is ResponseClass.THROTTLED
            waits_long = throttling or answer.seen.status in self.profile.throttling_statuses
            quota = self.profile.quota
            cost = 0 if quota is None else quota.throttling if throttling else quota.transient
            if attempt == self.attempts or self._tokens < cost:
                return answer
            self._tokens -= cost
            yield Sleep(self.wait(attempt - 1, waits_long, answer.asked))
        return None

    def headers(self, invocation: str, attempt: int) -> dict[str, str]:
        found = {"user-agent": AGENTS[self.name]}
        if self.name not in _WITHOUT_ID:
            found["amz-sdk-invocation-id"] = invocation
        if self.name not in _WITHOUT_NUMBERS:
            found["amz-sdk-request"] = f"attempt={attempt}; max={self.attempts}"
        return found

    def wait(self, retry: int, throttling: bool, asked: float | None) -> float:
        drawn = draw(self.profile, retry, throttling, self._dice)
        if asked is not None and self.profile.heeds == MILLISECONDS_HINT:
            return min(max(asked, drawn), drawn + _HINT_MOST)
        return drawn


def draw(profile: RetryProfile, retry: int, throttling: bool, dice: Random) -> float:
    most = profile.longest_wait(retry, throttling)
    jitter = profile.throttling_jitter if throttling else profile.jitter
    least = {Jitter.NONE: 1.0, Jitter.FULL: 0.0}.get(jitter, 0.5)
    return most * (least + (1.0 - least) * dice.random())


Wait = Callable[[int, Random], float]


def doubled(retry: int, dice: Random) -> float:
    """Full jitter over 100 ms, 200 ms ... 20 s."""
    return min(20.0, 0.1 * 2.0**retry) * dice.random()


def _halved(retry: int, dice: Random) -> float:
    return 0.05 * 2.0**retry * dice.uniform(0.5, 1.0)


def _exact(retry: int, dice: Random) -> float:
    return 0.1 * 2.0**retry


def _capped(retry: int, dice: Random) -> float:
    return min(0.4, 0.05 * 2.0**retry) * dice.random()


def _added(retry: int, dice: Random) -> float:
    return 0.1 * 2.0**retry + 0.1 * dice.random()


def _slow(retry: int, dice: Random) -> float:
    return float(0.2 * 1.5**retry * dice.uniform(0.5, 1.5))


def _fibonacci(retry: int, dice: Random) -> float:
    return (0.1, 0.1, 0.2, 0.3, 0.5, 0.8)[retry] * dice.random()


def _short(retry: int, dice: Random) -> float:
    return 0.01 * 2.0**retry * dice.random()


def _at_once(later: Wait) -> Wait:
    """The first retry without a wait."""
    return lambda retry, dice: later(retry - 1, dice) if retry else 0.0


# How programs back off that do it themselves, and the warnings that they earn: they have no quota, and some have no jitter
BY_HAND: dict[str, tuple[Wait, frozenset[str]]] = {
    "by hand, full jitter": (doubled, frozenset({"V16"})),
    "by hand, equal jitter": (_halved, frozenset({"V16"})),
    "by hand, doubled": (_exact, frozenset({"V16", "V11", "V19"})),
    "by hand, capped at 400 ms": (_capped, frozenset({"V16"})),
    "by hand, doubled and some jitter": (_added, frozenset({"V16", "V11", "V19"})),
    "by hand, half as long again": (_slow, frozenset({"V16"})),
    "by hand, Fibonacci": (_fibonacci, frozenset({"V16"})),
    "by hand, full jitter from 10 ms": (_short, frozenset({"V16"})),
    "by hand, first at once": (_at_once(doubled), frozenset({"V16"})),
    "by hand, first at once, doubled": (_at_once(_exact), frozenset({"V16", "V11", "V19"})),
    "by hand, first at once, from 10 ms": (_at_once(_short), frozenset({"V16"})),
}


class Doer(Protocol):
    """Who makes calls for an application, and tries them again."""

    name: str

    def call(self, operation: str, params: dict[str, Any]) -> Doing: ...


class ByHand:
    """A program that backs off well by itself, up to four tries."""

    def __init__(self, name: str, dice: Random) -> None:
        self.name = name
        self._client = HandMade(BY_HAND[name][0], gives_up=4)
        self._dice = dice

    def call(self, operation: str, params: dict[str, Any]) -> Doing:
        return (yield from self._client.call(operation, params, self._dice))


@dataclass(frozen=True)
class HandMade:
    """A client without an SDK, which numbers nothing and tries again by itself. `wait` draws a wait; `gives_up` after so many tries."""

    wait: Wait = doubled
    gives_up: int = 5
    retries: frozenset[ResponseClass] = RETRYABLE
    agent: str = "hand-made/1.0"
    refreshes: Callable[[dict[str, Any], Random], dict[str, Any]] = lambda params, dice: params

    def call(self, operation: str, params: dict[str, Any], dice: Random) -> Doing:
        answer: Answer | None = None
        for attempt in range(self.gives_up):
            answer = yield Send(operation, params, {"user-agent": self.agent})
            assert answer is not None
            if answer.seen.outcome not in self.retries or attempt + 1 == self.gives_up:
                break
            yield Sleep(self.wait(attempt, dice))
            params = self.refreshes(params, dice)
        return answer
