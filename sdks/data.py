"""What was measured, as it is kept in measured/: a file for each SDK and version, in an order that does not depend on when or where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdks.work import FOLDER

MEASURED = FOLDER / "measured"
# So deep is a file laid out; what is deeper stands in one line
_DEPTH = 5
# The order in which readers want the modes
_FIRST_MODES = ("default", "standard", "adaptive", "legacy")


@dataclass(frozen=True, order=True)
class Condition:
    """`workers` on one client; `loaded`: busy loops beside it, two for each core."""

    loaded: bool
    workers: int

    def __str__(self) -> str:
        return f"{self.workers} {'worker' if self.workers == 1 else 'workers'}, {'loaded' if self.loaded else 'idle'}"


@dataclass
class Mode:
    """What one retry mode did. `headers` are those by which the client shows who it is; `runs` are by step and condition."""

    headers: dict[str, str] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, step: str, condition: Condition) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.runs.get(step, {}).get(str(condition))
        return found


@dataclass
class Measured:
    """All that was measured of one version of an SDK."""

    sdk: str
    version: str
    runtime: str = ""
    modes: dict[str, Mode] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return MEASURED / f"{self.sdk}-{self.version}.json"

    def mode(self, name: str) -> Mode:
        return self.modes.setdefault(name, Mode())

    def save(self, folder: Path = MEASURED) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.path.name
        draft = path.with_suffix(".draft")
        draft.write_text(_text(self._to_json(), 0) + "\n", "utf-8")
        draft.replace(path)

    def _to_json(self) -> dict[str, Any]:
        modes = {
            name: {"headers": dict(sorted(mode.headers.items())), "runs": {step: mode.runs[step] for step in sorted(mode.runs)}}
            for name, mode in sorted(self.modes.items())
        }
        return {"sdk": self.sdk, "version": self.version, "runtime": self.runtime, "modes": modes}


def load(path: Path) -> Measured:
    read = json.loads(path.read_text("utf-8"))
    modes = {name: Mode(mode["headers"], mode["runs"]) for name, mode in read["modes"].items()}
    return Measured(read["sdk"], read["version"], read["runtime"], {name: modes[name] for name in sorted(modes, key=_place)})


def load_all(folder: Path = MEASURED) -> Iterator[Measured]:
    """The newest version of each SDK first."""
    found = [load(path) for path in folder.glob("*.json")]
    yield from sorted(found, key=lambda one: (one.sdk, [-part for part in numbers(one.version)]))


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _place(mode: str) -> tuple[int, str]:
    return (_FIRST_MODES.index(mode) if mode in _FIRST_MODES else len(_FIRST_MODES), mode)


def _text(value: Any, depth: int) -> str:
    if depth > _DEPTH or not isinstance(value, Mapping) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = "  " * (depth + 1)
    members = (f"{inner}{json.dumps(name)}: {_text(member, depth + 1)}" for name, member in value.items())
    return "{\n" + ",\n".join(members) + "\n" + "  " * depth + "}"
