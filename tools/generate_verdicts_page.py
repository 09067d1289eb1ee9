"""Write docs/verdicts.md from the descriptions of the verdicts.

python tools/generate_verdicts_page.py            # write
python tools/generate_verdicts_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys

from pages import ROOT, publish

from emulator.audit import VERDICTS, Verdict

PAGE = ROOT / "docs" / "verdicts.md"

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


def render() -> str:
    """The page as text."""
    return "\n".join([_HEAD, *(_section(verdict) for verdict in VERDICTS.values())])


def _section(verdict: Verdict) -> str:
    worst = f"At worst: `{verdict.grade.value}`{', and fails a run by default' if verdict.grade.value == 'fail' else ''}."
    parts = (f"### {name}\n\n{text}\n" for name, text in verdict.sections())
    return "\n".join([f"## {verdict.id} {verdict.title}\n\n{worst}\n", *parts])


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
