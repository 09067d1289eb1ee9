"""What is documented of the client that a measurement is of, and how its waits lie to that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from emulator.sdks.detection import client_of
from emulator.sdks.retry_profiles import RetryProfile
from sdks.data import Measured
from sdks.work import load_steps

# What a busy machine may add to a wait, in seconds
SLACK = 0.3
# Their waits are told by somebody else than the SDK
_OTHER_WAITS = ("retry-after", "clock-skew", "expired-iterator", "half-batch")
_THROTTLING = ("throttled", "outage-throttling", "hot-key", "transaction-in-progress")


@dataclass(frozen=True)
class Wait:
    """The wait in the middle of those before a retry (from 0) and the longest documented one, in seconds. A machine can hold up one of
    them for any time, and hardly half of them."""

    operation: str
    retry: int
    seconds: float
    most: float

    @property
    def is_beyond(self) -> bool:
        return self.seconds > self.most + SLACK

    def __str__(self) -> str:
        return f"{self.operation} waited {self.seconds:.3f} s before attempt {self.retry + 2}, documented are {self.most:.3f} s at most"


def profile_for(measured: Measured, mode: str, service: str = "dynamodb") -> RetryProfile | None:
    """The retry profile by which the audit judges this client of a service; None where nothing is known of it."""
    headers = measured.modes[mode].headers
    most = headers.get("amz-sdk-request", "").partition("max=")[2]
    known = client_of(headers).profile(service, int(most) if most else None)
    return None if known is None else known.profile


def is_throttling(step: str, profile: RetryProfile | None) -> bool:
    """Whether an SDK waits as after throttling for what goes wrong in a step."""
    is_unavailable = step == "unavailable-html" and profile is not None and 503 in profile.throttling_statuses
    return is_unavailable or step.startswith(_THROTTLING)


def typical_waits(measured: Measured, mode: str, facts: Mapping[str, Any]) -> Iterator[Wait]:
    """The waits of a run beside the documented ones, where there are such: with one kind of fault, of DynamoDB's own operations."""
    profile = profile_for(measured, mode)
    step = next((step for step in load_steps() if step.fingerprint == facts["step"]), None)
    if (
        profile is None
        or step is None
        or step.name in ("retry-after", "clock-skew", "expired-iterator")
        or step.does.startswith("gateways")
    ):
        return
    for operation, calls in facts["calls"].items():
        for retry, waits in enumerate(calls["waits_ms"]):
            if waits:
                yield Wait(operation, retry, median_low(waits) / 1000, profile.longest_wait(retry, is_throttling(step.name, profile)))
