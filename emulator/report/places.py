"""Where something stands in a scenario, as a report for people says it."""

from __future__ import annotations

from pathlib import PurePath

from emulator.scenario import Position


def short_place(where: Position | str) -> str:
    """The file without its folder, line and column. A report names the folder once, in the command that repeats the run or in what is next
    to do."""
    file, *numbers = str(where).rsplit(":", 2)
    return ":".join([PurePath(file).name, *numbers])
