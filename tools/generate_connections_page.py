"""Write docs/connections.md from the tables that a connection goes by.

python tools/generate_connections_page.py            # write
python tools/generate_connections_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from pages import ROOT, code, publish, table

from emulator.server import Limits, connection, http1

S = TypeVar("S", bound=Enum)
PAGE = ROOT / "docs" / "connections.md"

_HEAD = """\
# The states of a connection

Two small machines go by tables, in `emulator/server/http1.py` and `emulator/server/connection.py`. The one reads requests out of bytes,
and knows no sockets. The other answers them, one after the other. A request that comes while another one is answered is read, and waits.

"""


def _drawn(machine: Mapping[tuple[S, str], S]) -> str:
    """A state diagram; what may happen in every state is one arrow into the last."""
    states = list(dict.fromkeys(state for state, _ in machine))
    always = {event for _, event in machine if all((state, event) in machine for state in states)}
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {states[0].name}"]
    lines += [f"    {state.name} --> {after.name}: {event}" for (state, event), after in machine.items() if event not in always]
    for event in sorted(always):
        lines.append(f"    note right of {machine[states[0], event].name}: from every state, {event}")
    return "\n".join([*lines, "```", ""])


def _patience() -> str:
    limits = Limits()
    rows = [[code(state.name), code(name), f"{getattr(limits, name):g} s"] for state, name in connection.PATIENCE.items()]
    return table(["state", "limit", "by default"], rows)


def render() -> str:
    return (
        _HEAD
        + f"## Reading\n\n{_drawn(http1.TRANSITIONS)}\n## Answering\n\n{_drawn(connection.TRANSITIONS)}\n"
        + "## Patience\n\nHow long a connection may stay as it is. A state that is not here may last: a hang is as long as the scenario\n"
        + "says. A client that is not read any more, so many requests wait behind one that is held back, has the time of `drain`.\n\n"
        + _patience()
    )


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
