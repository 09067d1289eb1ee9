"""Chance that repeats: what is drawn depends on the seed, the rule's name, the request's content, and how often that content has been met
among the requests for which the rule draws. Neither the order in which threads arrive nor other rules shift it.

A request has one number for all rules that draw for the same requests, and each rule makes its own of it: a hundred rules cost little more
than one.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

from emulator.aws.services import load_service
from emulator.faults.bounded import Bounded
from emulator.faults.canonical import canonical
from emulator.messages import Call

MAX_CONTENTS = 65_536
MASK = 2**64 - 1


def content_of(call: Call) -> bytes:
    """What is asked, as 16 bytes. Idempotency tokens are left out: SDKs fill them at random."""
    tokens = _tokens(call.service, call.operation)
    params = {name: value for name, value in call.params.items() if name not in tokens} if tokens else call.params
    return blake2b(canonical([call.service, call.operation, params]), digest_size=16).digest()


@cache
def _tokens(service: str, operation: str) -> frozenset[str]:
    model = load_service(service)
    found = model.operations.get(operation)
    if found is None or found.input is None:
        return frozenset()
    return frozenset(name for name, member in model.shape(found.input).members.items() if member.token)


class RequestRandom:
    """The random numbers of one request under one rule. Each `what` has numbers of its own, the same every time."""

    __slots__ = ("_base",)

    def __init__(self, base: bytes) -> None:
        self._base = base

    def uniform(self, what: str) -> float:
        """A number from 0 (included) to 1 (not included)."""
        drawn = blake2b(what.encode(), key=self._base, digest_size=8).digest()
        return (int.from_bytes(drawn, "big") >> 11) * 2.0**-53

    def bytes(self, what: str, count: int) -> bytes:
        """At most 64 bytes without any pattern."""
        return blake2b(what.encode(), key=self._base, digest_size=count).digest()


class Draw(NamedTuple):
    """What a request is drawn from: its content, how often that had been met before, and 64 bits of both that show no pattern."""

    content: bytes
    met: int
    number: int


class Contents:
    """How often each content has been met: the last 65,536 different ones at least; an older one starts again as never met."""

    __slots__ = ("_met",)

    def __init__(self) -> None:
        self._met: Bounded[bytes, int] = Bounded(MAX_CONTENTS)

    def draw(self, content: bytes) -> Draw:
        """The draw of a request with this content, which has then been met once more."""
        met = self._met.get(content) or 0
        self._met[content] = met + 1
        # SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): the content is where it starts
        number = int.from_bytes(content[:8], "big") + met * 0x9E3779B97F4A7C15 & MASK
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & MASK
        number = (number ^ number >> 27) * 0x94D049BB133111EB & MASK
        # As `Draw(...)`, which takes twice as long
        return tuple.__new__(Draw, (content, met, number ^ number >> 31))

    def copy(self) -> Contents:
        twin = Contents()
        twin._met = self._met.copy()
        return twin


class Chance:
    """What one rule makes of draws. It hits where `number * multiplier + offset & MASK < threshold`: multiplier and offset are its own, so
    that whether it hits says nothing of other rules. A rule that hits by no chance always hits."""

    __slots__ = ("_prefix", "multiplier", "offset", "threshold")

    def __init__(self, seed: int, rule: str, chance: float | None) -> None:
        self._prefix = blake2b(f"{seed}\n{rule}".encode(), digest_size=16).digest()
        own = blake2b(b"chance", key=self._prefix, digest_size=16).digest()
        self.multiplier = int.from_bytes(own[:8], "big") | 1
        self.offset = int.from_bytes(own[8:], "big")
        # Numbers with 53 bits are exact
        self.threshold = ceil((1.0 if chance is None else chance) * 2.0**53) << 11

    def uniform(self, number: int) -> float:
        """A draw's number as one from 0 (included) to 1 (not included): the rule hits where it is below its chance."""
        return ((number * self.multiplier + self.offset & MASK) >> 11) * 2.0**-53

    def random(self, draw: Draw) -> RequestRandom:
        """What else may be drawn for the request under this rule."""
        return RequestRandom(self._prefix + draw.content + draw.met.to_bytes(8, "big"))


# For rules that leave nothing to chance
NO_RANDOM = RequestRandom(b"")
