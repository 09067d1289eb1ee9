"""Write docs/explore.md from tools/explore_page.md and the table of faults.

python tools/generate_explore_page.py            # write
python tools/generate_explore_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys

from pages import ROOT, code, fill, publish, table

from emulator.explore.kinds import KINDS

PAGE = ROOT / "docs" / "explore.md"
TEMPLATE = ROOT / "tools" / "explore_page.md"


def _faults(*, lasting: bool) -> str:
    rows = [[code(kind.id), kind.does, kind.operations] for kind in KINDS if kind.is_lasting is lasting]
    return table(["fault", "what happens", "for"], rows)


def render() -> str:
    return fill(TEMPLATE, {"transient": lambda: _faults(lasting=False), "lasting": lambda: _faults(lasting=True)})


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
