"""What was measured now beside what is kept: other attempts, other endings, other verdicts, waits beyond those documented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sdks.data import Condition, Measured, load_all
from sdks.documented import typical_waits

_ALONE = Condition(loaded=False, workers=1)


@dataclass(frozen=True)
class Comparison:
    """The runs that both versions have: how many they are, and what differs in them, in lines of Markdown."""

    sdk: str
    before: str
    now: str
    runs: int
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = self.differences or ("no difference",) if self.runs else ("no run that can be compared",)
        head = f"## {self.sdk}: {self.before} -> {self.now}, {self.runs} {'run' if self.runs == 1 else 'runs'}"
        return "\n".join((head, "", *(f"- {line}" for line in lines), ""))


def compare_all(measured: Iterable[Measured]) -> list[Comparison]:
    """Each beside the newest version that is kept of its SDK."""
    kept: dict[str, Measured] = {}
    for one in load_all():
        kept.setdefault(one.sdk, one)
    return [compare(kept[one.sdk], one) for one in measured if one.sdk in kept]


def compare(kept: Measured, now: Measured) -> Comparison:
    """A difference that several conditions show is told once."""
    found: dict[tuple[str, str, str], list[str]] = {}
    runs = 0
    for mode, step, condition, facts in _runs(now):
        before = kept.modes[mode].runs.get(step, {}).get(condition) if mode in kept.modes else None
        if before is not None and before["step"] == facts["step"]:
            runs += 1
            for what in _differences(before, facts):
                found.setdefault((mode, step, what), []).append(condition)
        # What many workers wait for each other is no wait of their SDK, and nothing is documented of an adaptive one's send rate
        if condition == str(_ALONE) and mode != "adaptive":
            for wait in typical_waits(now, mode, facts):
                if wait.is_beyond:
                    found.setdefault((mode, step, str(wait)), []).append(condition)
    differences = tuple(f"{mode} mode, {step} ({'; '.join(conditions)}): {what}" for (mode, step, what), conditions in found.items())
    return Comparison(now.sdk, kept.version, now.version, runs, differences)


def _runs(measured: Measured) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for name, mode in measured.modes.items():
        for step, by_condition in mode.runs.items():
            for condition, facts in by_condition.items():
                yield name, step, condition, facts


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for operation in sorted({*before["calls"], *now["calls"]}):
        tries, tried = (_attempts(facts["calls"].get(operation)) for facts in (now, before))
        # Where a retry quota cuts the calls of several workers short, chance tells by how much
        is_by_chance = len(tries) > 1 and len(tried) > 1
        if tries and tried and max(tries) != max(tried) and not is_by_chance:
            yield f"{operation} takes {max(tries)} attempts instead of {max(tried)}"
    if set(before["saw"]) != set(now["saw"]):
        yield f"the application sees {_listed(now['saw'])} instead of {_listed(before['saw'])}"
    # Many a warning depends on chance
    old, new = (set(facts["verdicts"].get("fail", ())) for facts in (before, now))
    if new - old:
        yield f"now fails {', '.join(sorted(new - old))}"
    if old - new:
        yield f"does not fail {', '.join(sorted(old - new))} any more"


def _attempts(calls: Mapping[str, Any] | None) -> list[int]:
    """How many attempts calls took; none where nothing was asked, or nothing tells which attempts are of one call."""
    return [int(count) for count in calls["attempts"]] if calls else []


def _listed(saw: Mapping[str, int]) -> str:
    return " or ".join(saw) or "nothing"
