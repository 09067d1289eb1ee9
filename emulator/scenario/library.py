"""Finds scenario files by the short names that people use: relative to a folder of theirs, or shipped with the emulator."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
# Of a folder, when a name is looked for that is like another
_MAX_FILES = 2_000


def shipped_folder() -> Path:
    """The folder of the scenarios that come with the emulator: inside the package once installed, beside it in a checkout."""
    installed = _PACKAGE / "shipped_scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def shipped_names() -> list[str]:
    """The short names of the shipped scenarios, such as "throttling/hot-key"."""
    folder = shipped_folder()
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))


def missing(name: str, *folders: Path) -> str:
    """The complaint about a scenario that was not found: where it was looked for, and which name may have been meant."""
    from difflib import get_close_matches

    places = [*map(str, folders), "among the shipped ones"]
    near = get_close_matches(name.removesuffix(".yaml"), _names_in(*folders, shipped_folder()), n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "; 'dynafault explain scenarios' lists the shipped ones"
    return f"there is no scenario {name!r}: looked in {' and '.join(dict.fromkeys(places))}{hint}"


def _names_in(*folders: Path) -> list[str]:
    found = [path.relative_to(folder) for folder in folders if folder.is_dir() for path in islice(folder.rglob("*.yaml"), _MAX_FILES)]
    return sorted({path.with_suffix("").as_posix() for path in found})


def find_scenario(name: str, *folders: Path) -> Path:
    """The first file that exists: `name` in one of the folders, then among the shipped ones, with or without ".yaml". A name that is
    nowhere is returned as it was given; reading it will report it as missing."""
    for folder in (*folders, shipped_folder()):
        for candidate in (folder / name, folder / f"{name}.yaml"):
            if candidate.is_file():
                return candidate
    return Path(name)
