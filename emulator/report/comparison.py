"""Two runs side by side, from their published reports: which figures grew, which verdicts changed, which calls went differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from dynafault_dataclass import dataclass

# If more calls than this went differently, those that differ most are shown
MAX_CALLS = 100

# A report in its published form (`Facts.to_json`)
Published = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReportDifference:
    """One thing in both runs; "" where a run does not have it."""

    what: str
    before: str
    after: str

    @property
    def is_one(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class ReportComparison:
    """`figures` are all there are; of `verdicts`, `expectations` and `calls` only what differs. `left_out` counts calls beyond
    MAX_CALLS."""

    names: tuple[str, str]
    figures: tuple[ReportDifference, ...]
    verdicts: tuple[ReportDifference, ...]
    expectations: tuple[ReportDifference, ...]
    calls: tuple[ReportDifference, ...]
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        def listed(found: Iterable[ReportDifference]) -> list[dict[str, str]]:
            return [{"what": one.what, "before": one.before, "after": one.after} for one in found]

        parts = {"figures": self.figures, "verdicts": self.verdicts, "expectations": self.expectations, "calls": self.calls}
        return {"before": self.names[0], "after": self.names[1], **{name: listed(part) for name, part in parts.items()}}


def compare(before: Published, after: Published, names: tuple[str, str]) -> ReportComparison:
    """Two calls are the same if both are the n-th of their operation on their tables."""
    calls = _calls(before["calls"], after["calls"])
    calls.sort(key=lambda pair: -abs(_attempts(pair[1]) - _attempts(pair[2])))
    differing = [one for one in (ReportDifference(what, _call(old), _call(new)) for what, old, new in calls) if one.is_one]
    return ReportComparison(
        names,
        tuple(ReportDifference(name, of(before), of(after)) for name, of in _FIGURES),
        tuple(_changed(before["audit"], after["audit"], lambda one: f"{one['id']} {one['title']}")),
        tuple(_changed(before["expectations"], after["expectations"], lambda one: str(one["text"]))),
        tuple(differing[:MAX_CALLS]),
        max(0, len(differing) - MAX_CALLS),
    )


def _sum(key: Callable[[Mapping[str, Any]], int]) -> Callable[[Published], str]:
    return lambda report: f"{sum(map(key, report['calls'])):,}"


def _waits(of: Callable[[Sequence[float]], float]) -> Callable[[Published], str]:
    def figure(report: Published) -> str:
        waits = [gap for call in report["calls"] for gap in call["gaps_ms"] if gap is not None]
        return f"{of(waits):,.0f} ms" if waits else "none"

    return figure


_FIGURES: tuple[tuple[str, Callable[[Published], str]], ...] = (
    ("verdict", lambda report: str(report["verdict"])),
    ("scenario", lambda report: str(report["scenario"] or "none")),
    ("seed", lambda report: str(report["seed"])),
    ("calls", lambda report: f"{len(report['calls']):,}"),
    ("attempts", _sum(lambda call: call["attempts"])),
    ("faults", _sum(lambda call: sum(fault is not None for fault in call["faults"]))),
    ("calls that failed", _sum(lambda call: call["outcome"] != "success")),
    ("writes applied", _sum(lambda call: call["applied"] or 0)),
    ("writes applied again", _sum(lambda call: max(0, (call["applied"] or 0) - 1))),
    ("waits, median", _waits(median)),
    ("waits, longest", _waits(max)),
    ("waits, together", _waits(sum)),
    ("exchanges dropped", lambda report: f"{report['dropped']:,}"),
)


def _changed(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], name: Callable[[Mapping[str, Any]], str]
) -> Iterable[ReportDifference]:
    olds, news = ({name(one): one for one in found} for found in (before, after))
    for what in dict.fromkeys([*olds, *news]):
        old, new = olds.get(what), news.get(what)
        if (old or {}).get("status") != (new or {}).get("status"):
            yield ReportDifference(what, _finding(old), _finding(new))


def _finding(one: Mapping[str, Any] | None) -> str:
    return "" if one is None else f"{one['status']}: {one['why']}"


def _calls(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    olds, news = dict(_numbered(before)), dict(_numbered(after))
    return [(what, olds.get(what), news.get(what)) for what in dict.fromkeys([*olds, *news])]


def _numbered(calls: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    seen: Counter[str] = Counter()
    for call in calls:
        kind = " ".join([call["operation"], ", ".join(call["tables"])]).strip()
        seen[kind] += 1
        yield f"{kind} #{seen[kind]}", call


def _attempts(call: Mapping[str, Any] | None) -> int:
    return 0 if call is None else int(call["attempts"])


def _call(call: Mapping[str, Any] | None) -> str:
    """How a call went, without its waits: those differ in any two runs."""
    if call is None:
        return ""
    applied = "" if call["applied"] is None else f", applied {call['applied']} {'time' if call['applied'] == 1 else 'times'}"
    return f"{call['attempts']} {'attempt' if call['attempts'] == 1 else 'attempts'}, {call['outcome']}{applied}"
