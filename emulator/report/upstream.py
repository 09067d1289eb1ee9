"""What a run shows of the upstream: how often it was asked, and which faults were its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.journal import Exchange


@dataclass(frozen=True, slots=True)
class UpstreamFacts:
    """`asked` counts the requests that were sent on; `errors` are the errors of the upstream's own, by name; `lost` the requests that it
    gave no answer to, by what became of them (`emulator.messages.Upstream`)."""

    asked: int
    errors: Mapping[str, int]
    lost: Mapping[str, int]

    @property
    def text(self) -> str:
        """In a line: `1,204 requests sent on; errors of its own: 3 ThrottlingException; no answer: 2 timed out`."""
        parts = [f"{self.asked:,} request{'' if self.asked == 1 else 's'} sent on"]
        if self.errors:
            parts.append(f"errors of its own: {_listed(self.errors)}")
        if self.lost:
            parts.append(f"no answer: {_listed(self.lost)}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        return {"asked": self.asked, "errors": dict(self.errors), "lost": dict(self.lost)}


def upstream_facts(entries: Iterable[Exchange]) -> UpstreamFacts | None:
    """None where nothing was sent on."""
    asked = 0
    errors: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for entry in entries:
        if entry.upstream is None:
            continue
        asked += 1
        if entry.upstream.how != "answered":
            lost[entry.upstream.how] += 1
        elif entry.is_upstreams_error:
            errors[entry.error] += 1
    return UpstreamFacts(asked, dict(errors.most_common()), dict(lost.most_common())) if asked else None


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
