"""Puts the facts into the page's template: what is shown where. How it looks is the stylesheet's business."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from importlib.resources import files
from itertools import islice
from pathlib import PurePath
from typing import Any

import jinja2

from dynafault_dataclass import dataclass
from emulator.report.facts import Facts
from emulator.report.fates import FATES
from emulator.report.formats.html import gap_chart, over_time
from emulator.report.formats.html.links import Links
from emulator.report.formats.html.opened import opened_rows
from emulator.report.formats.html.policy import POLICY
from emulator.report.formats.html.scale import duration
from emulator.report.formats.html.waterfall import Row, RunTime, row_of
from emulator.report.next_steps import next_steps
from emulator.report.relevant_calls import flagged, refusals
from emulator.report.sentences import rule_sentence, short_place
from emulator.version import __version__

# Rows that the browser lays out together, and only when they come into view
_CHUNK = 50
# Longer runs are shown from their findings first
_MANY = 200
_MAX_REFUSALS = 20
_FILTERS = ("flagged", "failed", "retried", "faulted")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring rows as markup, how many they are, and how many of them each filter keeps."""

    markup: str
    size: int
    counts: dict[str, int]


def render_page(report: Facts) -> str:
    """The report as an HTML file."""
    return render_template("page.html", **_context(report))


def render_template(name: str, **context: Any) -> str:
    """A template of this folder, with the stylesheet and the policy that all of them have."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    folder = files("emulator.report.formats.html")
    environment.filters["place"] = short_place
    environment.filters["file_name"] = lambda file: PurePath(file).name
    environment.globals["policy"] = POLICY
    environment.globals["style"] = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("theme.css", "page.css"))
    environment.globals["glyphs"] = (folder / "glyphs.svg").read_text(encoding="utf-8")
    return environment.from_string((folder / name).read_text(encoding="utf-8")).render(**context)


def _context(report: Facts) -> dict[str, Any]:
    named = flagged(report)
    calls = report.evidence.everything
    names = report.evidence.key_names
    run = RunTime(min((call.started for call in calls), default=0.0), max((call.ended for call in calls), default=0.0))
    opened = opened_rows(report, named)
    rows = [row_of(call, named.get(call.id, ()), names, run, opened.get(call.id, "")) for call in calls]
    counts = {name: sum(name in row.classes for row in rows) for name in _FILTERS}
    preferred = next((name for name in _FILTERS if counts[name]), "all")
    return {
        "report": report,
        "version": __version__,
        "summary": _summary(report),
        "steps": next_steps(report),
        "refusals": refusals(report.refused, _MAX_REFUSALS),
        "audit": {status: [finding for finding in report.audit if finding.status == status] for status in _STATUSES},
        "over_time": over_time.over_time(calls, names),
        "gaps": gap_chart.gap_panels(report.evidence.gaps),
        "sizes": {"time": (over_time.WIDTH, over_time.HEIGHT), "gap": (gap_chart.WIDTH, gap_chart.HEIGHT)},
        "chunks": list(_chunks(rows)),
        "counts": counts,
        "shown": preferred if len(rows) > _MANY else "all",
        "filters": _FILTERS,
        "fates": FATES,
        "linked": Links(report).linked,
        "links": Links(report).links,
        "rule_sentence": lambda rule: report.quoted(rule_sentence(rule)),
        "closed": len(rows) - len(opened),
    }


_STATUSES = ("fail", "warn", "info", "pass", "n/a")


def _chunks(rows: list[Row]) -> list[Chunk]:
    remaining = iter(rows)
    chunks = []
    while part := tuple(islice(remaining, _CHUNK)):
        counts = {name: sum(name in row.classes for row in part) for name in _FILTERS}
        chunks.append(Chunk("\n".join(row.markup for row in part), len(part), counts))
    return chunks


def _summary(report: Facts) -> list[tuple[str, str]]:
    """(what, how much) of the run at a glance."""
    entries = [entry for call in report.calls for entry in call.attempt_records]
    figures = [
        ("calls", f"{len(report.calls):,}"),
        ("attempts", f"{len(entries):,}"),
        ("faults", f"{sum(bool(entry.fault) for entry in entries):,}"),
        ("writes applied", f"{sum(entry.applied is True for entry in entries):,}"),
    ]
    if report.upstream is not None:
        figures.append(("upstream", report.upstream.text))
    if entries:
        began = min(entries, key=lambda entry: entry.request.arrived)
        ended = max(entry.ended or entry.request.arrived for entry in entries)
        figures.append(("took", duration(ended - began.request.arrived)))
        figures.append(("began", f"{datetime.fromtimestamp(began.time, tz=timezone.utc):%Y-%m-%d %H:%M:%S} UTC"))
        clients = Counter(call.first.client for call in report.calls)
        figures.append(("clients", ", ".join(name or "unnamed" for name, _ in clients.most_common(3))))
    return figures
