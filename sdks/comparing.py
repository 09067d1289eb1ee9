"""What was measured now beside what is kept: other attempts, other endings, other verdicts, waits beyond those documented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sdks.data import Condition, Measured, load_all
from sdks.documented import typical_waits

_ALONE = Condition(loaded=False, workers=1)


def compare_all(measured: Iterable[Measured]) -> list[str]:
    """A line of Markdown for each difference."""
    kept: dict[str, Measured] = {}
    for one in load_all():
        kept.setdefault(one.sdk, one)
    return [line for one in measured if one.sdk in kept for line in compare(kept[one.sdk], one)]


def compare(kept: Measured, now: Measured) -> Iterator[str]:
    """Differences in what both have. The most attempts are compared, since chance can cut a call of several workers short."""
    for name, mode in now.modes.items():
        known = kept.modes.get(name)
        for step, runs in mode.runs.items() if known is not None else ():
            for condition, facts in runs.items():
                before = known.runs.get(step, {}).get(condition) if known is not None else None
                if before is not None and before["step"] == facts["step"]:
                    where = f"- {now.sdk} {kept.version} -> {now.version} ({name} mode), {step}, {condition}"
                    yield from (f"{where}: {what}" for what in _differences(before, facts))
                # What many workers wait for each other is no wait of their SDK
                for wait in typical_waits(now, name, facts) if condition == str(_ALONE) else ():
                    if wait.is_beyond:
                        yield f"- {now.sdk} {now.version} ({name} mode), {step}, {condition}: {wait}"


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for operation in sorted({*before["calls"], *now["calls"]}):
        tries, tried = (_most(facts["calls"].get(operation)) for facts in (now, before))
        if tries != tried:
            yield f"{operation} takes {tries} attempts instead of {tried}"
    if set(before["saw"]) != set(now["saw"]):
        yield f"the application sees {_listed(now['saw'])} instead of {_listed(before['saw'])}"
    # Many a warning depends on chance
    old, new = (set(facts["verdicts"].get("fail", ())) for facts in (before, now))
    if new - old:
        yield f"now fails {', '.join(sorted(new - old))}"
    if old - new:
        yield f"does not fail {', '.join(sorted(old - new))} any more"


def _most(calls: Mapping[str, Any] | None) -> int:
    return max(map(int, calls["attempts"])) if calls else 0


def _listed(saw: Mapping[str, int]) -> str:
    return " or ".join(saw) or "nothing"
