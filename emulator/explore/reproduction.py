"""The scenario that shows a finding by itself: the user's own scenario, the fault, and the expectations that fail."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dynafault_dataclass import dataclass
from emulator.explore.differences import TableDifference
from emulator.explore.findings import Cell
from emulator.explore.masking import Item
from emulator.explore.run_outcomes import Judgement, RunOutcome
from emulator.scenario import Scenario

# Below the folder of the found scenarios: copies of the user's own, which they include
_BASE = "scenario"
_MAX_ROWS = 20
_MAX_NAME = 200
# How long a program that does not end is given
_END = "60s"
# What needs no quotes: names, ranges such as 2.., durations such as 5s
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|\d+\.\.\d*|\d+(?:ms|s|m|h)")
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?")


@dataclass(frozen=True, slots=True)
class Base:
    """The user's scenario as those that are found take it in: copies of its files below `folder`, by their names there."""

    folder: Path
    includes: tuple[str, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario, folder: Path) -> Base:
        return cls(folder, tuple(name for name, _, depth in _copies(scenario) if depth == 0))


def command_of(scenario: str, parameters: Mapping[str, Any], command: str) -> str:
    """The command line that runs a found scenario, as a shell takes it. `parameters` are those of the user's scenario, `command` is
    what is run against it."""
    words = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
    return f"{shlex.join(['dynafault', 'run', *words, scenario])} -- {command}"


def write_base(scenario: Scenario, folder: Path) -> Base:
    """Copy the files of the user's scenario. Raises OSError."""
    copies = list(_copies(scenario))
    for name, text, _ in copies:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Base.of(scenario, folder)


def _copies(scenario: Scenario) -> Iterator[tuple[str, str, int]]:
    """Each file with its name below the folder, its text, and its depth; what is included lies as it did."""
    texts = scenario.texts
    roots = [Path(saved.file) for saved in texts if saved.depth == 0]
    for number, root in enumerate(roots, 1):
        home = root.parent
        folder = _BASE if len(roots) == 1 else f"{_BASE}/{number}"
        for saved in texts:
            path = Path(saved.file)
            if path == root or (saved.depth and _is_below(path, home)):
                yield f"{folder}/{path.relative_to(home).as_posix()}", saved.text, 0 if path == root else saved.depth
                for items in saved.items:
                    source = Path(items.path)
                    if _is_below(source, home) and source.is_file():
                        yield f"{folder}/{source.relative_to(home).as_posix()}", source.read_text(encoding="utf-8"), 1


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder)


def scenario_for(cell: Cell, rules: Sequence[Mapping[str, Any]], title: str, base: Base) -> dict[str, Any]:
    """The scenario as a mapping in the language, in the order in which it is written."""
    found: dict[str, Any] = {"version": 1, "name": title[:_MAX_NAME]}
    if base.includes:
        found["include"] = list(base.includes)
    found["rules"] = [dict(rule) for rule in rules]
    expect = list(_expected(cell.judgement))
    if expect:
        found["expect"] = expect
    return found


def _expected(judgement: Judgement) -> Iterator[dict[str, Any]]:
    if judgement.outcome is RunOutcome.HUNG:
        yield {"ends": _END}
    for difference in judgement.differences:
        yield _contents(difference)


def _contents(difference: TableDifference) -> dict[str, Any]:
    """What the table holds without the fault, as far as that is what differs."""
    expected: dict[str, Any] = {"table": difference.table.partition(" ")[0]}
    if difference.seen != difference.clean:
        expected["items"] = difference.clean
    wanted = [*difference.missing, *({name: one.was[name] for name in _told(difference, one.was, one.names)} for one in difference.changed)]
    if wanted:
        expected["has"] = [_written(item) for item in wanted[:_MAX_ROWS]]
    elif difference.seen == difference.clean:
        expected["lacks"] = [_written(item) for item in difference.extra[:_MAX_ROWS]]
    return expected


def _told(difference: TableDifference, item: Item, names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys([*difference.key, *names]) if name in item]


def _written(item: Item) -> dict[str, Any]:
    """An item as people write it in a scenario, by what is compared of it."""
    return {name: _plain(value) for name, value in item.items() if _is_whole(value)}


def _is_whole(value: Any) -> bool:
    """Whether nothing of it was masked: of such a list only the length is known."""
    (kind, held), *_ = value.items()
    if kind == "L":
        return not isinstance(held, int) and all(map(_is_whole, held))
    return all(map(_is_whole, held.values())) if kind == "M" else True


def _plain(value: Mapping[str, Any]) -> Any:
    (kind, held), *_ = value.items()
    if kind in ("S", "BOOL"):
        return held
    if kind == "NULL":
        return None
    if kind == "N":
        return Decimal(held) if _NUMBER.fullmatch(held) else {"N": held}
    if kind == "L":
        return [_plain(one) for one in held]
    if kind == "M":
        inner = {name: _plain(one) for name, one in held.items()}
        # A map whose only name is that of a type would be read as a value of it
        return {"M": {name: dict(one) for name, one in held.items()}} if len(inner) == 1 and next(iter(inner)).isupper() else inner
    return {kind: held}


def text_of_scenario(found: Mapping[str, Any], comment: Sequence[str]) -> str:
    """The scenario as YAML, with some lines of comment above it."""
    head = "".join(f"# {line}\n" for text in comment for line in text.splitlines())
    parts = []
    for key, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = "".join(f"  - {_flow(one)}\n" for one in value)
            parts.append(f"{key}:\n{rows}")
        else:
            parts.append(f"{key}: {_flow(value)}\n")
    return head + "".join(parts)


def _flow(value: Any) -> str:
    """A value in YAML's flow style, with quotes where they are needed."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
        # JSON's texts are YAML's; a reference to a parameter would be one here, too
        return value if is_plain else json.dumps(value.replace("${", "$${"), ensure_ascii=False)
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def name_of(number: int, cell: Cell) -> str:
    """The name of the file, e.g. "003-payments-doubled.yaml"."""
    parts = [*cell.point.kind.tables[:1], cell.judgement.outcome.value]
    slug = re.sub(r"[^a-z0-9]+", "-", " ".join(parts or [cell.point.kind.operation]).lower()).strip("-")
    return f"{number:03d}-{slug}.yaml"
