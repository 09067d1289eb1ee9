"""Links from the sentences about a run to the calls that they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from emulator.report.call_notes import items_text
from emulator.report.facts import Facts

_MAX_LINKS = 6


class Links:
    """Knows the calls of one report, by their ids and by the short ones that sentences name them by."""

    def __init__(self, report: Facts) -> None:
        self._calls = {call.id: call for call in report.evidence.everything}
        self._key_names = report.evidence.key_names
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
        """The first few of these calls as markup, each with what it asked for, and of which item; "" where there are none."""
        more = f" and {len(calls) - _MAX_LINKS} more" if len(calls) > _MAX_LINKS else ""
        return ", ".join(map(self._named, calls[:_MAX_LINKS])) + more

    def _named(self, call_id: str) -> str:
        call = self._calls.get(call_id)
        if call is None:
            return escape(call_id)
        about = " ".join((call.operation, *call.request.tables, items_text(call.request, self._key_names))).rstrip()
        return f"{_link(call_id, call.short_id)} {escape(about)}"


def _link(call: str, name: str) -> str:
    return f'<a class="id" href="#call-{escape(call)}">{escape(name)}</a>'
