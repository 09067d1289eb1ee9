"""One call as a row of markup: its attempts and gaps from left to right, drawn to the call's own scale.

A report may have ten thousand of these rows, so they are put together here and not in the template, of as few elements as will do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from dynafault_dataclass import dataclass
from emulator.audit import JudgedCall
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.report.call_notes import KeyNames, attempt_notes, items_text
from emulator.report.fates import fate_of
from emulator.report.formats.html.scale import duration

WIDTH = 480
# What even the shortest attempt and gap take, in pixels, where there is room
_LEAST_BAR, _LEAST_GAP = 6.0, 9.0
# A call of one short attempt is no wide bar: this many seconds fill a row at least
_LEAST_TIME = 0.1
# A gap's length is written over it where it fits
_LABEL_FROM = 42.0
_TOP, _HEIGHT, _LINE, _MARK = 6, 16, 14, 26
# If a call has more attempts than this, the others are not described one by one
_MAX_TOLD = 40
_MAX_NOTES = 2
# The least share of the run that a call takes whose attempts can be told apart there
_LEAST_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Row:
    """A call. `classes` are those of "flagged", "failed", "retried", "faulted" that hold."""

    classes: frozenset[str]
    markup: str


@dataclass(frozen=True, slots=True)
class RunTime:
    """The stretch of time that all rows share on the one clock, in seconds of `Clock.monotonic()`."""

    began: float
    ended: float

    def place_of(self, call: JudgedCall) -> str:
        """Where a call lies in it, in per cent, as style."""
        return f"--at:{(call.started - self.began) / self._span * 100:.2f};--wide:{self._share(call) * 100:.2f}"

    def brief(self, call: JudgedCall) -> str:
        """The class of a call that is too short there for a picture of its attempts."""
        return " brief" if self._share(call) < _LEAST_SHARE else ""

    @property
    def _span(self) -> float:
        return max(self.ended - self.began, 0.001)

    def _share(self, call: JudgedCall) -> float:
        return max(0.0, call.ended - call.started) / self._span


@dataclass(frozen=True, slots=True)
class _Piece:
    """An attempt, or (`number` 0) the wait between two; `seconds` None: not known."""

    x: float
    width: float
    seconds: float | None
    number: int = 0


def row_of(call: JudgedCall, flags: Sequence[str], names: KeyNames, run: RunTime, opened: str = "") -> Row:
    """The row of a call; `flags` are the verdicts that complain about it, `names` the key attributes of tables, `opened` is the markup
    of what stands in the row when it is opened, "" where it cannot be."""
    last = call.answers[-1]
    holds = {
        "flagged": bool(flags),
        "failed": last.outcome is not ResponseClass.SUCCESS,
        "retried": call.attempts > 1,
        "faulted": any(entry.fault for entry in call.entries),
    }
    classes = frozenset(name for name, is_so in holds.items() if is_so)
    pieces = list(_pieces(call))
    about = " ".join(filter(None, (", ".join(call.request.tables), items_text(call.request, names))))
    where = f'{escape(call.operation)} <span class="soft">{escape(about)} <code>{escape(call.short_id)}</code></span>'
    notes = list(
        dict.fromkeys(
            note for entry, answer in zip(call.entries, call.answers, strict=True) for note in attempt_notes(entry, answer, names)
        )
    )
    return Row(
        classes,
        _row(
            call,
            f"row {' '.join(sorted(classes))}",
            f'<span class="what">{where}</span>'
            f'<span class="wf{run.brief(call)}" title="{escape(_told(call, pieces, names))}" style="{run.place_of(call)};'
            f'--fate:var(--{fate_of(call.entries[-1], last, names)})">'
            f"{_drawn(call, pieces, names)}</span>"
            f'<span class="took">{duration(call.ended - call.started)}</span><span class="end">{_ended(call, last, flags, notes)}</span>',
            opened,
        ),
    )


def _row(call: JudgedCall, classes: str, summary: str, opened: str) -> str:
    """A link to a place within opens the row, so its name stands there."""
    name = f'id="call-{escape(call.id)}"'
    if not opened:
        return f'<div class="{classes} line" {name}>{summary}</div>'
    return f'<details class="{classes}"><summary class="line">{summary}</summary><div class="opened" {name}>{opened}</div></details>'


def _ended(call: JudgedCall, last: ClientOutcome, flags: Sequence[str], notes: Sequence[str]) -> str:
    style = "pass" if last.outcome is ResponseClass.SUCCESS else "fail"
    parts = [f'<span class="flags">{escape(" ".join(flags))}</span>'] if flags else []
    parts.append(f'<span class="{style}">{escape(_what(last))}</span>')
    if call.is_write:
        times = call.applied
        words = {0: "not applied", 1: "applied once", 2: "applied twice"}.get(times, f"applied {times} times")
        parts.append(f'<span class="{"twice" if times > 1 else "soft"}">{words}</span>')
    beside = [note for note in notes if note != "applied"][:_MAX_NOTES]
    if beside:
        parts.append(f'<span class="twice">{escape(", ".join(beside))}</span>')
    return " ".join(parts)


def _what(answer: ClientOutcome) -> str:
    return "under way" if answer.outcome is ResponseClass.PENDING else answer.error or "success"


def _pieces(call: JudgedCall) -> Iterator[_Piece]:
    lengths = [0.0 if entry.ended is None else max(0.0, entry.ended - entry.request.arrived) for entry in call.entries]
    known = {gap.retry: gap.seconds for gap in call.gaps}
    waits = [known.get(retry) for retry in range(call.attempts - 1)]
    total = sum(lengths) + sum(wait or 0.0 for wait in waits)
    shrink = min(1.0, WIDTH / 2 / (_LEAST_BAR * len(lengths) + _LEAST_GAP * len(waits)))
    room = WIDTH - shrink * (_LEAST_BAR * len(lengths) + _LEAST_GAP * len(waits))
    scale = room / max(total, _LEAST_TIME)
    x = 0.0
    for number, length in enumerate(lengths, 1):
        if number > 1:
            wait = waits[number - 2]
            width = _LEAST_GAP * shrink + (wait or 0.0) * scale
            yield _Piece(x, width, wait)
            x += width
        width = _LEAST_BAR * shrink + length * scale
        yield _Piece(x, width, length, number)
        x += width


def _drawn(call: JudgedCall, pieces: list[_Piece], names: KeyNames) -> str:
    """One path for the attempts of each fate, one for the waits, one for the marks of applied writes, and the labels."""
    bars: dict[str, str] = {}
    waits = marks = labels = ""
    for piece in pieces:
        x, width = f"{piece.x:.0f}", f"{piece.width:.0f}"
        middle = f"{piece.x + piece.width / 2:.0f}"
        if piece.number:
            kind = f"fate-{fate_of(call.entries[piece.number - 1], call.answers[piece.number - 1], names)}"
            bars[kind] = f"{bars.get(kind, '')}M{x} {_TOP}h{width}v{_HEIGHT}h-{width}z"
            marks += f"M{middle} {_MARK}h0" if call.entries[piece.number - 1].applied is True else ""
        else:
            waits += f"M{x} {_LINE}h{width}"
            if piece.width >= _LABEL_FROM:
                told = "?" if piece.seconds is None else duration(piece.seconds)
                labels += f'<i style="left:{(piece.x + piece.width / 2) / WIDTH:.1%}">{told}</i>'
    drawn = f'<path class="wait" d="{waits}"/>' if waits else ""
    drawn += "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in bars.items())
    drawn += f'<path class="mark" d="{marks}"/>' if marks else ""
    # Letters are none of the picture, which may be stretched
    return f'<svg viewBox="0 0 {WIDTH} 30" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>{labels}'


def _told(call: JudgedCall, pieces: list[_Piece], names: KeyNames) -> str:
    """The picture in words, for whoever points at it."""
    lines = []
    for piece in pieces:
        took = "an unknown time" if piece.seconds is None else duration(piece.seconds)
        if piece.number:
            entry, answer = call.entries[piece.number - 1], call.answers[piece.number - 1]
            rule = f", rule {entry.rule}" if entry.rule else ""
            notes = attempt_notes(entry, answer, names) or (["applied"] if entry.applied is True else [])
            lines.append(f"{piece.number}: {', '.join([f'{_what(answer)}{rule}', *notes, took])}")
        else:
            lines.append(f"wait {took}")
    more = [f"... and {len(lines) - _MAX_TOLD} more"] if len(lines) > _MAX_TOLD else []
    return "\n".join([*lines[:_MAX_TOLD], *more])
