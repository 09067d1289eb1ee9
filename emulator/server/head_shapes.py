"""What the heads of one client's requests have in common, learned from the first of them: a client sends the same headers in the same
order, and of most the same values. A head of that shape is read with one look at it.

A shape fits no bytes that llhttp would read otherwise: it was made from a head that llhttp has read, and where it leaves a value open, it
takes printable ASCII alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from emulator.messages import HttpRequest
from emulator.server.header_texts import CHANGING, HeaderTexts

# Shapes that are remembered, for all connections of a server; of heads of so many bytes, since a pattern takes many times as much
MAX_SHAPES = 128
MAX_LEARNED = 4 * 1024
# Bytes of a body that is waited for behind such a head; many clients send them one after the other
MAX_AWAITED = 64 * 1024
# Made anew, a pattern costs as much as a hundred requests: who sends fewer is read as usual
PATIENCE = 8
# What makes a request more than a head and a body of a length that is known
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade"})
# Values that llhttp acts on
_FIXED = frozenset({"connection", "proxy-connection", "host"})
_OPEN = rb"([!-~][ -~]*)"
_LENGTH = rb"([0-9]{1,7})"


class HeadShape(NamedTuple):
    """`pattern` fits a head of this shape, up to and with the empty line; its groups are the values of the headers that `changing` names.
    `headers` are all of them, in their order, with what those have that stay the same."""

    pattern: re.Pattern[bytes]
    method: str
    target: str
    headers: dict[str, str]
    changing: tuple[str, ...]


class HeadShapes:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._known: dict[bytes, HeadShape] = {}

    def learned(self, data: bytes, request: HttpRequest, changed: Sequence[str]) -> HeadShape | None:
        """The shape of a request that `data` is, all of it; None for one that has none. `changed` are the headers that some other request
        of its connection had another value of."""
        head = data[: len(data) - len(request.body)]
        if len(head) > MAX_LEARNED or not request.keep_alive or not _UNUSUAL.isdisjoint(request.headers):
            return None
        found = _pattern(head, request, changed)
        if found is None:
            return None
        pattern, changing = found
        shape = self._known.get(pattern)
        if shape is None:
            headers = {name: "" if name in changing else value for name, value in request.headers.items()}
            if len(self._known) >= MAX_SHAPES:
                self._known.clear()
            shape = self._known[pattern] = HeadShape(re.compile(pattern), request.method, request.target, headers, changing)
        return shape if shape.pattern.match(data) is not None else None


def _pattern(head: bytes, request: HttpRequest, changed: Sequence[str]) -> tuple[bytes, tuple[str, ...]] | None:
    """The pattern of a head, and the names of its groups; None for one in which a header is repeated, or that has no length."""
    first, *lines = head[:-4].split(b"\r\n")
    parts, changing = [re.escape(first)], []
    for line in lines:
        raw_name, _, _ = line.partition(b": ")
        name = raw_name.decode("latin-1").lower()
        if name in CHANGING or name in changed:
            changing.append(name)
            parts.append(re.escape(raw_name + b": ") + (_LENGTH if name == "content-length" else _OPEN))
        else:
            parts.append(re.escape(line))
    names = [line.partition(b":")[0].decode("latin-1").lower() for line in lines]
    if names != list(request.headers) or "content-length" not in changing or not _FIXED.isdisjoint(changing):
        return None
    return b"\r\n".join([*parts, b"\r\n"]), tuple(changing)


def read(shape: HeadShape, data: bytes, texts: HeaderTexts) -> tuple[dict[str, str], bytes] | None:
    """The headers of a request of a shape, and what comes behind them; None for anything else."""
    match = shape.pattern.match(data)
    if match is None:
        return None
    headers = shape.headers.copy()
    texts.fill(headers, shape.changing, match.groups())
    return headers, data[match.end() :]
