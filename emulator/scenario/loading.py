"""From sources to a `Scenario`: each file is read, with those that it includes; a bad one loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.scenario.language import FILE, TIME_SCALE, Scenario, sections_by_key
from emulator.scenario.merging import Loaded, check, merge, unknown_parameters
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode, Source, Unreadable, read_nodes
from emulator.scenario.parameters import Substitution, Value, declared, overridden
from emulator.scenario.problems import ScenarioError
from emulator.scenario.reading import Reading, Refused, Reported
from emulator.scenario.rules import RULE, Rule
from emulator.scenario.saved_files import SavedText
from emulator.scenario.scalars import ScalarKind
from emulator.scenario.sources import ScenarioSource, from_file, from_text, is_within, open_source

MAX_FILES = 100


def load_scenario(source: ScenarioSource | None, *, parameters: Mapping[str, Value] | None = None) -> Scenario:
    """The scenario of one source: a path (Path, or text without a line break), the short name of a shipped one such as
    "throttling/hot-key", YAML text (with a line break, or starting with "{"), a mapping, or None for a healthy service. Raises
    ScenarioError with every problem."""
    return load_scenarios([] if source is None else [source], parameters=parameters)


def load_scenarios(sources: Iterable[ScenarioSource], *, parameters: Mapping[str, Value] | None = None) -> Scenario:
    """The scenario that several sources make together: tables, rules and expectations in the order of the sources. Raises
    ScenarioError with the problems of all of them."""
    loader = _Loader(parameters or {})
    for source in sources:
        opened, path = open_source(source)
        loader.load(opened, path)
    return loader.scenario()


def load_saved(texts: Iterable[SavedText], parameters: Mapping[str, Value]) -> Scenario:
    """The scenario whose texts were saved (`Scenario.texts`, `Scenario.parameters`), whatever has become of its files. Items that it
    had in files of their own are in it if they were saved, too; `Scenario.beside` names the files of the others. Raises ScenarioError."""
    loader = _Loader(parameters)
    for saved in texts:
        loader.load_saved(saved)
    return loader.scenario()


def load_edited(scenario: Scenario, file: str, text: str) -> Scenario:
    """The scenario that a loaded one becomes where one of its files, or what it has instead of files, says `text`; where it has no such
    file, `text` alone. The other files are read again. Raises ScenarioError with every problem."""
    if all(saved.file != file for saved in scenario.texts):
        loader = _Loader({})
        loader.load(from_text(file, text), None)
        return loader.scenario()
    loader = _Loader(scenario.parameters, {file: text})
    for saved in scenario.texts:
        if saved.depth:
            continue
        path = Path(saved.file)
        if path.is_file():
            loader.load(from_file(path), path)
        else:
            loader.load(from_text(saved.file, saved.text), None)
    return loader.scenario()


def load_rule(source: str | Mapping[str, Any]) -> Rule:
    """A single rule, as YAML text or as a mapping. Raises ScenarioError."""
    opened, _ = open_source(source if isinstance(source, Mapping) else f"{source}\n")
    rules: tuple[Rule, ...] = ()
    with suppress(Unreadable):
        if not opened.problems:
            root = read_nodes(opened)
            rules = Reading(opened, sections_by_key()).attempt(RULE, root)
            _refuse_phases(root, opened)
    if opened.problems:
        raise ScenarioError(opened.problems)
    return replace(rules[0], text=opened.text)


def _refuse_phases(root: Node, source: Source) -> None:
    if not isinstance(root, MappingNode):
        return
    when = root.get("when")
    asked = {"in": root.get("in"), "opened": when.get("opened") if isinstance(when, MappingNode) else None}
    for key, node in asked.items():
        if node is not None:
            source.report(node.where, "a rule that comes alone knows no phases", f"leave '{key}' out, or load a whole scenario")


class _Loader:
    """The loading of some sources and of all that they include. `edited` are texts to take instead of those of the files so named."""

    def __init__(self, parameters: Mapping[str, Value], edited: Mapping[str, str] | None = None) -> None:
        self._parameters = parameters
        self._edited = edited or {}
        self._loaded: list[Loaded] = []
        self._known: set[Path] = set()
        self._open: list[Path] = []

    def scenario(self) -> Scenario:
        problems = [*unknown_parameters(self._loaded, iter(self._parameters))]
        with suppress(Unreadable):
            check(self._loaded)
        problems += [problem for one in self._loaded for problem in one.source.problems]
        if problems:
            raise ScenarioError(problems)
        return replace(merge(self._loaded), parameters=dict(self._parameters))

    def load_saved(self, saved: SavedText) -> None:
        """Read a text that was loaded once before; what it includes has been saved beside it."""
        loaded = Loaded(from_text(saved.file, saved.text), saved.depth, saved.scale)
        loaded.source.items.extend(saved.items)
        with suppress(Unreadable):
            self._read(loaded, None, saved.scale, apart=True)
        self._loaded.append(loaded)

    def load(self, source: Source, path: Path | None, scale: float = 1.0) -> None:
        """Read a source, after those that it includes. `scale` is the time scale of the file that includes it."""
        if source.file in self._edited:
            source = from_text(source.file, self._edited[source.file])
        loaded = Loaded(source, len(self._open), scale)
        if path is not None:
            self._known.add(path.resolve())
        with suppress(Unreadable):
            self._read(loaded, path, scale)
        self._loaded.append(loaded)

    def _read(self, loaded: Loaded, path: Path | None, scale: float, *, apart: bool = False) -> None:
        source = loaded.source
        if source.problems:
            return
        root = read_nodes(source)
        if isinstance(root, MappingNode):
            defaults = declared(root, source)
            loaded.parameters = tuple(defaults)
            root = loaded.root = Substitution(overridden(defaults, self._parameters), source).mapping(root)
            scale = _time_scale(root, source, scale)
            if not apart:
                self._include(root, source, path, scale)
        folder = None if path is None else path.parent
        for file in Reading(source, sections_by_key(), scale, folder, apart).attempt(FILE, root):
            loaded.file = file

    def _include(self, root: MappingNode, source: Source, path: Path | None, scale: float) -> None:
        node = root.get("include")
        if node is None:
            return
        if path is None:
            source.report(node.where, "only a file can include others", "save the scenario as a file")
        elif isinstance(node, SequenceNode):
            self._open.append(path.resolve())
            for item in node.items:
                # What is no text at all is reported when the whole file is read.
                if isinstance(item, ScalarNode) and item.kind is ScalarKind.TEXT:
                    self._include_file(item, source, path, scale)
            self._open.pop()

    def _include_file(self, item: ScalarNode, source: Source, path: Path, scale: float) -> None:
        wanted = path.parent / item.text
        found = wanted.resolve()
        if not is_within(path.parent, item.text):
            source.report(
                item.where, f"'{item.text[:100]}' lies outside the folder of this file", "a scenario includes what lies beside or below it"
            )
        elif found in self._open:
            source.report(item.where, f"'{item.text[:100]}' includes this file", "two files cannot include each other")
        elif len(self._known) >= MAX_FILES:
            source.report(item.where, "too many files are included", f"at most {MAX_FILES}")
        elif found not in self._known:
            opened = from_file(wanted)
            if opened.problems:
                source.report(item.where, f"'{item.text[:100]}' {opened.problems[0].message}")
            else:
                self.load(opened, wanted, scale)


def _time_scale(root: MappingNode, source: Source, inherited: float) -> float:
    """The file's own scale, or that of the file that includes it. One that cannot be read is reported with the rest."""
    node = root.get("time_scale")
    if node is None:
        return inherited
    try:
        return TIME_SCALE.read(node, Reading(source, {}))
    except (Refused, Reported):
        return inherited
