"""What has been decided about differences: who is right, and how that is known. Kept in decisions.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from oracle.comparing import Difference
from oracle.endpoint import Request

FILE = Path(__file__).with_name("decisions.yaml")
# "neither": the documentation leaves it open, and the difference is kept
RIGHT = ("ours", "theirs", "unknown")
_KEYS = {"operation", "path", "ours", "theirs", "peer", "request", "witness", "right", "weak", "evidence"}


@dataclass(frozen=True, slots=True)
class Decision:
    """It covers differences of `operation` and `path` (globs, alternatives separated by blanks) whose texts contain `ours` and
    `theirs`, in answer to a request that contains `request` as JSON (regular expressions), with `peer` or with any; and, where there is a
    `witness`, only if that endpoint answered as we did. `weak`: others do the same, or one recording shows it, and no more is known."""

    operation: str
    path: str
    ours: re.Pattern[str]
    theirs: re.Pattern[str]
    request: re.Pattern[str]
    peer: str
    witness: str
    right: str
    weak: bool
    evidence: str

    def covers(self, peer: str, difference: Difference, request: Request, agreeing: Collection[str] = ()) -> bool:
        """`agreeing`: the endpoints that answered as we did."""
        return (
            (not self.witness or self.witness in agreeing)
            and _matches(self.peer, peer)
            and _matches(self.operation, difference.operation)
            and _matches(self.path, difference.path)
            and self.ours.search(difference.ours) is not None
            and self.theirs.search(difference.theirs) is not None
            and (not self.request.pattern or self.request.search(_text(request)) is not None)
        )


def load_decisions(path: Path = FILE) -> list[Decision]:
    """Raises ValueError for an entry that is not right, with its place in the list."""
    entries = yaml.safe_load(path.read_text()) or []
    return [_decision(place, entry) for place, entry in enumerate(entries, 1)]


def _decision(place: int, entry: dict[str, Any]) -> Decision:
    unknown = entry.keys() - _KEYS
    if unknown:
        raise ValueError(f"decision {place}: unknown {sorted(unknown)}")
    if entry.get("right") not in RIGHT:
        raise ValueError(f"decision {place}: 'right' is one of {RIGHT}")
    if not str(entry.get("evidence", "")).strip():
        raise ValueError(f"decision {place}: without evidence it is none")
    if not isinstance(entry.get("weak", False), bool):
        raise ValueError(f"decision {place}: 'weak' is true or false")
    if entry.get("witness") and not entry.get("weak"):
        raise ValueError(f"decision {place}: what a witness decides is weak")
    return Decision(
        entry.get("operation", "*"),
        entry.get("path", "*"),
        re.compile(entry.get("ours", "")),
        re.compile(entry.get("theirs", "")),
        re.compile(entry.get("request", "")),
        entry.get("peer", "*"),
        entry.get("witness", ""),
        entry["right"],
        entry.get("weak", False),
        entry["evidence"],
    )


def weakness(decisions: Sequence[Decision], used: Mapping[int, int]) -> str:
    """How many decisions are weak, and how often they were needed; `used` counts by the place in the list, from 1."""
    weak = [place for place, decision in enumerate(decisions, 1) if decision.weak]
    needed = sum(used.get(place, 0) for place in weak)
    why = "they rest on what other emulators do, or on one recording"
    return f"{len(weak)} of {len(decisions)} decisions are weak ({why}); {needed} differences were decided by them"


def _text(request: Request) -> str:
    if request.data is not None:
        return f"{request.data!r} {dict(request.headers)}"
    return json.dumps(request.params, default=str)


def _matches(globs: str, text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in globs.split())
