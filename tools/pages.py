"""Pages of the documentation that are written from the program's own tables: what all of their generators share."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def publish(page: Path, render: Callable[[], str], about: str | None) -> int:
    """Write the page, or with --check only compare it; the exit status. `about` is the generator's docstring."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    text = render()
    if not is_check:
        page.write_text(text, "utf-8")
    elif not page.exists() or page.read_text("utf-8") != text:
        print(f"{page} is not what the tables say; run python {sys.argv[0]}", file=sys.stderr)
        return 1
    return 0


def fill(template: Path, parts: Mapping[str, Callable[[], str]]) -> str:
    """A template with `<!-- NAME -->`, alone on its line, replaced by the part of that name. Raises ValueError where a part is not
    asked for, KeyError where one is asked for that is not there: nothing may be left out without a word."""
    used = []

    def part(found: re.Match[str]) -> str:
        used.append(found[1])
        return parts[found[1]]()

    text = re.sub(r"^<!-- (\S+) -->\n", part, template.read_text("utf-8"), flags=re.MULTILINE)
    left_out = sorted(parts.keys() - set(used))
    if left_out:
        raise ValueError(f"{template} has no place for {', '.join(left_out)}")
    return text


def code(text: str) -> str:
    return f"`{text}`"


def plain(text: str) -> str:
    """Text in which no character means anything to Markdown."""
    return text.replace("*", "\\*").replace("<", "&lt;")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown. A bar in a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
