"""V16: A long outage spends the retry quota

## What it does
Sixty failing calls of a client in a row: whether the last of them are still tried again.

## Why it matters
In a long outage retries help nobody and multiply the load on a service that is down. A retry quota, a bucket of tokens
that failures empty and successes fill, lets them taper off by themselves.

## Fails
```python
Config(retries={"mode": "legacy"})  # ten attempts for every call, the thousandth failing one too
```

## Passes
```python
Config(retries={"mode": "standard"})  # 500 tokens; when they are spent, calls fail after one attempt
```

## What helps
Use an SDK mode with a retry quota (standard), or stop retrying when most calls fail.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulator.audit.evidence import Evidence
from emulator.audit.redelivery import endless, tries_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.WARN

# 500 tokens pay for a hundred retries at 5 each; who makes more in a row without a success between them has no quota
_MAX_UNPAID = 110
# Failing calls in a row after which a quota shows
_LONG_OUTAGE = 60
_ENOUGH_CALLS = 10


def judge(evidence: Evidence) -> Ruling:
    rows = list(_failing_rows(evidence.calls))
    longest = max(map(len, rows), default=0)
    if longest < _LONG_OUTAGE:
        return nothing(f"it takes {_LONG_OUTAGE} calls of a client that fail in a row; there were {longest}")
    redelivered = evidence.once(endless)
    if redelivered:
        why = f"{counted(len(redelivered), 'piece')} of work sent {sum(map(tries_of, redelivered)):,} times in an outage"
        return found(Status.WARN, [row[0] for row in redelivered], f"{why}: what repeats them takes from no quota")
    spendthrift = [row for row in rows if len(row) >= _LONG_OUTAGE and _retries(row) > _MAX_UNPAID and _retries(row[-_ENOUGH_CALLS:])]
    if not spendthrift:
        return passed(f"in {counted(longest, 'failing call')} in a row, retries came to an end")
    row = max(spendthrift, key=_retries)
    client = row[0].client
    known = row[0].profile
    hint = ""
    if known is not None and known.quota is None:
        hint = f"; {client.label} has no quota{client.remedy}"
    elif known is not None:
        hint = "; several clients in one program have a quota each"
    status = Status.INFO if known is not None and known.quota is not None else Status.WARN
    return found(status, row[-1:], f"{_retries(row)} retries in {len(row)} failing calls in a row, and no end{hint}")


def _failing_rows(calls: Iterable[JudgedCall]) -> Iterator[list[JudgedCall]]:
    """For each client the rows of calls that failed without a success between them."""
    rows: dict[object, list[JudgedCall]] = {}
    for call in calls:
        if call.failed:
            rows.setdefault(call.client_key, []).append(call)
        elif call.answers[-1].outcome is ResponseClass.SUCCESS:
            row = rows.pop(call.client_key, None)
            if row:
                yield row
    yield from rows.values()


def _retries(row: list[JudgedCall]) -> int:
    return sum(call.attempts - 1 for call in row)
