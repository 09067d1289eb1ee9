"""Exchanges that are over, put away: numbers as bytes, and what many of them have in common held once for all.

A small read takes two fifths of what it took while it was under way. Whoever asks for it again gets all that was there, in another
object."""

from __future__ import annotations

from math import isnan, nan
from struct import Struct
from typing import Any, NamedTuple

from emulator.journal.exchange import Delivery, Exchange
from emulator.messages import Call, HttpReply, HttpRequest

# What exchanges have in common is known again, of so many kinds at most
MAX_KINDS = 4_096
_NUMBERS = Struct("<q6dqqq")
_ID = Struct("<q")


class Packed(NamedTuple):
    """An exchange without what `common` says of it. `numbers`: see `pack`; `values` are those of its headers, in the order of the names in
    `common`; `rest` is what few have, None where it has nothing of that."""

    numbers: bytes
    common: tuple[Any, ...]
    values: tuple[str, ...]
    body: bytes
    params: dict[str, Any] | None
    call_id: str
    work: str
    invocation: str
    reply: HttpReply
    rest: tuple[Any, ...] | None

    @property
    def id(self) -> int:
        found: int = _ID.unpack_from(self.numbers)[0]
        return found


class Packer:
    """Packs the exchanges of one journal; used by one thread at a time."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def pack(self, exchange: Exchange) -> Packed | Exchange:
        """An exchange as it is put away; as it is where it is not over yet, or is like no other."""
        (
            number, time, request, call, reply, delivery, run, call_id, attempt, work, tries, rule, fault, error, written, key_names, plan,
            bug, upstream,
        ) = exchange  # fmt: skip
        if delivery.ended is None or (call is not None and call.request is not request):
            return exchange
        headers = request.headers
        common = (
            request.method, request.target, tuple(headers), request.connection, request.peer, request.prefix, request.sent,
            request.too_large, request.keep_alive, request.opened, run, rule, fault, error, delivery.how,
            None if call is None else (
                call.service, call.operation, call.tables, call.region, call.account, call.access_key, call.is_admitted
            ),
        )  # fmt: skip
        rest: tuple[Any, ...] | None = None
        refusal = None if call is None else call.refusal
        if written is not None or plan is not None or bug or upstream is not None or refusal is not None or request.early is not None:
            rest = (written, key_names, plan, bug, upstream, refusal, request.early)
        numbers = _NUMBERS.pack(
            number, time, request.arrived, _or_nan(request.idle_since), _or_nan(request.late), _or_nan(delivery.first_byte),
            delivery.ended, delivery.sent, attempt, tries,
        )  # fmt: skip
        params, invocation = (None, "") if call is None else (call.params, call.invocation)
        kind = self._kind(common)
        return Packed(numbers, kind, tuple(headers.values()), request.body, params, call_id, work, invocation, reply, rest)

    def _kind(self, common: tuple[Any, ...]) -> tuple[Any, ...]:
        known = self._kinds.get(common)
        if known is not None:
            return known
        if len(self._kinds) >= MAX_KINDS:
            self._kinds.clear()
        self._kinds[common] = common
        return common


def unpacked(packed: Packed | Exchange) -> Exchange:
    """The exchange that was packed."""
    if type(packed) is Exchange:
        return packed
    assert isinstance(packed, Packed)
    number, time, arrived, idle_since, late, first_byte, ended, sent, attempt, tries = _NUMBERS.unpack(packed.numbers)
    method, target, names, connection, peer, prefix, path, too_large, keep_alive, opened, run, rule, fault, error, how, of = packed.common
    written, key_names, plan, bug, upstream, refusal, early = packed.rest or (None, None, None, "", None, None, None)
    headers = dict(zip(names, packed.values, strict=True))
    request = HttpRequest(
        method, target, headers, packed.body, connection, peer, arrived, prefix, path, too_large, keep_alive, opened,
        _or_none(idle_since), _or_none(late), early,
    )  # fmt: skip
    call = None
    if of is not None:
        service, operation, tables, region, account, access_key, is_admitted = of
        params = packed.params or {}
        call = Call(service, operation, params, tables, region, account, access_key, packed.invocation, request, refusal, is_admitted)
    delivery = Delivery(_or_none(first_byte), ended, sent, how)
    return Exchange(
        number, time, request, call, packed.reply, delivery, run, packed.call_id, attempt, packed.work, tries, rule, fault, error, written,
        key_names, plan, bug, upstream,
    )  # fmt: skip


def _or_nan(seconds: float | None) -> float:
    return nan if seconds is None else seconds


def _or_none(seconds: float) -> float | None:
    return None if isnan(seconds) else seconds
