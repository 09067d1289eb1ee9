"""Write docs/verdicts.md from the descriptions of the verdicts.

python tools/generate_verdicts_page.py            # write
python tools/generate_verdicts_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys

import orjson
from pages import ROOT, code, publish, table

from emulator.audit import VERDICTS, Verdict

PAGE = ROOT / "docs" / "verdicts.md"
MEASURED = ROOT / "calibration" / "measured.json"

_HEAD = """\
# Verdicts on retrying clients

The emulator watches every attempt of a client, and after a run each of these verdicts says one of

- `pass`: it had something to judge, and all was well;
- `fail`, `warn` or `info`: what it found, with the calls and figures. Known behaviour of an SDK's older mode is a warning, which names the
  mode and how to change it;
- `n/a`: the run gave it nothing to judge.

By default a `fail` of any verdict that can say so fails the run. A scenario decides otherwise:

```yaml
audit: {enforce: [V1, V4, V11], ignore: [V18]}
```

Only the verdicts under `enforce` fail the run then, and they do so as soon as they warn; those under `ignore` are not asked. `audit: off`
asks none. An expectation asks single verdicts, of all calls or of some:

```yaml
expect:
  - {verdicts: {V20: pass}}
  - {calls: {operation: PutItem, table: orders}, verdicts: {V9: pass, V10: pass}}
```

What depends on chance (whether waits grow, whether they are jittered) fails only where chance is next to impossible, says how sure it is,
and stays `info` where there is little to judge by. A report that is asked for while a client is still waiting counts its call as ended.

Examples are client code, or traces: there each line is an attempt, with what was sent, or the wait since the answer before, and
with its answer.

`dynafault explain V9` shows a verdict on the terminal. This page is written by `python tools/generate_verdicts_page.py`.
"""


_CALIBRATION = """\
## How far they can be trusted

`make calibrate` lets simulated clients work in emulated time: good ones of every retry profile, programs that back off by themselves, and
others with one flaw each; one, eight or 64 workers at once, with a client object for all or one for each, in runs of 8 to 72 calls; on a
machine that adds nothing, or 5 ms to each step, or stands still for 40 ms now and then. The trouble that they meet is drawn: server errors,
throttling, lost requests and answers, brown-outs, outages, batches done by half, transactions, hints, refusals.

In {runs:,} runs of good clients, all verdicts together failed {failed}, so a good client fails in fewer than 1 run of {one_in:,} (at 95 %),
and warned in {warned}{by_verdict}. Warnings do not count here that an SDK's older mode earns by what it is documented to do. In the worst
cell of the grid ({worst}) they failed {worst_failed} and warned in {worst_warned} of {worst_runs} runs.
"""
_DETECTION = """\
What the verdicts find that are meant for a flaw, by how often the clients of a run waited: the share of runs in which one failed, and
behind a plus sign the share in which it only warned. How many runs there were is in brackets.
"""


def render() -> str:
    """The page as text."""
    return "\n".join([_HEAD, _calibration(), *(_section(verdict) for verdict in VERDICTS.values())])


def _calibration() -> str:
    """From what the last calibration has left: it is not run again."""
    measured = orjson.loads(MEASURED.read_bytes())
    total, worst = measured["total"], measured["worst"]
    by_verdict = ", ".join(f"{name}: {count}" for name, count in sorted(measured["warnings"].items(), key=lambda one: -one[1]))
    sharing = "a client object for all" if worst["sharing"] == "shared" else "one for each"
    text = _CALIBRATION.format(
        **total,
        one_in=int(1 / measured["at_most"]),
        by_verdict=f" ({by_verdict})" if by_verdict else "",
        worst=f"{code(worst['client'])}, {worst['workers']} workers with {sharing}, {worst['calls']} calls, noise: {worst['noise']}",
        worst_failed=worst["failed"],
        worst_warned=worst["warned"],
        worst_runs=worst["runs"],
    )
    workers = list(next(iter(measured["good"].values())))
    good = table(
        ("noise", *(f"{count} workers" if count != "1" else "1 worker" for count in workers)),
        ((noise, *(_false(row[count]) for count in workers)) for noise, row in measured["good"].items()),
    )
    waits = list(next(iter(measured["flaws"].values()))["by_waits"])
    flaws = table(
        ("flaw", "verdicts", *_ranges(waits)),
        (
            (name, ", ".join(flaw["verdicts"]), *(_detected(flaw["by_waits"][least]) for least in waits))
            for name, flaw in measured["flaws"].items()
        ),
    )
    return f"{text}\nFalse fails and false warnings, of so many runs:\n\n{good}\n{_DETECTION}\n{flaws}"


def _false(tally: dict[str, int]) -> str:
    return f"{tally['failed']} and {tally['warned']} of {tally['runs']:,}"


def _ranges(waits: list[str]) -> list[str]:
    ends = [f" to {int(following) - 1}" for following in waits[1:]]
    return [f"{least}{end} waits" for least, end in zip(waits, [*ends, " or more"], strict=True)]


def _detected(tally: dict[str, int]) -> str:
    if not tally["runs"]:
        return ""
    failed, warned = (round(100 * tally[name] / tally["runs"]) for name in ("failed", "warned"))
    return f"{failed} %{f' + {warned} %' if warned else ''} ({tally['runs']})"


def _section(verdict: Verdict) -> str:
    worst = f"At worst: `{verdict.grade.value}`{', and fails a run by default' if verdict.grade.value == 'fail' else ''}."
    parts = (f"### {name}\n\n{text}\n" for name, text in verdict.sections())
    return "\n".join([f"## {verdict.id} {verdict.title}\n\n{worst}\n", *parts])


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
