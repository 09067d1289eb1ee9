"""The formats of a report by name: what `--format` and `?format=` take. A new format is a new row.

Each is imported when it is asked for: most runs never show a report in more than one of them.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson

from dynafault_dataclass import dataclass
from emulator.report.facts import Facts
from emulator.report.formats.html.policy import POLICY


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """`headers` are those that it is served with."""

    content_type: str
    render: Callable[[Facts], str]
    headers: tuple[tuple[str, str], ...] = ()


def render_text(report: Facts, *, color: bool = False) -> str:
    """For a terminal, with its colours if wanted."""
    # Rich takes long to import, and most runs never print
    from emulator.report.formats.text import render_text as render

    return render(report, color=color)


def _json(report: Facts) -> str:
    return orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2).decode() + "\n"


def _junit(report: Facts) -> str:
    from emulator.report.formats.junit import render_junit

    return render_junit(report)


def _html(report: Facts) -> str:
    from emulator.report.formats.html.rendering import render_page

    return render_page(report)


def _markdown(report: Facts) -> str:
    from emulator.report.formats.markdown import render_markdown

    return render_markdown(report)


FORMATS: dict[str, ReportFormat] = {
    "text": ReportFormat("text/plain; charset=utf-8", render_text),
    "json": ReportFormat("application/json", _json),
    "junit": ReportFormat("application/xml; charset=utf-8", _junit),
    "markdown": ReportFormat("text/markdown; charset=utf-8", _markdown),
    "html": ReportFormat("text/html; charset=utf-8", _html, (("Content-Security-Policy", POLICY),)),
}
