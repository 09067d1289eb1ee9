"""Transactions that are remembered by their client request tokens for ten minutes, so that a repetition changes nothing."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.limits import TOKEN_SECONDS

# Beyond so many the oldest are forgotten before their time, lest a test that runs for hours fill the memory
_MAX_REMEMBERED = 100_000

TokenKey = tuple[str, str, str]  # account, region, token


@dataclass(slots=True)
class _Memory:
    """`sizes` are the bytes of the items per table, by which a repetition is charged; None while it is still going on."""

    digest: bytes
    ended: float = 0.0
    sizes: dict[str, list[int]] | None = None


class Tokens:
    """Guarded by the engine's lock."""

    def __init__(self) -> None:
        self._memories: OrderedDict[TokenKey, _Memory] = OrderedDict()

    def begin(self, key: TokenKey, request: Any, now: float) -> dict[str, list[int]] | None:
        """None for a transaction that has to be carried out; for one that has been carried out, the sizes by which it was charged.
        `request` is what a repetition must have in common with it. Raises ServiceError: TransactionInProgressException,
        IdempotentParameterMismatchException."""
        self._forget(now)
        digest = blake2b(orjson.dumps(request, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        memory = self._memories.get(key)
        if memory is None:
            self._memories[key] = _Memory(digest)
            return None
        if memory.digest != digest:
            raise ServiceError("IdempotentParameterMismatchException")
        if memory.sizes is None:
            raise ServiceError("TransactionInProgressException")
        return memory.sizes

    def succeed(self, key: TokenKey, sizes: dict[str, list[int]], now: float) -> None:
        memory = self._memories.get(key)
        if memory is not None:
            memory.sizes = sizes
            memory.ended = now
            self._memories.move_to_end(key)

    def fail(self, key: TokenKey) -> None:
        """A transaction that failed may be tried again under its token."""
        self._memories.pop(key, None)

    def _forget(self, now: float) -> None:
        while self._memories:
            key, memory = next(iter(self._memories.items()))
            if memory.sizes is None or (now < memory.ended + TOKEN_SECONDS and len(self._memories) < _MAX_REMEMBERED):
                return
            del self._memories[key]
