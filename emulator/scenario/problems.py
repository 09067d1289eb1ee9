"""What is wrong with a scenario, and where. A problem stops the load, a warning does not; both look the same.

Nothing here knows the language, only places, texts, and how they are shown to people and to programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.scenario.phrases import counted

MAX_SHOWN = 100
_LINE_WIDTH = 160


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file. Lines and columns count from 1, in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. `hint` says what to do about it; `source` is the line that it stands on."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""

    @property
    def text(self) -> str:
        """As people read it: place, message and hint, then the source line with a caret below."""
        said = _shown(f"{self.message}; {self.hint}" if self.hint else self.message)
        return f"{self.file}:{self.line}:{self.column}: {said}{self._excerpt()}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
            "source": self.source,
        }

    def _excerpt(self) -> str:
        if not self.source.strip():
            return ""
        start = max(0, self.column - _LINE_WIDTH // 2) if len(self.source) > _LINE_WIDTH else 0
        shown = "".join(c if c.isprintable() else " " for c in self.source[start : start + _LINE_WIDTH]).rstrip()
        return f"\n{shown}\n{' ' * (self.column - 1 - start)}^"


def _shown(text: str) -> str:
    """Text for a terminal: nothing that the author of a file writes may move the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class ScenarioError(EmulatorError):
    """A scenario that cannot be loaded. `problems` holds every one of them, sorted by place; its text shows them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self._text())

    def as_dicts(self) -> list[dict[str, Any]]:
        return [problem.as_dict() for problem in self.problems]

    def _text(self) -> str:
        count = len(self.problems)
        shown = [problem.text for problem in self.problems[:MAX_SHOWN]]
        if count > MAX_SHOWN:
            shown.append(f"... and {count - MAX_SHOWN} more")
        shown.append(f"{counted(count, 'problem')}; nothing was loaded")
        return "\n".join(shown)
