"""What the faults decide about one request, and what they ask of others in order to decide. Values only."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Protocol

from dynafault_dataclass import dataclass
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
    """What becomes of a request. It is made for each request that is hit: the effects of the rules that fire add their parts to it, and
    from then on it stays as it is.

    `rules` are all that added something, in the order of the scenario, and `texts` what each added in words; both are empty where only
    a page goes on that an earlier fault began. `applied`: carry the operation out; then answer `error` if there is one, else
    the operation's own answer. Neither: there is no answer of the service.

    For an operation that is carried out: `rewrites` change what is asked and answered, `stale` is how many seconds old the data
    of a read is, None where nothing is said of that, `lag` how old those of an eventually consistent read are otherwise,
    `table_delay` how long a table takes to change. For the encoded reply: `edits`, then `status`, `headers` (a None
    value removes one) and `skew` in seconds, all of which `edited` applies. For the connection: `delay` to `refuse_for`, which are those of
    `plan`. `shown` are stored items that the answer shows. `answer` is that of an operation of which nothing is left to be carried out.

    Decided before the request's body has come: `upload` is the rate at which it is read, in bytes per second, None for full speed, and
    `received` how much of it is, None for all."""

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

    @property
    def rule(self) -> str:
        """The name of the rule that decided, "" for none."""
        return self.rules[-1] if self.rules else ""

    @property
    def fault(self) -> str:
        """What goes wrong, in words."""
        return ", ".join(self.texts)

    @property
    def plan(self) -> WirePlan | None:
        """What happens to the connection; None: nothing but the answer."""
        is_whole = self.portion is EVERYTHING or self.portion == EVERYTHING
        if is_whole and self.ending is Ending.KEEP and not (self.delay or self.drip or self.refuse_for):
            return None
        return WirePlan(self.delay, self.portion, self.drip, self.ending, self.hang_for, self.refuse_for)
