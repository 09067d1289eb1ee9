"""Where the text of a scenario comes from: a file, a text, a mapping. Opening is all that happens here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.scenario.library import find_scenario, missing
from emulator.scenario.nodes import MAX_CHARACTERS, Source
from emulator.scenario.problems import Problem

ScenarioSource = str | Path | Mapping[str, Any]

_TEXT_NAME = "<text>"
_MAPPING_NAME = "<mapping>"
# UTF-8 needs at most four bytes for a character.
_MAX_BYTES = 4 * MAX_CHARACTERS


_SURROGATE = re.compile("[\ud800-\udfff]")


def open_source(source: ScenarioSource) -> tuple[Source, Path | None]:
    """A source and, if it is a file, its path: text that is no file's path may be the short name of a shipped one. A source that cannot
    be opened says so in its problems."""
    if isinstance(source, Mapping):
        return _from_mapping(source), None
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return from_text(_TEXT_NAME, source), None
    path = Path(source)
    if isinstance(source, str) and not path.is_absolute() and not path.exists():
        path = find_scenario(source)
        if not path.exists():
            return _unopened(str(path), missing(source, Path.cwd())), path
    return from_file(path), path


def is_within(folder: Path, name: str) -> bool:
    """Whether a relative path stays in a folder's tree, wherever links lead."""
    return (folder / name).resolve().is_relative_to(folder.resolve())


def from_text(name: str, text: str) -> Source:
    if len(text) > MAX_CHARACTERS:
        return _unopened(name, f"the scenario has {len(text):,} characters", f"at most {MAX_CHARACTERS:,} are read")
    half = _SURROGATE.search(text)
    if half is not None:
        return _unopened(name, f"the scenario has half a character (U+{ord(half[0]):04X})", "no encoding can write it")
    return Source(name, text)


def from_file(path: Path) -> Source:
    # A name that is no UTF-8 could not be shown.
    name = str(path).encode("utf-8", "replace").decode()
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            return _unopened(name, "the file is too large", f"at most {MAX_CHARACTERS:,} characters are read")
        return from_text(name, content.decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not UTF-8 text ({error})"
        return _unopened(name, f"cannot be read: {reason}")


def _from_mapping(mapping: Mapping[str, Any]) -> Source:
    """A mapping as JSON text, which is YAML: so it has lines to point at, and there is one reader for all sources."""
    try:
        text = json.dumps(dict(mapping), indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        hint = "use text, numbers, truth values, None, lists, dicts"
        return _unopened(_MAPPING_NAME, f"the mapping cannot be written as JSON: {error}", hint)
    return from_text(_MAPPING_NAME, text)


def _unopened(name: str, message: str, hint: str = "") -> Source:
    return Source(name, "", [Problem(name, 1, 1, message, hint)])
