"""V6: Attempts are bounded

## What it does
Calls with more attempts than the client declares, or with more than eleven where it declares nothing; warns of more
than eleven that are declared. The same work sent more than fifty times without a success counts as well, whoever
repeats it: SDK, loop, or a queue that delivers it again; writes that count in one item may be one event after another, and
are warned of.

## Why it matters
Retries without an end keep a failing request, and everything that waits for it, alive as long as the outage lasts; when
it is over, the service meets all of them at once. The caller, who could give a better answer, never learns of the
trouble.

## Fails
```python
while True:  # as long as it takes
    if send(request).status < 500:
        break
    time.sleep(1)
```

## Passes
```python
for attempt in range(4):
    if send(request).status < 500:
        break
    time.sleep(random.uniform(0, 0.025 * 2**attempt))
else:
    raise Unavailable
```

## What helps
Set a maximum of attempts, and return the error to the caller after it.

## Sources
- Well-Architected Framework REL05-BP03
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.audit.evidence import Evidence
from emulator.audit.redelivery import endless, is_one_job, tries_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

# The most that any SDK makes by default
_CEILING = 11


def judge(evidence: Evidence) -> Ruling:
    rulings = list(_redelivered(evidence))
    if not evidence.retried and not rulings:
        return nothing("no call was tried again")
    beyond = [call for call in evidence.retried if call.declared is not None and call.attempts > call.declared]
    undeclared = [call for call in evidence.retried if call.declared is None and call.attempts > _CEILING]
    most = max((call.attempts for call in evidence.retried), default=0)
    if beyond:
        rulings.append(found(Status.FAIL, beyond, f"{counted(len(beyond), 'call')} made more attempts than the client itself declares"))
    if undeclared:
        why = f"{counted(len(undeclared), 'call')} made more than {_CEILING} attempts, the longest {most}; no end is declared"
        rulings.append(found(Status.FAIL, undeclared, why))
    many = [call for call in evidence.retried if call.declared is not None and _CEILING < call.attempts <= call.declared]
    if many:
        why = f"{counted(len(many), 'call')} made up to {max(call.attempts for call in many)} attempts, as many as the client declares"
        rulings.append(found(Status.WARN, many, f"{why}, and more than any SDK by default"))
    return worst(rulings, passed(f"at most {most} attempts in {counted(len(evidence.retried), 'retried call')}"))


def _redelivered(evidence: Evidence) -> Iterator[Ruling]:
    """The same work again and again, each time as a new call, as from a queue without a limit. Repeated increments of one item do not
    count: they may be events, one after another."""
    every: Sequence[Sequence[JudgedCall]] = evidence.once(endless)
    counters = [row for row in every if row[0].is_write and not is_one_job(row[0])]
    for status, rows in ((Status.FAIL, [row for row in every if row not in counters]), (Status.WARN, counters)):
        if not rows:
            continue
        total, most = sum(map(tries_of, rows)), max(map(tries_of, rows))
        why = f"{counted(len(rows), 'piece')} of work sent {total:,} times without a success, one of them {most:,} times"
        yield found(status, [row[0] for row in rows], f"{why}, and no end")
