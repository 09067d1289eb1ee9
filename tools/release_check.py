"""Whether what is checked out is the release that a tag names.

    python tools/release_check.py v0.2.0

The version in emulator/version.py is the tag's, CHANGELOG.md has it with a date, and no fragment is left in changes/. Exits with 1 and a
line for each thing that is not so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def problems(tag: str, root: Path = ROOT) -> Iterator[str]:
    """What keeps the checked out files from being that release."""
    source = (root / "emulator" / "version.py").read_text("utf-8")
    version = re.findall(r'^__version__ = "(.+)"', source, re.MULTILINE)[0]
    if tag != f"v{version}":
        yield f"the tag is {tag}, and the version in emulator/version.py is {version}"
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no {version} with a date: make changelog"
    left = sorted(path.name for path in (root / "changes").glob("+*"))
    if left:
        yield f"changes/ still holds {', '.join(left)}: make changelog"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
