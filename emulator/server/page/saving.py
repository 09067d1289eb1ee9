"""The scenario as text, checked while its author writes, and saved where that is allowed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore
from emulator.scenario import Scenario, ScenarioError, load_edited, load_rule


def texts_json(core: EmulatorCore, *, may_save: bool) -> dict[str, Any]:
    """The texts of the scenario's files, and whether they may be saved; `hidden`: values are left out of them."""
    scenario, is_hidden = core.scenario, core.redaction is not None
    files = [
        {
            "file": saved.file,
            "text": core.quoted(saved.text),
            "may_save": may_save and not is_hidden and _is_file(scenario, saved.file),
        }
        for saved in scenario.texts
    ]
    return {"files": files, "hidden": is_hidden}


def problems_of(core: EmulatorCore, text: str, file: str, *, is_rule: bool) -> dict[str, Any]:
    """Every problem of the text of a rule, or of a scenario, with its place; nothing is loaded."""
    try:
        if is_rule:
            core.check_rule(load_rule(text))
            return {"problems": [], "warnings": []}
        scenario = core.check(_edited(core, text, file))
    except ScenarioError as error:
        return {"problems": error.as_dicts(), "warnings": []}
    return {"problems": [], "warnings": [warning.as_dict() for warning in scenario.warnings]}


def save(core: EmulatorCore, text: str, file: str) -> None:
    """Write a text into the scenario's file, from which who watches it loads it. Raises ScenarioError for one that is not right,
    EmulatorError for a file that is none of the scenario's, or cannot be written; then nothing has changed."""
    if not _is_file(core.scenario, file):
        raise EmulatorError(f"{file[:200]!r} is no file of this scenario")
    core.check(_edited(core, text, file))
    _replace(Path(file), text)


def load(core: EmulatorCore, text: str, file: str) -> None:
    """Go on with a text, and leave its file as it is. Raises ScenarioError for one that is not right."""
    core.load(_edited(core, text, file))


def _edited(core: EmulatorCore, text: str, file: str) -> Scenario:
    if core.redaction is not None and any(saved.file == file for saved in core.scenario.texts):
        raise EmulatorError("values are left out of what is shown of this scenario (--redact): edit its file itself")
    return load_edited(core.scenario, file, text)


def _is_file(scenario: Scenario, file: str) -> bool:
    return file in scenario.files and Path(file).is_file()


def _replace(path: Path, text: str) -> None:
    """Whoever reads meanwhile finds the one text or the other."""
    try:
        real = path.resolve(strict=True)
        handle, beside = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(beside).chmod(real.stat().st_mode & 0o777)
        Path(beside).replace(real)
    except OSError as error:
        raise EmulatorError(f"{path} cannot be written: {error.strerror or error}") from error
