"""What somebody does wrong again and again, and should be told once."""

from __future__ import annotations

import sys


class Hints:
    """Says each thing once, on standard error."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            print(f"dynafault: {text}", file=sys.stderr)
