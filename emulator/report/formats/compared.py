"""A comparison of two runs as text, JSON, Markdown or an HTML page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import orjson

from emulator.report.comparison import ReportComparison, ReportDifference
from emulator.report.formats.markdown import plain, table
from emulator.scenario.phrases import printable

_PARTS = ("figures", "verdicts", "expectations", "calls")
_TITLES = {
    "figures": "",
    "verdicts": "verdicts that changed",
    "expectations": "expectations that changed",
    "calls": "calls that went another way",
}


def render_comparison(comparison: ReportComparison, form: str) -> str:
    """In one of COMPARED's forms."""
    return COMPARED[form](comparison)


def _parts(comparison: ReportComparison) -> Iterator[tuple[str, Sequence[ReportDifference]]]:
    for name in _PARTS:
        found: Sequence[ReportDifference] = getattr(comparison, name)
        if found:
            yield _TITLES[name], found


def _text(comparison: ReportComparison) -> str:
    lines = [f"before: {comparison.names[0]}", f"after:  {comparison.names[1]}"]
    for title, found in _parts(comparison):
        lines += [f"{title}:"] if title else []
        for one in found:
            if not title:
                lines.append(f"  {'*' if one.is_one else ' '} {one.what:<22} {one.before:>14} {one.after:>14}")
            else:
                lines += [f"  {one.what}", f"    before  {one.before or '-'}", f"    after   {one.after or '-'}"]
    if comparison.left_out:
        lines.append(f"  ... and {comparison.left_out:,} more calls")
    if not any(one.is_one for _, found in _parts(comparison) for one in found):
        lines.append("nothing differs")
    return "\n".join(map(printable, lines)) + "\n"


def _json(comparison: ReportComparison) -> str:
    return orjson.dumps(comparison.to_json(), option=orjson.OPT_INDENT_2).decode() + "\n"


def _markdown(comparison: ReportComparison) -> str:
    lines = [f"## {plain(comparison.names[0])} and {plain(comparison.names[1])}", ""]
    for title, found in _parts(comparison):
        rows = ((f"**{plain(one.what)}**" if one.is_one else plain(one.what), plain(one.before), plain(one.after)) for one in found)
        lines += [*([f"### {title.capitalize()}", ""] if title else []), *table(("", "before", "after"), rows)]
    if comparison.left_out:
        lines.append(f"... and {comparison.left_out:,} more calls")
    return "\n".join(lines) + "\n"


def _html(comparison: ReportComparison) -> str:
    from emulator.report.formats.html.rendering import render_template

    return render_template("comparison.html", comparison=comparison, parts=list(_parts(comparison)))


COMPARED: dict[str, Callable[[ReportComparison], str]] = {"text": _text, "json": _json, "markdown": _markdown, "html": _html}
