"""The work list and the SDKs, as they stand in work.yaml and catalogue.yaml."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
WORKERS = (1, 32)
_LIMIT = 60
# What an action is asked of, if not of DynamoDB itself
_SERVICES = {"records": "streams", "gateways": "backup-gateway", "gateways-in-a-loop": "backup-gateway"}
_MAX_CALLS = 4
# What each worker reads in each of its calls
_OWN_ITEMS = [{"id": f"{worker}-{call}", "amount": 3} for worker in range(max(WORKERS)) for call in range(_MAX_CALLS)]


@dataclass(frozen=True)
class Step:
    """What goes wrong, and what the application does meanwhile. `does` names an action of the programs, `calls` is how often one worker
    does it; `timeout` is what the client's time-out is set to, in seconds, 0 for its own; `clock` is how many seconds the service's
    clock is ahead; `limit` is how many seconds a program is given; `only` are the SDKs that are asked, all where it is empty."""

    name: str
    title: str
    text: str
    does: str
    calls: int
    option: str
    tables: tuple[Mapping[str, Any], ...]
    rules: tuple[Mapping[str, Any], ...] = ()
    auth: Mapping[str, Any] | None = None
    workers: tuple[int, ...] = WORKERS
    only: tuple[str, ...] = ()
    timeout: int = 0
    clock: int = 0
    limit: int = _LIMIT
    quick: bool = False
    crowd: bool = False

    @property
    def service(self) -> str:
        return _SERVICES.get(self.does, "dynamodb")

    @cached_property
    def scenario(self) -> dict[str, Any]:
        own = _OWN_ITEMS if self.does == "get" else []
        tables = [{**table, "items": [*table["items"], *own]} for table in self.tables]
        scenario: dict[str, Any] = {"version": 1, "name": self.title, "seed": 1, "tables": tables, "rules": [*self.rules]}
        return scenario if self.auth is None else scenario | {"auth": self.auth}

    @cached_property
    def fingerprint(self) -> str:
        """Changes with what is measured, and not with how it is told."""
        facts = [self.tables, self.rules, self.auth, self.does, self.calls, self.timeout, self.clock, self.limit]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Sdk:
    """An SDK of the catalogue. Commands are texts with {python} and {version} in them; `modes` are environment variables by the name of
    the mode, `versions` the modes that are measured of each, the newest first; `settings` are by the `option` of a step, `lacks` are
    reasons by action."""

    name: str
    label: str
    needs: tuple[str, ...]
    install: tuple[str, ...]
    newest: tuple[str, ...]
    run: str
    versions: Mapping[str, tuple[str, ...]]
    modes: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, str]
    lacks: Mapping[str, str] = field(default_factory=dict)

    def is_asked(self, step: Step) -> bool:
        return step.does not in self.lacks and (not step.only or self.name in step.only)


@dataclass(frozen=True)
class Default:
    """What an SDK does by default `before` and `after` the change of 2026, as names of retry profiles ("": no change); `decides` is what
    brings it about, `source` what that rests on, "" for what was measured."""

    sdk: str
    before: str
    after: str
    decides: str
    source: str = ""


@dataclass(frozen=True)
class Fault:
    """What an unmodified SDK does wrong: in these steps, for which these verdicts may fail or warn. `issue` is its public report, if one
    was found."""

    sdks: tuple[str, ...]
    versions: str
    steps: tuple[str, ...]
    verdicts: tuple[str, ...]
    text: str
    issue: str = ""


@cache
def load_defaults() -> tuple[Default, ...]:
    return tuple(Default(**row) for row in _catalogue()["defaults"])


@cache
def load_faults() -> tuple[Fault, ...]:
    return tuple(Fault(**_tuples(row)) for row in yaml.safe_load((FOLDER / "faults.yaml").read_text("utf-8")))


@cache
def load_steps() -> tuple[Step, ...]:
    listed = yaml.safe_load((FOLDER / "work.yaml").read_text("utf-8"))
    return tuple(Step(tables=tuple(listed["tables"]), **_tuples(step)) for step in listed["steps"])


@cache
def load_sdks() -> tuple[Sdk, ...]:
    return tuple(Sdk(**_tuples(sdk)) for sdk in _catalogue()["sdks"])


def load_not_measured() -> Mapping[str, str]:
    """The reasons by SDK."""
    reasons: Mapping[str, str] = _catalogue()["not_measured"]
    return reasons


def _catalogue() -> dict[str, Any]:
    catalogue: dict[str, Any] = yaml.safe_load((FOLDER / "catalogue.yaml").read_text("utf-8"))
    return catalogue


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
