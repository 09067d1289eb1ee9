"""Links from what is said of a run to the calls that it is said of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from emulator.report.facts import Facts

_MOST_LINKS = 6


class Links:
    """Knows the calls of one report, by their ids and by the short ones that sentences name them by."""

    def __init__(self, report: Facts) -> None:
        self._ids = {call.id for call in report.evidence.everything}
        by_name: dict[str, str] = {}
        for call in report.evidence.everything:
            by_name.setdefault(call.short_id, call.id)
        self._by_name = by_name

    def linked(self, text: str) -> str:
        """A sentence as markup, where the short ids of calls are links."""
        parts = []
        for part in re.split(r"([\w.-]+)", text):
            call = self._by_name.get(part)
            parts.append(escape(part) if call is None else _link(call, part))
        return "".join(parts)

    def links(self, calls: Sequence[str]) -> str:
        """The first few of these calls as markup; "" where there are none."""
        named = [_link(call, call[:8] if len(call) > 16 else call) if call in self._ids else escape(call) for call in calls[:_MOST_LINKS]]
        more = f" and {len(calls) - _MOST_LINKS} more" if len(calls) > _MOST_LINKS else ""
        return " ".join(named) + more


def _link(call: str, name: str) -> str:
    return f'<a class="id" href="#call-{escape(call)}">{escape(name)}</a>'
