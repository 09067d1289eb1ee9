"""V4: What was refused is not retried

## What it does
Attempts that follow a refusal within a call; from clients that number no attempts, the same request refused three times
in a row. Where other data may change the answer, as that of a failed condition, the same request again may be a retry as
well as another call: that is told, not judged.

## Why it matters
What was wrong with a request is still wrong the second time. Retrying it hides the error from the caller for as long as
the retries take, costs capacity, and fills logs with what looks like an outage.

## Fails
```python
while True:
    try:
        answer = client.put_item(TableName="orders", Item=item)
        break
    except Exception:  # a ValidationException, too
        time.sleep(1)
```

## Passes
```python
try:
    client.put_item(TableName="orders", Item=item)
except client.exceptions.ConditionalCheckFailedException:
    print("somebody else was first")  # an answer, and no reason to ask again
```

## What helps
Retry by a list of errors that may pass, never on every exception: a request that was refused is refused again.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
- Well-Architected Framework REL05-BP03
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from emulator.audit.clock_skew import blames_the_clock
from emulator.audit.evidence import Evidence, rows_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome, ResponseClass, classify_response
from emulator.scenario.phrases import counted
from emulator.sdks.catalogue import deviation

GRADE = Status.FAIL

# Asking the same again cannot help, whatever the data become meanwhile
_HOPELESS = frozenset(
    (
        "AccessDeniedException",
        "IdempotentParameterMismatchException",
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationException",
    )
)
# A client that asks the same again within so many seconds of a refusal repeats it
_AT_ONCE = 10.0
# So many identical refusals in a row are no accident
_STUBBORN = 3


def judge(evidence: Evidence) -> Ruling:
    refusals = sum(_is_final(answer) for call in evidence.calls for answer in call.answers) + len(evidence.refused)
    if not refusals:
        return nothing("no call was refused for good")
    kinds: dict[tuple[Status, str], list[JudgedCall]] = {}
    for call in evidence.calls:
        for number, answer in enumerate(call.answers[:-1]):
            if _is_final(answer) and not answer.crc_wrong and not blames_the_clock(call.entries[number], answer):
                kinds.setdefault(_offence(call, answer), []).append(call)
    rulings = [found(status, calls, f"{counted(len(calls), 'call')} tried again after {why}") for (status, why), calls in kinds.items()]
    rulings += [*_repetitions(evidence), *_repeated_requests(evidence.refused)]
    return worst(rulings, passed(f"{counted(refusals, 'refusal')}, none tried again"))


def _is_final(answer: ClientOutcome) -> bool:
    """Whether an error refuses the request for good. Cancelled transactions and errors without a name are judged elsewhere."""
    return (
        answer.outcome is ResponseClass.REFUSED
        and answer.is_known
        and answer.status < 500
        and answer.error != "TransactionCanceledException"
    )


def _offence(call: JudgedCall, answer: ClientOutcome) -> tuple[Status, str]:
    if call.profile is not None and deviation(call.profile.name, answer.error, answer.status):
        return Status.WARN, f"{answer.error}, as {call.client.label} does"
    return Status.FAIL, answer.error


def _repetitions(evidence: Evidence) -> Iterator[Ruling]:
    """Identical calls, refused one right after the other: how retries look of a client that does not number its attempts, or of an
    application that retries by itself."""
    judged = {call.id for call in evidence.calls}
    rows = (row for chain in evidence.chains for row in _rows(chain) if row[0].id in judged and not row[0].is_waiter)
    for row in rows:
        error = row[0].answers[-1].error
        is_retry = not row[0].is_identified or evidence.retries_by_itself(row[0])
        why = f"the same was asked {len(row)} times in a row, each time refused with {error}"
        stubborn = len(row) >= _STUBBORN
        if error not in _HOPELESS:
            # An SDK's retries are told from new calls by their ids
            if is_retry:
                yield found(Status.INFO, row, f"{why}, which other data may change: a retry, or another call for another reason")
        # Two identical calls of an SDK are two calls; without its ids they may as well be attempts
        elif stubborn or not row[0].is_identified:
            yield found(Status.FAIL if stubborn and is_retry else Status.WARN, row, why)


def _rows(chain: Iterable[JudgedCall]) -> Iterator[list[JudgedCall]]:
    """The rows of two calls or more that got the same refusal, one soon after the other."""
    return rows_of(chain, _is_refused_again)


def _is_refused_again(before: JudgedCall, after: JudgedCall) -> bool:
    answer = before.answers[-1]
    is_alike = _is_final(answer) and after.answers[-1].error == answer.error
    return is_alike and not answer.crc_wrong and 0 <= after.started - before.ended <= _AT_ONCE


def _repeated_requests(refused: Iterable[Exchange]) -> Iterator[Ruling]:
    """The same among requests that were refused before they could be understood as calls."""
    rows: dict[object, list[Exchange]] = {}
    for entry in refused:
        if _is_final(classify_response(entry)):
            rows.setdefault(_identity(entry), []).append(entry)
    for row in rows.values():
        is_identified = bool(_invocation(row[0]))
        soon = all(after.request.arrived - (before.ended or 0.0) <= _AT_ONCE for before, after in pairwise(row))
        if len(row) >= (2 if is_identified else _STUBBORN) and soon:
            requests = ", ".join(str(entry.id) for entry in row[:_STUBBORN])
            yield Ruling(
                Status.FAIL,
                f"the same request came {len(row)} times, each time refused with {classify_response(row[0]).error} (requests {requests})",
            )


def _identity(entry: Exchange) -> object:
    request = entry.request
    return _invocation(entry) or (
        request.headers.get("user-agent"),
        request.peer.rpartition(":")[0],
        request.headers.get("x-amz-target"),
        request.body,
    )


def _invocation(entry: Exchange) -> str:
    headers = entry.request.headers
    return headers.get("amz-sdk-invocation-id") or headers.get("aws-sdk-invocation-id") or ""
