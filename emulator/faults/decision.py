"""What the faults decide about one request, and what they ask of others in order to decide. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.errors import ServiceError
from emulator.messages import EVERYTHING, Call, Ending, Portion, WirePlan


class Attempt(Protocol):
    """One try of a client's logical call: which call it belongs to, and its number in it, from 1."""

    @property
    def call_id(self) -> str: ...

    @property
    def ordinal(self) -> int: ...


class Rewrite(Protocol):
    """An effect on what is asked or answered, for a request that is carried out."""

    def before(self, call: Call) -> Call:
        """The request to carry out instead; `call` itself stays as it is."""
        ...

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer to give instead; `call` is the client's."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request.

    `rule` is the rule that decided, `rules` all that added something, in the order of the scenario. `applied`: carry the
    operation out; then answer `error` if there is one, else the operation's own answer. Neither: there is no answer, and
    `plan` ends the connection before its first byte. `status` and `headers` change the encoded reply (a None value removes a
    header)."""

    rule: str
    rules: tuple[str, ...]
    fault: str
    error: ServiceError | None
    applied: bool
    plan: WirePlan | None
    headers: tuple[tuple[str, str | None], ...] = ()
    status: int | None = None
    rewrites: tuple[Rewrite, ...] = ()


@dataclass(slots=True)
class Draft:
    """A decision while the effects of the rules that fired are added up."""

    rules: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    error: ServiceError | None = None
    applied: bool = True
    delay: float = 0.0
    portion: Portion = EVERYTHING
    ending: Ending = Ending.KEEP
    hang_for: float | None = None
    headers: list[tuple[str, str | None]] = field(default_factory=list)
    status: int | None = None
    rewrites: list[Rewrite] = field(default_factory=list)

    def decision(self) -> Decision:
        return Decision(
            rule=self.rules[-1],
            rules=tuple(self.rules),
            fault=", ".join(self.texts) or "ok",
            error=self.error,
            applied=self.applied,
            plan=self._plan(),
            headers=tuple(self.headers),
            status=self.status,
            rewrites=tuple(self.rewrites),
        )

    def _plan(self) -> WirePlan | None:
        if self.delay == 0.0 and self.portion == EVERYTHING and self.ending is Ending.KEEP:
            return None
        return WirePlan(self.delay, self.portion, ending=self.ending, hang_for=self.hang_for)
