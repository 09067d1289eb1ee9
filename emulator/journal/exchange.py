"""One exchange: a request, what was decided and answered, and how the answer went out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.values import is_too_deep, may_be_deep
from emulator.journal.secrets import shown_headers
from emulator.messages import Applied, Attempt, Call, HttpReply, HttpRequest, Upstream, WirePlan, Written
from emulator.wire.compression import plain_answer


@dataclass(slots=True)
class Delivery:
    """How an answer went out: the server's part, filled in as it happens, in seconds of `Clock.monotonic()`.

    `first_byte`: when the answer began to go out; `ended`: when its last byte was handed over or the connection was gone, None while it
    is under way. `sent` counts bytes; `how` becomes "sent", "reset", "closed", "hung", "client-closed", or
    "cut" where the server itself has stopped."""

    first_byte: float | None = None
    ended: float | None = None
    sent: int = 0
    how: str = "pending"


class Exchange(NamedTuple):
    """One request and what became of it: what was asked, decided, answered and written. It does not change any more; how the answer goes
    out is told by `delivery`. (A tuple, since a frozen dataclass takes five times as long to make, and each request makes one.)

    `request` is how it came, `reply` what was answered. `id` counts from 1, and is 0 for what stands in no journal. `time` is the
    emulator's wall clock in seconds; `call` is None for a request of which not even the operation could be told. `run` is the number
    of its run.
    `call_id` and `attempt` say which logical call of the client it belongs to and which attempt of it this is, from 1; `work` and
    `tries` which piece of work, and which try of it (0 and "": nobody can tell, see `tracking`). `rule` and `fault` name what the
    scenario did to it, "" for nothing. `error` is the name of the error answered, "" for success.
    `written` is what it wrote, None for an operation that writes nothing; `key_names` are the key attributes of the tables that it
    meant to write to, None where `written` tells them. `plan` is what the server is to do with `reply` other than sending it at
    once. `bug` is a failure of the emulator itself, "" normally. `upstream` is what became of it at the service to which it was sent on,
    None where none was asked."""

    id: int
    time: float
    request: HttpRequest
    call: Call | None
    reply: HttpReply
    delivery: Delivery
    run: int = 0
    call_id: str = ""
    attempt: int = 0
    work: str = ""
    tries: int = 1
    rule: str = ""
    fault: str = ""
    error: str = ""
    written: Written | None = None
    key_names: Mapping[str, tuple[str, ...]] | None = None
    plan: WirePlan | None = None
    bug: str = ""
    upstream: Upstream | None = None

    def __repr__(self) -> str:
        """One line: what was asked, and what was answered."""
        about = " ".join([self.operation or "no operation", *(self.call.tables if self.call is not None else ())])
        rule = f", rule {self.rule!r}" if self.rule else ""
        return f"<Exchange {self.id} {about} #{self.attempt or '?'}: {self.reply.status} {self.error or 'ok'}, {self.delivery.how}{rule}>"

    @property
    def applied(self) -> Applied:
        """True where a write was really carried out, False where it was not, "unknown" where its backend never said, None for an
        operation that writes nothing."""
        return None if self.written is None else self.written.applied

    @property
    def is_upstreams_error(self) -> bool:
        """Whether its error came from the upstream, and not from the scenario."""
        is_answered = self.upstream is not None and self.upstream.how == "answered"
        return is_answered and bool(self.error) and self.error not in self.fault.split(", ")

    @property
    def place(self) -> Attempt:
        """Its place among the requests of its client."""
        return Attempt(self.call_id, self.attempt, self.work, self.tries)

    @property
    def ended(self) -> float | None:
        """As `delivery.ended`: seconds of `Clock.monotonic()`."""
        return self.delivery.ended

    @property
    def operation(self) -> str:
        """The operation's name, e.g. "PutItem"; "" where it could not be read."""
        return self.call.operation if self.call else ""

    @property
    def client(self) -> str:
        """The SDK as its User-Agent names it first, e.g. "Boto3/1.44.5"."""
        return self.request.headers.get("user-agent", "").partition(" ")[0]

    def to_json(self, *, bodies: bool = True) -> dict[str, Any]:
        """The published form; times in seconds since 1970, durations in milliseconds."""
        call, delivery = self.call, self.delivery
        record: dict[str, Any] = {
            "id": self.id,
            "time": self.time,
            "service": call.service if call else "",
            "operation": self.operation,
            "tables": list(call.tables) if call else [],
            "region": call.region if call else "",
            "client": self.client,
            "invocation": call.invocation if call else "",
            "call": self.call_id,
            "attempt": self.attempt or None,
            "work": self.work or None,
            "try": self.tries or None,
            "rule": self.rule or None,
            "fault": self.fault or None,
            "status": self.reply.status,
            "error": self.error or None,
            "applied": self.applied,
            "delivery": delivery.how,
            "duration_ms": None if delivery.ended is None else round((delivery.ended - self.request.arrived) * 1000, 3),
        }
        if self.written is not None:
            record["written"] = _written_json(self.written)
        if self.upstream is not None:
            record["upstream"] = {"how": self.upstream.how, "duration_ms": round(self.upstream.seconds * 1000, 3)}
        if self.bug:
            record["bug"] = self.bug
        if bodies:
            record["request"] = {"headers": shown_headers(self.request.headers), "body": readable(self.request.body)}
            answer = readable(plain_answer(self.reply))
            record["response"] = {"status": self.reply.status, "headers": dict(self.reply.headers), "body": answer}
        return record


def _written_json(written: Written) -> dict[str, Any]:
    """`items` are the keys that were written, by table and once for each time; `replayed`: answered from the token."""
    items: dict[str, list[Any]] = {}
    for table, key in written.keys:
        items.setdefault(table, []).append(orjson.loads(key))
    return {"items": items, "other": written.other, "replayed": written.replayed}


def readable(body: bytes) -> Any:
    """A body as JSON if it is JSON that can be written again, else as text; bytes that are no text come as their \\x.. escapes."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "backslashreplace")
    return body.decode() if may_be_deep(body) and is_too_deep(value) else value


def body_of(shown: Any) -> bytes:
    """The body that `readable` shows so, as far as that tells."""
    return shown.encode() if isinstance(shown, str) else orjson.dumps(shown)
