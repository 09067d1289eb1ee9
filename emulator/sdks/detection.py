"""Who sent a request: the SDK, its version and its retry mode by its User-Agent, and what its attempt headers say of the attempt.

None of this is proof: a client can call itself anything. What a client does not say is not guessed, and callers can see that it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Protocol

from dynafault_dataclass import dataclass
from emulator.messages import HttpRequest
from emulator.sdks.catalogue import SDKS, Sdk, Version
from emulator.sdks.profiles import KnownProfile, profile_of

_MODE = re.compile(r"cfg/retry-mode[#/](legacy|standard|adaptive)")
_FEATURES = re.compile(r"(?:^|\s)m/([A-Za-z0-9+,-]+)")
# Feature ids of the common User-Agent format
_MODES_BY_FEATURE = {"D": "legacy", "E": "standard", "F": "adaptive"}
_WAITER, _PAGINATOR = "B", "C"
_NUMBERS = re.compile(r"(attempt|max)\s*=\s*(\d{1,6})")
_TTL = re.compile(r"ttl\s*=\s*(\d{8}T\d{6}Z)")
_AMZ_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_RETRIES = re.compile(r"(\d{1,6})/")


@dataclass(frozen=True, slots=True)
class Client:
    """A program's SDK. `name` is the first product of its User-Agent; `sdk` is None for a client that is no AWS SDK known here; `mode` is
    "" where the client does not say. `is_resource`: boto3's resource interface, whose batch_writer sends batches itself."""

    name: str = ""
    sdk: Sdk | None = None
    version: Version = ()
    mode: str = ""
    is_resource: bool = False

    @property
    def label(self) -> str:
        """For people, e.g. "boto3 (legacy mode)"."""
        if self.sdk is None:
            return self.name or "the client"
        return f"{self.sdk.label} ({self.mode} mode)" if self.mode else self.sdk.label

    @property
    def remedy(self) -> str:
        """How a warning about the client's retry mode ends: with the setting that changes it, or "" where there is none."""
        return f"; change that with {self.sdk.setting}" if self.sdk is not None and self.sdk.setting else ""

    @property
    def is_adaptive(self) -> bool:
        return self.mode == "adaptive"

    def profile(self, service: str = "dynamodb", most_attempts: int | None = None) -> KnownProfile | None:
        """The documented behaviour of this SDK, version and mode with a service; `most_attempts` is what the client says itself of how
        often it tries."""
        return None if self.sdk is None else profile_of(self.sdk.name, service, self.version, self.mode, most_attempts)


class Sent(Protocol):
    """Something that holds a request, such as an exchange of the journal."""

    @property
    def request(self) -> HttpRequest: ...


@dataclass(frozen=True, slots=True)
class AttemptHeader:
    """What a request says of itself. `number` counts as the SDK does, from 1 or (Ruby) from 0; `most` is its maximum; `ttl` the
    time, in seconds since 1970, at which it gives up."""

    number: int | None = None
    most: int | None = None
    ttl: float | None = None


def client_of(headers: Mapping[str, str]) -> Client:
    """The client that sent these headers (names in lower case)."""
    # In browsers, and for Rust's feature ids, the second header says what the first cannot
    text = f"{headers.get('user-agent', '')} {headers.get('x-amz-user-agent', '')}"
    name = text.partition(" ")[0]
    for sdk in SDKS:
        found = sdk.product.search(text)
        if found is not None:
            return Client(name, sdk, _version(found[1]), _mode(text), "Resource" in text.split())
    return Client(name)


def features_of(headers: Mapping[str, str]) -> frozenset[str]:
    """The feature ids of a User-Agent."""
    text = f"{headers.get('user-agent', '')} {headers.get('x-amz-user-agent', '')}"
    return frozenset(feature for match in _FEATURES.finditer(text) for feature in match[1].split(","))


def is_waiter(headers: Mapping[str, str]) -> bool:
    """Whether an SDK's waiter sent the request. Waiters expect errors, and each of their requests is a call of its own."""
    return _WAITER in features_of(headers)


def is_paginator(headers: Mapping[str, str]) -> bool:
    return _PAGINATOR in features_of(headers)


def attempt_header(entry: Sent) -> AttemptHeader:
    """`amz-sdk-request`, or the older `amz-sdk-retry` and `aws-sdk-retry`, which count retries from 0."""
    headers = entry.request.headers
    text = headers.get("amz-sdk-request")
    if text is not None:
        numbers = {name: int(number) for name, number in _NUMBERS.findall(text)}
        ttl = _TTL.search(text)
        return AttemptHeader(numbers.get("attempt"), numbers.get("max"), amz_time(ttl[1]) if ttl else None)
    retries = _RETRIES.match(headers.get("amz-sdk-retry") or headers.get("aws-sdk-retry") or "")
    return AttemptHeader(int(retries[1]) + 1) if retries else AttemptHeader()


def signed_at(entry: Sent) -> float | None:
    """When a request was signed, by the client's own clock, in seconds since 1970."""
    return amz_time(entry.request.headers.get("x-amz-date", ""))


def amz_time(text: str) -> float | None:
    """`20261120T220235Z` in seconds since 1970; None for anything else."""
    found = _AMZ_TIME.fullmatch(text)
    try:
        # Ten times as fast as strptime, and asked for every attempt
        return None if found is None else datetime(*map(int, found.groups()), tzinfo=timezone.utc).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _version(text: str | None) -> Version:
    return tuple(int(part) for part in (text or "").split(".")[:3] if part.isdecimal() and len(part) < 10)


def _mode(text: str) -> str:
    named = _MODE.search(text)
    if named is not None:
        return named[1]
    features = [feature for match in _FEATURES.finditer(text) for feature in match[1].split(",")]
    return next((_MODES_BY_FEATURE[feature] for feature in features if feature in _MODES_BY_FEATURE), "")
