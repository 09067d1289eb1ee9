"""Write scenarios/README.md from the scenarios that stand beside it.

python tools/generate_library_page.py            # write
python tools/generate_library_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from pages import ROOT, publish, table

from emulator.scenario import load_scenario

FOLDER = ROOT / "scenarios"
PAGE = FOLDER / "README.md"

# In the order in which somebody may want to try them
_ABOUT = {
    "throttling": "Too much, too fast: the service's own limits as token buckets, and throttling by rule.",
    "server-errors": "500 and 503: once, now and then, for a while.",
    "lost-acknowledgements": "The write was carried out, and its answer never came.",
    "batches": "BatchWriteItem and BatchGetItem that are done in part. What comes back unprocessed really was not done.",
    "transactions": "Conflicts, reasons for a cancellation, idempotency tokens.",
    "latency": "Answers that come late, slowly, or never.",
    "connections": "TCP itself: reset, cut, refused, closed while idle.",
    "broken-answers": "Answers that no service gives, but that networks and proxies do.",
    "reads": "What is correct and still surprises: old data, short pages, empty pages.",
    "authentication": "Keys, signatures, permissions and clocks; checked for real where the scenario brings keys.",
    "tables": "Creating, changing and deleting tables takes time.",
    "streams": "DynamoDB Streams: iterators, trimmed records, too many readers.",
    "backups": "Backups and restores, and AWS Backup Gateway.",
    "incidents": "Days that made the news, with their sources, an hour in 36 seconds.",
}

_HEAD = """\
# Ready scenarios

Each file answers one question about a client, and says at its top which. They come with dynafault and go by their short names:

```console
$ dynafault run throttling/first-two-attempts -- pytest
$ dynafault run incidents/2015-09-20 --param scale=0.001 -- python nightly_job.py
$ dynafault serve batches/half-written
$ dynafault explain scenarios    # all of them, with their questions
```

They bring the tables that they need: `orders` (partition key `customer`, sort key `order`) in most. To have your own, copy the file into
your project and change it. What people often change without more is a parameter. Each has an `expect`, so a run fails where the client does
not do what it should; the tests run each of them with boto3 in its default configuration.

This page is written by `python tools/generate_library_page.py`.
"""


def render() -> str:
    """The page as text. Raises KeyError for a folder that nothing is said about."""
    folders = sorted({path.parent.name for path in FOLDER.rglob("*.yaml")}, key=list(_ABOUT).index)
    return _HEAD + "".join(_section(name) for name in folders)


def _section(folder: str) -> str:
    rows = [_row(path) for path in sorted((FOLDER / folder).glob("*.yaml"))]
    return f"\n## {folder}\n\n{_ABOUT[folder]}\n\n{table(('scenario', 'what happens', 'which question it answers', 'parameters'), rows)}"


def _row(path: Path) -> tuple[str, ...]:
    scenario = load_scenario(path)
    short = f"{path.parent.name}/{path.stem}"
    parameters = yaml.safe_load(path.read_text("utf-8")).get("parameters", {})
    shown = ", ".join(f"`{name}={default}`" for name, default in parameters.items())
    return f"[`{short}`]({short}.yaml)", scenario.name, scenario.question, shown


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
