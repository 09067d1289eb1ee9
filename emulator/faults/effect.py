"""What every effect of a fault is: something that adds its part to the decision about a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dynafault_dataclass import dataclass
from emulator.faults.chance import RequestRandom
from emulator.faults.decision import Decision
from emulator.faults.keys import KeyNames
from emulator.faults.page_tokens import PageTokens
from emulator.messages import Call

# A rule is about a request, but does not fire: (the key that keeps it from that, what stood there instead). A plain tuple: there is
# one for each rule and request
Skipped = tuple[str, str | int | float]
# What stands there where `in` keeps it from that, and the last phase is over
NO_PHASE = "no phase"
# (table as the request names it, key or item of an entry) -> whether the rule is about it
Eligible = Callable[[str, dict[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class EffectContext:
    """What effects may need beside their own keys: which entries of a request the rule is about, the tokens of empty pages, and the key
    attributes of tables."""

    eligible: Eligible
    tokens: PageTokens
    key_names: KeyNames


@dataclass(frozen=True, slots=True)
class Target:
    """The request that is hit, with what may be drawn for it. `entries` are the numbers of those of its entries that are hit, where each
    of them counts by itself; None: all that the rule is about."""

    call: Call
    random: RequestRandom
    context: EffectContext
    entries: frozenset[int] | None = None

    def is_about(self, number: int, table: str, item: dict[str, Any]) -> bool:
        """Whether an entry of the request, given by its number, its table as named there, and its key or item, is hit."""
        return (self.entries is None or number in self.entries) and self.context.eligible(table, item)


class Effect:
    """One effect of a fault. `after_validation`: it is for requests that the service accepts, so a request that the service refuses skips
    it. Outages (5xx) and lost connections come before the service's own look at a request, and so do changes of whatever is answered.
    `by_entry`: it hits entries of a request, and not the request as a whole."""

    __slots__ = ()

    after_validation: ClassVar[bool] = False
    by_entry: ClassVar[bool] = False

    @property
    def is_applied(self) -> bool:
        """Whether the operation is carried out, unless another effect prevents it."""
        return True

    @property
    def by_chance(self) -> bool:
        """Whether it draws from the request's random numbers."""
        return False

    @property
    def is_picky(self) -> bool:
        """Whether a request may lack what it takes (see `lacking`)."""
        return type(self).lacking is not Effect.lacking

    def needs_valid(self, call: Call) -> bool:
        return self.after_validation

    def lacking(self, call: Call, context: EffectContext) -> Skipped | None:
        """What a valid request lacks so that the service would never answer it this way; None where it might. A rule is not about such a
        request while this effect is due."""
        return None

    def add(self, decision: Decision, target: Target) -> None:
        """Add this effect's part to the decision about a request."""
        raise NotImplementedError


def shown(seconds: float) -> str:
    """A duration as people write it: 0.25 is 250ms, 2.0 is 2s."""
    return f"{seconds:.4g}s" if seconds >= 1 else f"{seconds * 1000:.4g}ms"
