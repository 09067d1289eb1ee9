"""The tokens that empty pages end with.

An empty page may lose nothing. So its LastEvaluatedKey is a token: a key like those of the table, which no item has, and which
stands for the place where the page began. When a client reads on from it, the request goes to the engine with that place.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from dynafault_dataclass import dataclass
from emulator.faults.canonical import canonical
from emulator.messages import Call

MAX_TOKENS = 10_000

Key = dict[str, Any]


class PageTokens:
    """The tokens of one fault engine, and where each stands for. Has its own lock; the oldest tokens are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._starts: dict[bytes, Key | None] = {}

    def __len__(self) -> int:
        return len(self._starts)

    def issue(self, like: Key, start: Key | None) -> Key:
        """A new token that looks like a key, for a page that began at `start` (None: at the beginning)."""
        with self._lock:
            number = next(self._numbers)
            *others, (name, value) = like.items()
            token = {**dict(others), name: _unlike(value, number)}
            self._starts[canonical(token)] = start
            if len(self._starts) > MAX_TOKENS:
                del self._starts[next(iter(self._starts))]
            return token

    def resumption(self, call: Call) -> ResumeRewrite | None:
        """How to go on with a request that begins at a token; None if it begins elsewhere."""
        start = call.params.get("ExclusiveStartKey")
        if start is None:
            return None
        found = canonical(start)
        with self._lock:
            return ResumeRewrite(self._starts[found]) if found in self._starts else None


def _unlike(value: Key, number: int) -> Key:
    """A value of the same type that differs from it by so little that no item has it."""
    ((kind, content),) = value.items()
    if kind == "S":
        return {"S": f"{content}\x01{number}"}
    if kind == "B":
        return {"B": base64.b64encode(base64.b64decode(content) + b"\x00" + number.to_bytes(8, "big")).decode()}
    # 38 digits are what a number holds: eighteen before the point and twenty behind it always fit.
    near = Decimal(content) if abs(Decimal(content)) < Decimal(10) ** 18 else Decimal(0)
    return {"N": format(near + Decimal(number).scaleb(-20), "f")}


@dataclass(frozen=True, slots=True)
class ResumeRewrite:
    """Goes on where an empty page began."""

    start: Key | None

    def before(self, call: Call) -> Call:
        params = {name: value for name, value in call.params.items() if name != "ExclusiveStartKey"}
        return replace(call, params=params if self.start is None else {**params, "ExclusiveStartKey": self.start})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        return answer
