"""V38: Errors are told by their code, not by their text

## What it does
Errors that come with different texts: whether the client decides alike.

## Why it matters
The texts of errors are for people: they change without notice, and did in 2026. A decision that hangs on a text is
another one after the next change.

## Fails
```python
if "Throughput exceeds the current capacity" in str(error):
    retry()
```

## Passes
```python
if error.response["Error"]["Code"] == "ThrottlingException":
    retry()
```

## What helps
Compare the error's code. Texts change without notice.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html): codes first
"""

from __future__ import annotations

from emulator.audit.endings import UNREASONABLE, Reason, endings
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, nothing, passed
from emulator.journal.outcomes import ResponseClass, message_of
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    decisions: dict[tuple[object, str, int], dict[str, set[bool]]] = {}
    ended = {ending.call.id: ending.reason for ending in evidence.once(endings)}
    for call in evidence.calls:
        for number, answer in enumerate(call.answers):
            if answer.outcome in (ResponseClass.THROTTLED, ResponseClass.TRANSIENT, ResponseClass.REFUSED):
                goes_on = number + 1 < call.attempts
                if goes_on or ended.get(call.id, Reason.GAVE_UP) in UNREASONABLE:
                    texts = decisions.setdefault((call.client_key, answer.error, answer.status), {})
                    texts.setdefault(message_of(call.entries[number]), set()).add(goes_on)
    compared = {key: texts for key, texts in decisions.items() if len(texts) > 1}
    if not compared:
        return nothing("no error came with different texts")
    split = [key[1] for key, texts in compared.items() if {True} in texts.values() and {False} in texts.values()]
    if split:
        return Ruling(Status.WARN, f"{', '.join(split)}: tried again with one text, not with another")
    return passed(f"{counted(len(compared), 'error')} with different texts, and the same decision each time")
