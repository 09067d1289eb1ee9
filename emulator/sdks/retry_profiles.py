"""What the AWS SDKs' retry modes do, as data: one row per SDK and mode, of a DynamoDB client unless its name ends in "-other" (clients
of other services). Which version has which is in `profiles`.

Numbers are those of a client with default settings, read from the SDKs' sources and documentation or measured, November 2026 (botocore
1.40.76 to 1.44.5, aws-sdk-go-v2 1.47.6, aws-sdk-js 3.1161.0). What becomes of the numbers (a price, a verdict) is not decided here.
"""

from __future__ import annotations

from enum import Enum

from dynafault_dataclass import dataclass


class Jitter(Enum):
    """How a delay is spread: NONE not at all, FULL over 0..delay, EQUAL over delay/2..delay, ADDED over delay..2*delay."""

    NONE = "none"
    FULL = "full"
    EQUAL = "equal"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Quota:
    """What a retry takes out of a client's 500 tokens, by what it follows. A success after retries gives the last cost back, any
    other success one token."""

    transient: int
    throttling: int
    timeout: int


QUOTA_SIZE = 500
# The headers that ask for a wait: in milliseconds, SDKs since 2026; in seconds, HTTP's own
MILLISECONDS_HINT, SECONDS_HINT = "x-amz-retry-after", "retry-after"
# Every cap is reached long before; a float holds no higher power than about a thousand
_LONG = 60


@dataclass(frozen=True, slots=True)
class RetryProfile:
    """`attempts` in total. The wait before retry n (from 0) is at most `min(cap, base * growth**n)` seconds, after the first
    `immediate` retries, which do not wait. `throttling_base` and `throttling_jitter` hold for throttling errors. `quota` None:
    retries are not rationed. `throttling_statuses` are those of server errors after which it waits as after throttling. `heeds` is the
    header by which a server can ask it for a wait, "" where there is none."""

    name: str
    attempts: int
    base: float
    cap: float
    jitter: Jitter
    throttling_base: float
    throttling_jitter: Jitter
    growth: float = 2.0
    immediate: int = 0
    quota: Quota | None = None
    heeds: str = ""
    throttling_statuses: tuple[int, ...] = ()

    def longest_wait(self, retry: int, throttling: bool) -> float:
        """The most that a client waits before a retry, in seconds."""
        if retry < self.immediate:
            return 0.0
        base, jitter = (self.throttling_base, self.throttling_jitter) if throttling else (self.base, self.jitter)
        grown = base * self.growth ** min(retry - self.immediate, _LONG)
        return min(self.cap, grown) * (2.0 if jitter is Jitter.ADDED else 1.0)

    def longest_call(self, throttling: bool, attempts: int | None = None) -> float:
        """The most that a call waits in all when every attempt fails, in seconds."""
        return sum(self.longest_wait(retry, throttling) for retry in range((attempts or self.attempts) - 1))


_OLD_QUOTA = Quota(5, 5, 10)
_NEW_QUOTA = Quota(14, 5, 14)
# Long enough for any ladder without a cap
_NO_CAP = 3600.0


def _row(
    name: str,
    attempts: int,
    base: float,
    cap: float,
    jitter: Jitter,
    throttling: float | None = None,
    throttling_jitter: Jitter | None = None,
    *,
    growth: float = 2.0,
    immediate: int = 0,
    quota: Quota | None = None,
    heeds: str = "",
    throttling_statuses: tuple[int, ...] = (),
) -> RetryProfile:
    slow = base if throttling is None else throttling
    return RetryProfile(
        name, attempts, base, cap, jitter, slow, throttling_jitter or jitter, growth, immediate, quota, heeds, throttling_statuses
    )


def _new(sdk: str) -> RetryProfile:
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: 25 ms and 4 attempts hold for DynamoDB
    return _row(f"{sdk}-2026", 4, 0.025, 20.0, Jitter.FULL, 1.0, quota=_NEW_QUOTA, heeds=MILLISECONDS_HINT)


_ROWS = (
    # one documented behaviour for all SDKs since November 2026
    _new("standard"),
    # ... and of clients of other services: 50 ms and 3 attempts
    _row("standard-2026-other", 3, 0.05, 20.0, Jitter.FULL, 1.0, quota=_NEW_QUOTA, heeds=MILLISECONDS_HINT),
    _row("botocore-legacy", 10, 0.05, _NO_CAP, Jitter.NONE),
    # "base": "rand": up to 1 s, 2 s, 4 s ...
    _row("botocore-legacy-other", 5, 1.0, _NO_CAP, Jitter.FULL),
    _row("botocore-standard", 3, 1.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _row("botocore-adaptive", 3, 1.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _new("botocore"),
    _row("java-v1", 11, 0.025, 20.0, Jitter.FULL, 0.5, Jitter.EQUAL, quota=_OLD_QUOTA),
    _row("java-v1-other", 4, 0.1, 20.0, Jitter.FULL, 0.5, Jitter.EQUAL, quota=_OLD_QUOTA),
    _row("java-v2-legacy", 9, 0.025, 20.0, Jitter.FULL, 0.5, Jitter.EQUAL, quota=Quota(5, 0, 5)),
    _row("java-v2-standard", 9, 0.025, 20.0, Jitter.FULL, 1.0, quota=Quota(5, 5, 5)),
    _new("java-v2"),
    # aws/client/default_retryer.go and aws/request/retryer.go; 503 measured, 1.55.8
    _row("go-v1", 11, 0.05, 150.0, Jitter.ADDED, 0.5, throttling_statuses=(502, 503, 504)),
    # Measured, aws-sdk-go-v2 1.47.6: up to 2 s before the first retry, 4 s before the second
    _row("go-v2", 3, 2.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _new("go-v2"),
    _row("js-v2", 11, 0.05, _NO_CAP, Jitter.FULL),
    _row("js-v3", 3, 0.1, 20.0, Jitter.FULL, 0.5, quota=Quota(10, 5, 10), heeds=SECONDS_HINT),
    _new("js-v3"),
    _row("rust", 3, 1.0, 20.0, Jitter.FULL, quota=Quota(10, 5, 10)),
    _new("rust"),
    _row("net-legacy", 11, 0.05, 30.0, Jitter.NONE, quota=_OLD_QUOTA),
    _row("net-standard", 10, 1.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _new("net"),
    _row("php-legacy", 11, 0.05, 10.0, Jitter.FULL, immediate=1),
    _new("php"),
    _row("ruby-legacy", 11, 0.1, _NO_CAP, Jitter.NONE, immediate=2),
    _row("ruby-standard", 3, 1.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _new("ruby"),
    _row("cpp-legacy", 11, 0.025, _NO_CAP, Jitter.NONE),
    _row("cpp-standard", 3, 1.0, 20.0, Jitter.FULL, quota=_OLD_QUOTA),
    _new("cpp"),
    _row("kotlin", 3, 0.01, 20.0, Jitter.FULL, 1.0, growth=1.5, quota=Quota(10, 10, 10), heeds=MILLISECONDS_HINT),
    _new("kotlin"),
)

PROFILES: dict[str, RetryProfile] = {row.name: row for row in _ROWS}
