"""Whether clients retry errors that may pass: throttling, server errors and lost connections are judged alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from emulator.audit.endings import UNREASONABLE, CallEnding, Reason, endings, retried_errors
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.scenario.phrases import counted

# LimitExceededException and others may as well mean a limit that stays
_PLAIN_THROTTLING = frozenset(("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"))


def judge_retries(evidence: Evidence, what: str, concerns: Callable[[ClientOutcome], bool]) -> Ruling:
    """Complains of clients that met such an error, and never in the whole run tried again after one."""
    met = sum(concerns(answer) for call in evidence.calls for answer in call.answers)
    if not met:
        return nothing(f"there was no {what}")
    again = evidence.once(retried_errors)
    ended = [ending for ending in evidence.once(endings) if concerns(ending.call.answers[-1])]
    given_up = [ending for ending in ended if (ending.call.client_key, ending.call.answers[-1].error) not in again]
    rulings = list(_complaints([ending for ending in given_up if ending.reason in UNREASONABLE]))
    tried = sum(concerns(answer) for call in evidence.calls for answer in call.answers[:-1])
    tried += sum(ending.reason is Reason.REPEATED for ending in ended)
    if tried:
        return worst(rulings, passed(f"{counted(tried, what)} of {met} tried again"))
    return worst(rulings, nothing(f"{counted(met, what)}, none of which had to be tried again"))


def _complaints(given_up: list[CallEnding]) -> Iterator[Ruling]:
    kinds: dict[tuple[Status, str], list[JudgedCall]] = {}
    for ending in given_up:
        kinds.setdefault(_complaint(ending), []).append(ending.call)
    for (status, why), calls in kinds.items():
        yield found(status, calls, f"{counted(len(calls), 'call')} ended at {why}")


def _complaint(ending: CallEnding) -> tuple[Status, str]:
    call, answer = ending.call, ending.call.answers[-1]
    if ending.reason is Reason.UNKNOWN_TO_MODE:
        return Status.WARN, f"{answer.error}, which {call.client.label} does not retry{call.client.remedy}"
    if _is_bug_of_botocore(call):
        return Status.WARN, f"{answer.error} with a body that {call.client.label} cannot read, and then never retries"
    uncertain = answer.outcome is ResponseClass.THROTTLED and answer.error not in _PLAIN_THROTTLING
    why = f" ({ending.reason.value})" if ending.reason is Reason.TURNED_OFF else ""
    return Status.WARN if uncertain else Status.FAIL, f"{answer.error} and never tried again after it{why}"


def _is_bug_of_botocore(call: JudgedCall) -> bool:
    """Measured, botocore 1.43.11: a 500 whose body is JSON but no object, or no UTF-8, ends in an exception of Python."""
    sdk, body = call.client.sdk, call.entries[-1].reply.body
    if sdk is None or sdk.name != "botocore" or call.answers[-1].outcome is not ResponseClass.TRANSIENT:
        return False
    text = body.decode("utf-8", "replace").strip()
    return "\ufffd" in text or text[:1] == "[" or text == "null"
