"""docs/tutorial.md, done as it says: its files are written, its commands are run, and they print what it shows.

Figures and ids differ from run to run and are left out of the comparison; "..." in what is shown stands for more."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "tutorial.md").read_text("utf-8")
_BLOCK = re.compile(r"(?:Save this as `(?P<file>[^`]+)`[^`]*?)?^```(?P<language>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_CARRIED_OUT = ("dynafault run ", "dynafault check ", "dynafault explain ")


@dataclass
class Command:
    words: list[str]
    shown: list[str] = field(default_factory=list)
    status: int | None = None


def commands(text: str) -> list[Command]:
    """The commands of a terminal's text that can be carried out here, with what they print and the status that is asked for."""
    found: list[Command] = []
    is_status = False
    for line in text.splitlines():
        if line.startswith("$ "):
            is_status = line == "$ echo $?"
            if not is_status:
                found.append(Command(shlex.split(line[2:])))
        elif is_status:
            found[-1].status = int(line)
        else:
            found[-1].shown.append(line)
    return [command for command in found if command.shown and " ".join(command.words).startswith(_CARRIED_OUT)]


def figureless(line: str) -> str:
    return re.sub(r"\(\w+ [0-9a-f]{8}\)|--\d+ ms--|seed: \d+|(?<=\w )[0-9a-f]{8}(?= )", "*", line).rstrip()


def assert_shown(shown: list[str], printed: list[str]) -> None:
    """Each line that is shown was printed, in this order."""
    rest = iter(map(figureless, printed))
    for line in shown:
        wanted = figureless(line)
        start = wanted.removesuffix("...").rstrip()
        if start:
            is_begun = start != wanted
            assert any(one.startswith(start) if is_begun else one == wanted for one in rest), f"not printed, or not here: {line}\n{printed}"


def test_it_goes_as_the_tutorial_says(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    carried_out = 0
    for block in _BLOCK.finditer(PAGE):
        if block["file"]:
            (tmp_path / block["file"]).write_text(block["text"], "utf-8")
        for command in commands(block["text"]) if block["language"] == "console" else ():
            done = subprocess.run(
                [sys.executable, "-m", "emulator", *command.words[1:]],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert_shown(command.shown, done.stdout.splitlines())
            assert command.status in (None, done.returncode), command.words
            carried_out += 1
    assert carried_out >= 7
