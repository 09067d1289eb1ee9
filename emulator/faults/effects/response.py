"""`response`: an answer that never was the service's, or the service's own, broken in one way and correct in all others."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target
from emulator.messages import Ending, HttpReply
from emulator.scenario.responses import DAMAGED, RawResponse
from emulator.wire.answer import CRC, replaced, with_body

_HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Network sign-in</title></head>\n<body><p>Please sign in to use this network.</p></body></html>\n"
)
# What a proxy between client and service would not have
_OF_THE_SERVICE = ("x-amzn-requestid", CRC, "server")


def _html(reply: HttpReply) -> HttpReply:
    page = with_body(reply, _HTML, content_type="text/html; charset=utf-8")
    return HttpReply(200, replaced(page.headers, dict.fromkeys(_OF_THE_SERVICE)), page.body)


def _wrong_crc(reply: HttpReply) -> HttpReply:
    return HttpReply(reply.status, replaced(reply.headers, {CRC: str(crc32(reply.body) ^ 1)}), reply.body)


def _wrong_length(reply: HttpReply) -> HttpReply:
    return HttpReply(reply.status, replaced(reply.headers, {"content-length": str(len(reply.body) + 10)}), reply.body)


def _without(header: str) -> Callable[[HttpReply], HttpReply]:
    return lambda reply: HttpReply(reply.status, replaced(reply.headers, {header: None}), reply.body)


_READY: dict[str, Callable[[HttpReply], HttpReply]] = {
    "empty": lambda reply: with_body(reply, b""),
    "html": _html,
    "not-json": lambda reply: with_body(reply, b"this is not JSON"),
    "cut-json": lambda reply: with_body(reply, reply.body[: len(reply.body) // 2]),
    "wrong-crc": _wrong_crc,
    "no-crc": _without(CRC),
    "wrong-length": _wrong_length,
    "wrong-content-type": lambda reply: HttpReply(reply.status, replaced(reply.headers, {"content-type": "text/plain"}), reply.body),
    "no-request-id": _without("x-amzn-requestid"),
    "bad-gzip": lambda reply: HttpReply(reply.status, replaced(reply.headers, {"content-encoding": "gzip"}), reply.body),
}


@dataclass(frozen=True, slots=True)
class _ReadyEdit:
    name: str

    def edit(self, reply: HttpReply) -> HttpReply:
        return _READY[self.name](reply)


@dataclass(frozen=True, slots=True)
class _GarbageEdit:
    body: bytes

    def edit(self, reply: HttpReply) -> HttpReply:
        return with_body(reply, self.body)


@dataclass(frozen=True, slots=True)
class _RawEdit:
    raw: RawResponse

    def edit(self, reply: HttpReply) -> HttpReply:
        whole = with_body(reply, self.raw.body.encode())
        changes = {name.lower(): value for name, value in self.raw.headers}
        return HttpReply(self.raw.status, replaced(whole.headers, changes), whole.body)


@dataclass(frozen=True, slots=True)
class ResponseEffect(Effect):
    """`response` is the name of a ready one, or a raw one."""

    response: str | RawResponse
    applied: bool | None = None

    @property
    def is_applied(self) -> bool:
        return self.response in DAMAGED or bool(self.applied)

    @property
    def by_chance(self) -> bool:
        return self.response == "garbage"

    def add(self, decision: Decision, target: Target) -> None:
        if isinstance(self.response, RawResponse):
            decision.edits.append(_RawEdit(self.response))
            decision.texts.append(f"response {self.response.status}")
            return
        decision.texts.append(f"response {self.response}")
        if self.response == "garbage":
            # Never valid UTF-8: the first byte may only continue a character.
            decision.edits.append(_GarbageEdit(b"\x80" + target.random.bytes("garbage", 63)))
            return
        decision.edits.append(_ReadyEdit(self.response))
        if self.response == "wrong-length":
            # The bytes that were promised never come.
            decision.ending = Ending.CLOSE
