"""What a verdict says of a run, and the words in which it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from dynafault_dataclass import dataclass
from emulator.audit.seen import JudgedCall

_MAX_NAMED = 3


class Status(Enum):
    """How a verdict rules, from worst to best; NOTHING: the run gave it nothing to judge."""

    FAIL = "fail"
    WARN = "warn"
    INFO = "info"
    PASS = "pass"
    NOTHING = "n/a"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a verdict says of a run: `why` with calls and figures, `calls` the ids of those that it is about."""

    status: Status
    why: str
    calls: tuple[str, ...] = ()


def nothing(why: str) -> Ruling:
    return Ruling(Status.NOTHING, why)


def passed(why: str) -> Ruling:
    return Ruling(Status.PASS, why)


def found(status: Status, calls: Iterable[JudgedCall], why: str) -> Ruling:
    """A finding about some calls; a few of them are named after `why`."""
    concerned = list({call.id: call for call in calls}.values())
    return Ruling(status, f"{why} ({named(concerned)})" if concerned else why, tuple(call.id for call in concerned))


def worst(rulings: Sequence[Ruling], otherwise: Ruling) -> Ruling:
    """The worst of several findings, with what the others say; `otherwise` where there is none."""
    if not rulings:
        return otherwise
    order = list(Status)
    ordered = sorted(rulings, key=lambda ruling: order.index(ruling.status))
    calls = dict.fromkeys(call for ruling in ordered for call in ruling.calls)
    return Ruling(ordered[0].status, "; ".join(ruling.why for ruling in ordered), tuple(calls))


def named(calls: Sequence[JudgedCall]) -> str:
    names = ", ".join(call.label for call in calls[:_MAX_NAMED])
    return f"{names} and {len(calls) - _MAX_NAMED} more" if len(calls) > _MAX_NAMED else names


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
