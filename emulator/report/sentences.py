"""What a rule does, what became of an attempt, and where something stands in a scenario: in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any

from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.messages import EVERYTHING, Ending, WirePlan
from emulator.report.call_notes import KeyNames, attempt_notes
from emulator.scenario import Fault, Position, Rule, When
from emulator.scenario.delays import FixedDelay

_MAX_LENGTH = 400
_DURATIONS = ("hang_for", "refuse", "skew", "stale")
_THEN = {"stay": ", the last one from then on", "loop": ", again and again", "pass": ", then none"}
_ENDINGS = {
    Ending.FINISH: "then FIN",
    Ending.CLOSE: "then the connection is closed",
    Ending.RESET: "then the connection is reset",
    Ending.HANG: "then silence",
}


def rule_sentence(rule: Rule) -> str:
    """Which requests a rule is about, and what it does to them."""
    about = _when(rule.when)
    faults = ", then ".join(_fault(fault) for fault in rule.faults) + (_THEN[rule.then] if rule.sequence else "")
    limits = []
    if rule.chance is not None:
        limits.append(f"with a chance of {rule.chance:g}")
    if rule.limit is not None:
        limits.append(f"{rule.limit} {'time' if rule.limit == 1 else 'times'} at most")
    if rule.in_ is not None:
        limits.append(f"in {' or '.join(rule.in_)}")
    if rule.during is not None:
        limits.append(f"from {rule.during.start:g} s {'on' if rule.during.end is None else f'to {rule.during.end:g} s'}")
    return _shortened(f"{about}: {', '.join([faults, *limits])}")


def _when(when: When) -> str:
    operations = " or ".join(when.operation.written) or (f"every operation of {when.service}" if when.service else "every operation")
    parts = [operations]
    if when.table is not None:
        parts.append(f"on {' or '.join(when.table)}")
    if when.index is not None:
        parts.append(f"index {' or '.join(when.index)}")
    if when.key is not None:
        parts.append(f"key {_plain(when.key)}")
    for name, value in (("where", when.where), ("from", when.client), ("in", when.region), ("opened", when.opened)):
        if value is not None:
            parts.append(f"{name} {_plain(value)}")
    for name, ordinals in (("attempt", when.attempt), ("try", when.try_), ("call", when.call), ("request", when.request)):
        if ordinals is not None:
            parts.append(f"{name} {ordinals.written}")
    if when.per != "scenario":
        parts.append(f"counted per {when.per}")
    if when.idle is not None:
        parts.append(f"idle for {_plain(when.idle)}")
    return ", ".join([" ".join(parts[:2]), *parts[2:]]) if when.table is not None else ", ".join(parts)


def _fault(fault: Fault) -> str:
    told = " and ".join(_key(key, value) for key, value in fault.keys.items() if key != "applied")
    done = {None: "", True: ", though it is carried out", False: ", not carried out"}[fault.applied]
    return f"{told}{done}" or "nothing goes wrong"


def _key(key: str, value: Any) -> str:
    if isinstance(value, FixedDelay):
        return f"{key} {value.fixed:g} s"
    return f"{key} {value:g} s" if isinstance(value, float) and key in _DURATIONS else f"{key} {_plain(value)}"


def _plain(value: Any) -> str:
    """A value of the language without brackets, as far as that goes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_plain(one)}" for name, one in value.items())
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_plain, value))
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        given = ((one.name, getattr(value, one.name)) for one in fields(value))
        return " ".join(f"{name} {_plain(one)}" for name, one in given if one not in (None, (), ""))
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 3]}..."


def plan_text(plan: WirePlan | None) -> str:
    """What the server is to do with an answer, in its order."""
    if plan is None:
        return "sent at once"
    parts = [f"held back for {plan.delay * 1000:.0f} ms"] if plan.delay else []
    portion = plan.portion
    if portion.nothing:
        parts.append("nothing is sent")
    elif portion.head_only:
        parts.append("the head alone is sent")
    elif portion.share is not None:
        parts.append(f"{portion.share:.0%} of the body is sent")
    elif portion.size is not None:
        parts.append(f"{portion.size:,} bytes are sent")
    if plan.drip is not None:
        parts.append(f"at {plan.drip:g} bytes a second")
    if plan.ending in _ENDINGS:
        parts.append(_ENDINGS[plan.ending] + (f" for {plan.hang_for:g} s" if plan.hang_for is not None else ""))
    if plan.refuse_for is not None:
        parts.append(f"new connections are refused for {plan.refuse_for:g} s")
    return ", ".join(parts) or ("sent at once" if portion == EVERYTHING else str(portion))


def story_of(entry: Exchange, answer: ClientOutcome, names: KeyNames) -> str:
    """What became of an attempt: what was done, what its client was told, and what that does not say."""
    notes = [note for note in attempt_notes(entry, answer, names) if note not in ("applied", "perhaps applied")]
    return f"{_done(entry)}{_told(entry, answer)}{_beside(notes)}"


def _done(entry: Exchange) -> str:
    if entry.applied is True:
        return "The write was carried out"
    if entry.applied is False:
        return "Nothing was written"
    if entry.applied == "unknown":
        return "Whether anything was written is not known"
    return "The request writes nothing"


def _told(entry: Exchange, answer: ClientOutcome) -> str:
    if entry.delivery.how == "pending":
        return "; its answer is under way."
    if answer.outcome is ResponseClass.SUCCESS:
        return ", and its client was told so." if entry.applied else f", and it was answered with {entry.reply.status}."
    contrast = ", but" if entry.applied is True else ", and"
    if answer.outcome is ResponseClass.LOST:
        return f"{contrast} its client got no whole answer: {answer.error}."
    return f"{contrast} its client was told {answer.error} ({answer.status})."


def _beside(notes: Sequence[str]) -> str:
    return f" Beside: {', '.join(notes)}." if notes else ""


def short_place(where: Position | str) -> str:
    """The file without its folder, line and column. A report names the folder once, in the command that repeats the run or in what is next
    to do."""
    file, *numbers = str(where).rsplit(":", 2)
    return ":".join([PurePath(file).name, *numbers])
