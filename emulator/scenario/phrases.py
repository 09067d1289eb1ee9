"""Pieces of sentences for people: counts, and text from outside (a scenario's name, a client's header) as a terminal may show it."""

from __future__ import annotations

import re

_MOVES = re.compile(r"[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def counted(count: int, noun: str) -> str:
    """Such as "1 call" or "3 calls"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """The text without anything that moves the cursor, changes the terminal, or turns the direction of writing."""
    return _MOVES.sub("\ufffd", text)
