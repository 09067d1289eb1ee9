"""Chance that repeats: what is drawn depends on the seed, the rule's name, the request's content, and how often the rule has
met that content. Neither the order in which threads arrive nor other rules shift it.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from hashlib import blake2b

from emulator.aws.services import load_service
from emulator.faults.canonical import canonical
from emulator.messages import Call

MAX_CONTENTS = 65_536


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
    """What chance has in store for one request under one rule. Each `what` is drawn by itself, and always the same."""

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


class Draws:
    """The random of one rule's requests. Remembers the last 65,536 different contents; an older one starts again as never seen."""

    def __init__(self, seed: int, rule: str) -> None:
        self._prefix = blake2b(f"{seed}\n{rule}".encode(), digest_size=16).digest()
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def next(self, content: bytes) -> RequestRandom:
        """The random of a request with this content, which counts as seen once more."""
        seen = self._seen
        count = seen.get(content, 0)
        seen[content] = count + 1
        if not count and len(seen) > MAX_CONTENTS:
            seen.popitem(last=False)
        return RequestRandom(self._prefix + content + count.to_bytes(8, "big"))


# For rules that leave nothing to chance
NO_RANDOM = RequestRandom(b"")
