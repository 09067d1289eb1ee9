"""What a client must leave alone: refusals, oddities of the HTTP layer, errors that it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from emulator.audit.clock_skew import blames_the_clock
from emulator.audit.endings import UNREASONABLE, Reason, endings
from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, nothing, passed, worst
from emulator.journal import Exchange
from emulator.outcomes import TRANSIENT_STATUS, ClientOutcome, ResponseClass, classify_response, message_of
from emulator.sdks import deviation

# Statuses that outside DynamoDB mean "later": who retries them without a code does no harm
_LATER = frozenset((408, 425, 429))
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
# Who asks the same again within so many seconds of a refusal repeats it
_AT_ONCE = 10.0
# So many identical refusals in a row are no accident
_STUBBORN = 3


def _leaves_refusals_alone(evidence: Evidence) -> Ruling:
    refusals = sum(_is_final(answer) for call in evidence.calls for answer in call.told) + len(evidence.refused)
    if not refusals:
        return nothing("no call was refused for good")
    kinds: dict[tuple[Status, str], list[SeenCall]] = {}
    for call in evidence.calls:
        for number, answer in enumerate(call.told[:-1]):
            if _is_final(answer) and not answer.crc_wrong and not blames_the_clock(call.entries[number], answer):
                kinds.setdefault(_offence(call, answer), []).append(call)
    rulings = [found(status, calls, f"{counted(len(calls), 'call')} tried again after {why}") for (status, why), calls in kinds.items()]
    rulings += [*_repetitions(evidence), *_repeated_requests(evidence.refused)]
    return worst(rulings, passed(f"{counted(refusals, 'refusal')}, none tried again"))


def _is_final(answer: ClientOutcome) -> bool:
    """A refusal by name; what becomes of transactions and of nameless ones is asked elsewhere."""
    return (
        answer.outcome is ResponseClass.REFUSED
        and answer.is_known
        and answer.status < 500
        and answer.error != "TransactionCanceledException"
    )


def _offence(call: SeenCall, answer: ClientOutcome) -> tuple[Status, str]:
    if call.profile is not None and deviation(call.profile.name, answer.error, answer.status):
        return Status.WARN, f"{answer.error}, as {call.client.label} does"
    return Status.FAIL, answer.error


def _repetitions(evidence: Evidence) -> Iterator[Ruling]:
    """Identical calls, refused one right after the other: how retries look of a client that does not number its attempts, or of an
    application that retries by itself."""
    judged = {call.id for call in evidence.calls}
    for chain in evidence.chains:
        for row in _rows(chain):
            stubborn = len(row) >= _STUBBORN
            # Two identical calls of an SDK are two calls; without its ids they may as well be attempts
            if row[0].id in judged and not row[0].is_waiter and (stubborn or (len(row) > 1 and not row[0].is_identified)):
                is_retry = not row[0].is_identified or evidence.retries_by_itself(row[0])
                status = Status.FAIL if stubborn and is_retry else Status.WARN
                yield found(status, row, f"the same was asked {len(row)} times in a row, each time refused with {row[0].told[-1].error}")


def _rows(chain: Iterable[SeenCall]) -> Iterator[list[SeenCall]]:
    row: list[SeenCall] = []
    for call in chain:
        if row and (call.told[-1].error != row[-1].told[-1].error or not 0 <= call.started - row[-1].ended <= _AT_ONCE):
            yield row
            row = []
        if call.told[-1].error in _HOPELESS:
            row.append(call)
    if row:
        yield row


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


def _stops_at_oddities(evidence: Evidence) -> Ruling:
    odd = [(call, number) for call in evidence.calls for number, answer in enumerate(call.told) if answer.outcome is ResponseClass.ODD]
    if not odd:
        return nothing("there was no redirect and no answer of that kind")
    followed = [call for call, number in odd if number + 1 < call.attempts]
    if followed:
        return found(Status.INFO, followed, f"{counted(len(followed), 'call')} went on after a redirect or a refusal of the HTTP layer")
    return passed(f"{counted(len(odd), 'redirect')} or refusals of the HTTP layer ended their calls")


def _decides_by_code(evidence: Evidence) -> Ruling:
    decisions: dict[tuple[object, str, int], dict[str, set[bool]]] = {}
    ended = {ending.call.id: ending.reason for ending in evidence.once(endings)}
    for call in evidence.calls:
        for number, answer in enumerate(call.told):
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


def _handles_unknown_codes(evidence: Evidence) -> Ruling:
    met = [(call, number) for call in evidence.calls for number, answer in enumerate(call.told) if _is_unknown(answer)]
    if not met:
        return nothing("there was no error code that the service does not have")
    rulings = []
    retried = [call for call, number in met if number + 1 < call.attempts and _must_not_be_retried(call, number)]
    if retried:
        known = all(call.profile and deviation(call.profile.name, call.told[0].error, call.told[0].status) for call in retried)
        harmless = all(answer.status in _LATER for call in retried for answer in call.told[:-1] if _is_unknown(answer))
        status = Status.WARN if known or harmless else Status.FAIL
        rulings.append(found(status, retried, f"{counted(len(retried), 'call')} tried again after an unknown error with a 4xx status"))
    given_up = [end.call for end in evidence.once(endings) if end.reason is Reason.GAVE_UP and _is_unknown(end.call.told[-1])]
    if given_up:
        rulings.append(found(Status.FAIL, given_up, f"{counted(len(given_up), 'call')} ended at an unknown error with a 5xx status"))
    return worst(rulings, passed(f"{counted(len(met), 'unknown error')}, judged by the status"))


def _is_unknown(answer: ClientOutcome) -> bool:
    if answer.is_known or answer.outcome not in (ResponseClass.REFUSED, ResponseClass.TRANSIENT):
        return False
    # A 5xx without any code is no matter of codes
    return answer.status < 500 or (answer.status in TRANSIENT_STATUS and answer.error != str(answer.status))


def _must_not_be_retried(call: SeenCall, number: int) -> bool:
    answer = call.told[number]
    return answer.status < 500 and not answer.crc_wrong and not blames_the_clock(call.entries[number], answer)


_GUIDE = "SDK reference guide, Retry behavior"
_ERRORS = "DynamoDB Developer Guide, Error handling"

VERDICTS = (
    Verdict(
        "V4",
        "What was refused is not retried",
        "Attempts that follow a refusal within a call; from clients that number no attempts, the same request "
        "refused three times in a row.",
        Status.FAIL,
        f"{_GUIDE}; Well-Architected Framework REL05-BP03",
        "Retry by a list of errors that may pass, never on every exception: a request that was refused is refused again.",
        _leaves_refusals_alone,
    ),
    Verdict(
        "V36",
        "Redirects and HTTP refusals end a call",
        "What follows an answer with a 3xx status or 413.",
        Status.INFO,
        "sources of the SDKs",
        "DynamoDB never redirects; an answer that does comes from somewhere else, and following it sends credentials there.",
        _stops_at_oddities,
    ),
    Verdict(
        "V38",
        "Errors are told by their code, not by their text",
        "Errors that come with different texts: whether the client decides alike.",
        Status.WARN,
        f"{_GUIDE}: codes first",
        "Compare the error's code. Texts change without notice.",
        _decides_by_code,
    ),
    Verdict(
        "V39",
        "Unknown errors are judged by their status",
        "Errors whose code the service does not have: whether 4xx are left alone and 5xx tried again.",
        Status.FAIL,
        _GUIDE,
        "Retry an error whose code you do not know if its status is 500, 502, 503 or 504, and do not if it is a 4xx.",
        _handles_unknown_codes,
    ),
)
