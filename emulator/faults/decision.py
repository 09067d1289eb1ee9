"""What the faults decide about one request, and what they ask of others in order to decide. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.aws.errors import ServiceError
from emulator.messages import EVERYTHING, Call, Ending, HttpReply, Portion, WirePlan


class Rewrite(Protocol):
    """An effect on what is asked or answered, for a request that is carried out. Made for one request."""

    def before(self, call: Call) -> Call:
        """The request to carry out instead; `call` itself stays as it is."""
        ...

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer to give instead; `call` is the client's."""
        ...


class ReplyEdit(Protocol):
    """An effect on the encoded answer."""

    def edit(self, reply: HttpReply) -> HttpReply:
        """The answer to send instead; `reply` itself stays as it is."""
        ...


@dataclass(frozen=True, slots=True)
class TableDelay:
    """CreateTable and its like: the table keeps `status` for so many seconds."""

    status: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item that the answer shows as it is stored when the answer is made: the read that finds it, and the members of an error, or of
    a part of the answer, into which it goes as `Item`. Where there is no such item, none is shown."""

    read: Call
    members: dict[str, Any]


@dataclass(slots=True)
class Decision:
    """What becomes of a request. Treated as frozen once made; it is made for each request that is hit.

    `rule` is the rule that decided, `rules` all that added something, in the order of the scenario; both are empty where only
    a page goes on that an earlier fault began. `applied`: carry the operation out; then answer `error` if there is one, else
    the operation's own answer. Neither: there is no answer of the service.

    For an operation that is carried out: `rewrites` change what is asked and answered, `stale` is how many seconds old the data
    of a read is, None where nothing is said of that, `lag` how old those of an eventually consistent read are otherwise,
    `table_delay` how long a table takes to change. For the encoded reply: `edits`, then `status`, `headers` (a None
    value removes one) and `skew` in seconds, all of which `edited` applies. For the connection: `plan`. `shown` are stored items that
    the answer shows. `answer` is that of an operation of which nothing is left to be carried out. Decided before the request's body has
    come: `upload` is the rate at which it is read, in bytes per second, None for full speed, and `received` how much of it is, None for
    all."""

    rule: str
    rules: tuple[str, ...]
    fault: str
    error: ServiceError | None
    applied: bool
    plan: WirePlan | None
    headers: tuple[tuple[str, str | None], ...] = ()
    status: int | None = None
    skew: float = 0.0
    rewrites: tuple[Rewrite, ...] = ()
    edits: tuple[ReplyEdit, ...] = ()
    stale: float | None = None
    lag: float = 0.0
    table_delay: TableDelay | None = None
    shown: tuple[ShownItem, ...] = ()
    answer: dict[str, Any] | None = None
    upload: float | None = None
    received: Portion | None = None


@dataclass(slots=True)
class Draft:
    """A decision while the effects of the rules that fired are added up."""

    rules: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    error: ServiceError | None = None
    applied: bool = True
    delay: float = 0.0
    portion: Portion = EVERYTHING
    drip: float | None = None
    ending: Ending = Ending.KEEP
    hang_for: float | None = None
    refuse_for: float | None = None
    headers: list[tuple[str, str | None]] = field(default_factory=list)
    status: int | None = None
    skew: float = 0.0
    rewrites: list[Rewrite] = field(default_factory=list)
    edits: list[ReplyEdit] = field(default_factory=list)
    stale: float | None = None
    lag: float = 0.0
    table_delay: TableDelay | None = None
    shown: list[ShownItem] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    upload: float | None = None
    received: Portion | None = None

    def decision(self) -> Decision:
        return Decision(
            self.rules[-1] if self.rules else "",
            tuple(self.rules),
            ", ".join(self.texts),
            self.error,
            self.applied,
            self._plan(),
            tuple(self.headers),
            self.status,
            self.skew,
            tuple(self.rewrites),
            tuple(self.edits),
            self.stale,
            self.lag,
            self.table_delay,
            tuple(self.shown),
            self.answer,
            self.upload,
            self.received,
        )

    def _plan(self) -> WirePlan | None:
        if not (self.delay or self.drip or self.refuse_for) and self.portion == EVERYTHING and self.ending is Ending.KEEP:
            return None
        return WirePlan(self.delay, self.portion, self.drip, self.ending, self.hang_for, self.refuse_for)
