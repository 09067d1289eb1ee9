"""V39: Unknown errors are judged by their status

## What it does
Errors whose code the service does not have: whether 4xx are left alone and 5xx tried again.

## Why it matters
Services get new errors, and proxies have their own. The status still says whose fault it is: with a 4xx the request is
wrong, with a 5xx the service is in trouble, and the same request may succeed.

## Fails
```text
PutItem    400 QuotaRuleException
  20 ms    400 QuotaRuleException
```

## Passes
```text
PutItem    500 ShardMovedException
  20 ms    200
```

## What helps
Retry an error whose code you do not know if its status is 500, 502, 503 or 504, and do not if it is a 4xx.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.clock_skew import blames_the_clock
from emulator.audit.endings import Reason, endings
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import TRANSIENT_STATUS, ClientOutcome, ResponseClass
from emulator.scenario.phrases import counted
from emulator.sdks.catalogue import deviation

GRADE = Status.FAIL

# Statuses that outside DynamoDB mean "later": retrying them without a code does no harm
_LATER = frozenset((408, 425, 429))


def judge(evidence: Evidence) -> Ruling:
    met = [(call, number) for call in evidence.calls for number, answer in enumerate(call.answers) if _is_unknown(answer)]
    if not met:
        return nothing("there was no error code that the service does not have")
    rulings = []
    retried = [call for call, number in met if number + 1 < call.attempts and _must_not_be_retried(call, number)]
    if retried:
        known = all(call.profile and deviation(call.profile.name, call.answers[0].error, call.answers[0].status) for call in retried)
        harmless = all(answer.status in _LATER for call in retried for answer in call.answers[:-1] if _is_unknown(answer))
        status = Status.WARN if known or harmless else Status.FAIL
        rulings.append(found(status, retried, f"{counted(len(retried), 'call')} tried again after an unknown error with a 4xx status"))
    given_up = [end.call for end in evidence.once(endings) if end.reason is Reason.GAVE_UP and _is_unknown(end.call.answers[-1])]
    if given_up:
        rulings.append(found(Status.FAIL, given_up, f"{counted(len(given_up), 'call')} ended at an unknown error with a 5xx status"))
    return worst(rulings, passed(f"{counted(len(met), 'unknown error')}, judged by the status"))


def _is_unknown(answer: ClientOutcome) -> bool:
    if answer.is_known or answer.outcome not in (ResponseClass.REFUSED, ResponseClass.TRANSIENT):
        return False
    # A 5xx without any code is no matter of codes
    return answer.status < 500 or (answer.status in TRANSIENT_STATUS and answer.error != str(answer.status))


def _must_not_be_retried(call: JudgedCall, number: int) -> bool:
    answer = call.answers[number]
    return answer.status < 500 and not answer.crc_wrong and not blames_the_clock(call.entries[number], answer)
