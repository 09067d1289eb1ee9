"""From files, texts and mappings to a `Scenario`: reading, checks that span files, merging. A bad source loads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.scenario.language import FILE, File, homes
from emulator.scenario.model import Rule, Scenario
from emulator.scenario.nodes import MAX_CHARACTERS, Node, Scalar, Sequence, Source, Unreadable, read_nodes
from emulator.scenario.nodes import Mapping as MappingNode
from emulator.scenario.parameters import Substitution, Value, declared, overridden
from emulator.scenario.problems import Position, Problem, ScenarioError
from emulator.scenario.reading import Reading, suggestion
from emulator.scenario.rules import RULE

ScenarioSource = str | Path | Mapping[str, Any]

_TEXT_NAME = "<text>"
_MAPPING_NAME = "<mapping>"


@dataclass(slots=True)
class _Loaded:
    source: Source
    root: MappingNode | None = None
    file: File | None = None
    parameters: tuple[str, ...] = ()


def load_scenario(source: ScenarioSource | None, *, parameters: Mapping[str, Value] | None = None) -> Scenario:
    """The scenario of one source: a path (Path, or text without a line break), YAML text (with a line break, or starting with
    "{"), a mapping, or None for a healthy service. Raises ScenarioError with every problem."""
    return _load([] if source is None else [_open(source)], parameters or {})


def load_scenarios(paths: Iterable[ScenarioSource], *, parameters: Mapping[str, Value] | None = None) -> Scenario:
    """The scenario that several sources make together: tables, rules and expectations in the order of the sources. Raises
    ScenarioError with the problems of all of them."""
    return _load([_open(path) for path in paths], parameters or {})


def load_rule(source: str | Mapping[str, Any]) -> Rule:
    """A single rule, as YAML text or as a mapping. Raises ScenarioError."""
    opened = _text_source(_TEXT_NAME, source) if isinstance(source, str) else _mapping_source(source)
    rules: tuple[Rule, ...] = ()
    with suppress(Unreadable):
        if not opened.problems:
            rules = Reading(opened, homes()).attempt(RULE, read_nodes(opened))
    if opened.problems:
        raise ScenarioError(opened.problems)
    return rules[0]


def _open(source: ScenarioSource) -> Source:
    if isinstance(source, Mapping):
        return _mapping_source(source)
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return _text_source(_TEXT_NAME, source)
    return _file_source(Path(source))


def _unopened(name: str, message: str, hint: str = "") -> Source:
    return Source(name, "", [Problem(name, 1, 1, message, hint)])


def _text_source(name: str, text: str) -> Source:
    if len(text) > MAX_CHARACTERS:
        return _unopened(name, f"the scenario has {len(text):,} characters", f"at most {MAX_CHARACTERS:,} are read")
    return Source(name, text)


def _mapping_source(mapping: Mapping[str, Any]) -> Source:
    try:
        text = json.dumps(dict(mapping), indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return _unopened(
            _MAPPING_NAME, f"the mapping cannot be written as JSON: {error}", "use text, numbers, truth values, None, lists, dicts"
        )
    return _text_source(_MAPPING_NAME, text)


def _file_source(path: Path) -> Source:
    name = str(path)
    try:
        # UTF-8 needs at most four bytes for a character.
        with path.open("rb") as file:
            content = file.read(4 * MAX_CHARACTERS + 1)
        return _text_source(name, content.decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not UTF-8 text ({error})"
        return _unopened(name, f"cannot be read: {reason}")


def _load(sources: list[Source], parameters: Mapping[str, Value]) -> Scenario:
    loaded = [_read(source, parameters) for source in sources]
    problems = [*_unknown_parameters(loaded, parameters)]
    with suppress(Unreadable):
        _check_unique(loaded, "tables")
        _check_unique(loaded, "rules")
        _check_rules_named(loaded)
    problems += [problem for one in loaded for problem in one.source.problems]
    if problems:
        raise ScenarioError(problems)
    return _merge(loaded)


def _read(source: Source, parameters: Mapping[str, Value]) -> _Loaded:
    loaded = _Loaded(source)
    if source.problems:
        return loaded
    with suppress(Unreadable):
        root = read_nodes(source)
        if isinstance(root, MappingNode):
            defaults = declared(root, source)
            loaded.parameters = tuple(defaults)
            root = Substitution(overridden(defaults, parameters), source).mapping(root)
            loaded.root = root
        for file in Reading(source, homes()).attempt(FILE, root):
            loaded.file = file
    return loaded


def _unknown_parameters(loaded: list[_Loaded], given: Mapping[str, Value]) -> Iterator[Problem]:
    known = [name for one in loaded for name in one.parameters]
    for name in given:
        if name not in known:
            hint = suggestion(name, known) or "a scenario declares its parameters under 'parameters'"
            yield Problem("<parameters>", 1, 1, f"unknown parameter '{name[:64]}'", hint)


def _children(one: _Loaded, kind: str) -> Iterator[MappingNode]:
    """The mappings below a top-level key, whether or not they could be read."""
    node = None if one.root is None else one.root.get(kind)
    if isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, MappingNode))


def _named(loaded: list[_Loaded], kind: str, key: str = "name") -> Iterator[tuple[Source, Scalar]]:
    for one in loaded:
        for child in _children(one, kind):
            name: Node | None = child.get(key)
            if isinstance(name, Scalar):
                yield one.source, name


def _check_unique(loaded: list[_Loaded], kind: str) -> None:
    first: dict[str, Position] = {}
    for source, name in _named(loaded, kind):
        if first.setdefault(name.text, name.where) is not name.where:
            earlier = first[name.text]
            place = f"in line {earlier.line}" if earlier.file == source.file else f"at {earlier}"
            source.report(name.where, f"the {kind[:-1]} '{name.text[:64]}' is here twice", f"first {place}")


def _check_rules_named(loaded: list[_Loaded]) -> None:
    rules = [name.text for _, name in _named(loaded, "rules")]
    for source, name in _named(loaded, "expect", "rule"):
        if name.text not in rules:
            source.report(name.where, f"there is no rule '{name.text[:64]}'", suggestion(name.text, rules))


def _merge(loaded: list[_Loaded]) -> Scenario:
    files = [(one.source, one.file) for one in loaded if one.file is not None]
    seeds = {file.seed: source for source, file in files if file.seed is not None}
    if len(seeds) > 1:
        first, second, *_ = seeds
        raise ScenarioError(
            [Problem(seeds[second].file, 1, 1, f"the seed {second} here, {first} in {seeds[first].file}", "one run has one seed")]
        )
    return Scenario(
        name=" + ".join(file.name for _, file in files if file.name),
        description="\n".join(file.description for _, file in files if file.description),
        seed=next(iter(seeds), None),
        tables=tuple(table for _, file in files for table in file.tables),
        rules=tuple(rule for _, file in files for rule in file.rules),
        expect=tuple(expectation for _, file in files for expectation in file.expect),
        files=tuple(source.file for source, _ in files),
        warnings=tuple(sorted(warning for source, _ in files for warning in source.warnings)),
    )
