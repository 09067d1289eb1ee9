"""The forms in which a report can be had, by name: what `--format` and `?format=` take. A new form is a new row.

Each is imported when it is asked for: most runs never show a report in more than one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from emulator.report.facts import Report


@dataclass(frozen=True, slots=True)
class Dress:
    content_type: str
    render: Callable[[Report], str]


def _json(report: Report) -> str:
    return orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2).decode() + "\n"


def _junit(report: Report) -> str:
    from emulator.report.junit import render_junit

    return render_junit(report)


def _html(report: Report) -> str:
    from emulator.report.page import render_page

    return render_page(report)


DRESSES: dict[str, Dress] = {
    "text": Dress("text/plain; charset=utf-8", Report.text),
    "json": Dress("application/json", _json),
    "junit": Dress("application/xml; charset=utf-8", _junit),
    "html": Dress("text/html; charset=utf-8", _html),
}
