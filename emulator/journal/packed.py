"""Exchanges that are over, packed: numbers as bytes, and what many exchanges have in common held once for all of them.

A small read takes two fifths of what it took while it was under way. Unpacking it gives an equal exchange, in another object.
"""

from __future__ import annotations

from math import isnan, nan
from struct import Struct
from struct import error as OutOfRange
from typing import Any, NamedTuple

import orjson

from emulator.journal.exchange import Delivery, Exchange
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire.json_rpc import to_json

# What exchanges have in common is known again, of so many kinds at most
MAX_KINDS = 4_096
# Characters of a path; whoever sends longer ones has them held each for itself
_MAX_TARGET = 256
# Bytes of what is held once for all that a connection sends it, or gets it, again and again
_MAX_SHARED = 4 * 1024
_NUMBERS = Struct("<q6dqqq")
_ID = Struct("<q")


class Packed(NamedTuple):
    """An exchange without what `common` says of it. `numbers`: see `pack`; `values` are those of its headers, in the order of the names in
    `common`; `params` are those of the call, mostly as JSON; `rest` is what few have, None where it has nothing of that."""

    numbers: bytes
    common: tuple[Any, ...]
    values: tuple[str, ...]
    body: bytes
    params: dict[str, Any] | bytes | None
    call_id: str
    work: str
    invocation: str
    reply: HttpReply
    rest: tuple[Any, ...] | None

    @property
    def id(self) -> int:
        found: int = _ID.unpack_from(self.numbers)[0]
        return found

    @property
    def target(self) -> str:
        """The request's path and query."""
        found: str = self.common[1]
        return found


class Packer:
    """Packs the exchanges of one journal; used by one thread at a time."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        # That of the last exchange of each connection: the next one is mostly like it
        self._last: dict[int, tuple[Any, ...]] = {}
        # The last answer of each connection, likewise
        self._answers: dict[int, bytes] = {}
        # And the parameters of its last call
        self._asked: dict[int, dict[str, Any]] = {}

    def pack(self, exchange: Exchange) -> Packed | Exchange:
        """An exchange as it is put away; as it is where it is not over yet, or is like no other."""
        (
            number, time, request, call, reply, delivery, run, call_id, attempt, work, tries, rule, fault, error, written, key_names, plan,
            bug, upstream,
        ) = exchange  # fmt: skip
        ended, first_byte = delivery.ended, delivery.first_byte
        if ended is None or (call is not None and call.request is not request):
            return exchange
        headers, idle_since, late, early = request.headers, request.idle_since, request.late, request.early
        params: dict[str, Any] | bytes | None = None
        if call is None:
            of_call: tuple[Any, ...] = ()
            invocation, refusal = "", None
        else:
            of_call = (call.service, call.operation, call.tables, call.region, call.account, call.access_key, call.is_admitted)
            invocation, refusal = call.invocation, call.refusal
            params = self._params(call.params, request)
        common = (
            request.method, request.target, tuple(headers), request.connection, request.peer, request.prefix, request.sent,
            request.too_large, request.keep_alive, request.opened, run, rule, fault, error, delivery.how, *of_call,
        )  # fmt: skip
        rest: tuple[Any, ...] | None = None
        if (
            written is not None or key_names is not None or plan is not None or bug or upstream is not None or refusal is not None
            or early is not None
        ):  # fmt: skip
            if written is not None:
                written.slim()
            rest = (written, key_names, plan, bug, upstream, refusal, early)
        try:
            numbers = _NUMBERS.pack(
                number, time, request.arrived, nan if idle_since is None else idle_since, nan if late is None else late,
                nan if first_byte is None else first_byte, ended, delivery.sent, attempt, tries,
            )  # fmt: skip
        except OutOfRange:
            # Clients tell the number of an attempt, and may tell any
            return exchange
        kind = self._last.get(request.connection)
        if kind != common:
            kind = self._kind(common, request.connection)
        self._share(reply, request.connection)
        values = tuple(headers.values())
        # As `Packed(...)`, which takes twice as long
        return tuple.__new__(Packed, (numbers, kind, values, request.body, params, call_id, work, invocation, reply, rest))

    def _params(self, params: dict[str, Any], request: HttpRequest) -> dict[str, Any] | bytes:
        """Parameters as JSON, which takes a fifth of the memory, and none beside a body that is the same; as they are where a connection
        sends the same again, or where JSON has no words for them."""
        asked = self._asked
        if asked.get(request.connection) is params:
            return params
        if len(asked) >= MAX_KINDS:
            asked.clear()
        asked[request.connection] = params if len(request.body) <= _MAX_SHARED else {}
        try:
            text = to_json(params)
        except TypeError:
            return params
        return request.body if _is_same(text, request.body) else text

    def _share(self, reply: HttpReply, connection: int) -> None:
        """Let answers that are the same be one object."""
        body, answers = reply.body, self._answers
        known = answers.get(connection)
        if known == body:
            reply.body = known
        elif len(body) <= _MAX_SHARED:
            if len(answers) >= MAX_KINDS:
                answers.clear()
            answers[connection] = body

    def _kind(self, common: tuple[Any, ...], connection: int) -> tuple[Any, ...]:
        """What is held once for all that have this in common."""
        if len(common[1]) > _MAX_TARGET:
            return common
        if len(self._kinds) >= MAX_KINDS or len(self._last) >= MAX_KINDS:
            self._kinds, self._last = {}, {}
        self._last[connection] = kind = self._kinds.setdefault(common, common)
        return kind


def unpacked(packed: Packed | Exchange) -> Exchange:
    """The exchange that was packed."""
    if type(packed) is Exchange:
        return packed
    assert isinstance(packed, Packed)
    number, time, arrived, idle_since, late, first_byte, ended, sent, attempt, tries = _NUMBERS.unpack(packed.numbers)
    method, target, names, connection, peer, prefix, path, too_large, keep_alive, opened, run, rule, fault, error, how, *of = packed.common
    written, key_names, plan, bug, upstream, refusal, early = packed.rest or (None, None, None, "", None, None, None)
    headers = dict(zip(names, packed.values, strict=True))
    request = HttpRequest(
        method, target, headers, packed.body, connection, peer, arrived, prefix, path, too_large, keep_alive, opened,
        _or_none(idle_since), _or_none(late), early,
    )  # fmt: skip
    call = None
    if of:
        service, operation, tables, region, account, access_key, is_admitted = of
        params = orjson.loads(packed.params) if isinstance(packed.params, bytes) else packed.params or {}
        call = Call(service, operation, params, tables, region, account, access_key, packed.invocation, request, refusal, is_admitted)
    delivery = Delivery(_or_none(first_byte), ended, sent, how)
    return Exchange(
        number, time, request, call, packed.reply, delivery, run, packed.call_id, attempt, packed.work, tries, rule, fault, error, written,
        key_names, plan, bug, upstream,
    )  # fmt: skip


def _is_same(text: bytes, body: bytes) -> bool:
    """Whether the body says what `text` does, which was made of what it was parsed to: Python's own JSON has blanks between its parts, and
    those within texts are the same in both."""
    return text == body or (len(text) < len(body) and _without_blanks(text) == _without_blanks(body))


def _without_blanks(text: bytes) -> bytes:
    return text.replace(b", ", b",").replace(b": ", b":")


def _or_none(seconds: float) -> float | None:
    return None if isnan(seconds) else seconds
