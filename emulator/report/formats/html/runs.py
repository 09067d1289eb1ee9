"""Many runs as pages of one folder, with an index over all of them: what `pytest --dynafault-html FOLDER` writes.

Each run writes a page and a short record beside it, so that several processes can work on one folder; whoever comes last writes the
index from the records."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from emulator.report.facts import Facts
from emulator.report.formats.html.rendering import render_page, render_template
from emulator.version import __version__

INDEX = "index.html"
_ENDING = ".dynafault.json"
_MAX_NAME = 80


def clear(folder: Path) -> None:
    """Remove the pages of earlier sessions from a folder, and nothing else. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for record in folder.glob(f"*{_ENDING}"):
        record.with_name(record.name.removesuffix(_ENDING) + ".html").unlink(missing_ok=True)
        record.unlink(missing_ok=True)


def add_run(folder: Path, name: str, outcome: str, report: Facts) -> Path:
    """Write the page of one run and its record. `name` is the test's, `outcome` how that ended. Raises OSError."""
    slug = f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[-_MAX_NAME:].strip('-.')}-{sha256(name.encode()).hexdigest()[:8]}"
    page = folder / f"{slug}.html"
    page.write_text(render_page(report), encoding="utf-8")
    record = {
        "name": name,
        "page": page.name,
        "outcome": outcome,
        "verdict": report.verdict,
        "scenario": report.scenario,
        "seed": report.seed,
        "calls": len(report.calls),
        "attempts": sum(call.attempts for call in report.calls),
        "complaints": _complaints(report),
        "is_good": outcome != "failed" and report.passed,
    }
    (folder / f"{slug}{_ENDING}").write_bytes(orjson.dumps(record))
    return page


def write_index(folder: Path) -> Path:
    """The page over all runs whose records are in a folder, those that failed first. Raises OSError."""
    runs: list[dict[str, Any]] = [orjson.loads(record.read_bytes()) for record in folder.glob(f"*{_ENDING}")]
    runs.sort(key=lambda run: (run["is_good"], run["name"]))
    failed = sum(not run["is_good"] for run in runs)
    when = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    index = folder / INDEX
    index.write_text(render_template("runs.html", runs=runs, failed=failed, version=__version__, when=when), encoding="utf-8")
    return index


def _complaints(report: Facts) -> list[str]:
    unmet = sum(finding.status == "fail" for finding in report.expectations)
    found = [finding.verdict.id for finding in report.audit if finding.status in ("fail", "warn")]
    return [*([f"{unmet} {'expectation' if unmet == 1 else 'expectations'}"] if unmet else []), *found]
