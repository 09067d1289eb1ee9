"""Which verdicts there are, as the names of their files say: `v09_retries_wait.py` holds V9.

The scenario language names verdicts, and must not import the audit for that, which stands above it."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from emulator.aws.errors import EmulatorError

# Also the `__path__` of the package of verdicts: a folder that is appended here brings its verdicts along
FOLDERS = [str(Path(__file__).parent.parent / "audit" / "verdicts")]
_FILE = re.compile(r"v(0[1-9]|[1-9][0-9]+)_[a-z0-9_]+")


def verdict_modules() -> Mapping[str, str]:
    """The name of each verdict's module by the verdict's id, in the order of their numbers: {"V1": "v01_...", ...}. Raises EmulatorError
    for a file with another kind of name, and for two files with one number."""
    return _modules(tuple(FOLDERS))


@cache
def _modules(folders: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[int, str] = {}
    for info in pkgutil.iter_modules(folders):
        match = _FILE.fullmatch(info.name)
        if match is None:
            raise EmulatorError(f"{info.name}.py among the verdicts: name it after number and title, such as v09_retries_wait.py")
        number = int(match[1])
        if number in found:
            raise EmulatorError(f"{info.name}.py: V{number} is already in {found[number]}.py")
        found[number] = info.name
    return {f"V{number}": found[number] for number in sorted(found)}
