"""Finds scenario files by the short names that people use: relative to a folder of theirs, or shipped with the emulator."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_folder() -> Path:
    """The folder of the scenarios that come with the emulator: inside the package once installed, beside it in a checkout."""
    installed = _PACKAGE / "shipped_scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def shipped_names() -> list[str]:
    """The short names of the shipped scenarios, such as "throttling/hot-key"."""
    folder = shipped_folder()
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))


def find_scenario(name: str, *folders: Path) -> Path:
    """The first that exists: `name` in one of the folders, then among the shipped ones, with or without ".yaml". What is nowhere
    comes back as it was given, and will be reported as missing where it is read."""
    for folder in (*folders, shipped_folder()):
        for candidate in (folder / name, folder / f"{name}.yaml"):
            if candidate.is_file():
                return candidate
    return Path(name)
