"""Answers that arrive, but broken: a wrong checksum, a cut or foreign body behind a 200."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.audit.evidence import ClientKey, Evidence, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, nothing, passed, worst
from emulator.outcomes import ResponseClass


def _checks_the_checksum(evidence: Evidence) -> Ruling:
    wrong = [call for call in evidence.calls if any(_is_wrong(call, number) for number in range(call.attempts))]
    if not wrong:
        return nothing("no answer had a wrong checksum")
    accepted = [call for call in wrong if _is_wrong(call, call.attempts - 1)]
    if not accepted:
        return passed(f"{counted(len(wrong), 'call')} tried again after a wrong checksum")
    blind = [call for call in accepted if call.client.sdk is not None and not call.client.sdk.checks_crc]
    last = [call for call in accepted if call not in blind and call.attempts > 1]
    never = [call for call in accepted if call not in blind and call.attempts == 1]
    rulings = []
    if never:
        rulings.append(found(Status.WARN, never, f"{counted(len(never), 'answer')} with a wrong checksum taken as it was"))
    if last:
        rulings.append(
            found(Status.WARN, last, f"{counted(len(last), 'call')} ended with a wrong checksum, which some SDKs take as a success")
        )
    if blind:
        rulings.append(found(Status.INFO, blind, f"{blind[0].client.label} never looks at checksums"))
    return worst(rulings, rulings[0])


def _is_wrong(call: SeenCall, number: int) -> bool:
    return call.told[number].outcome is ResponseClass.CORRUPT and call.told[number].crc_wrong


def _rejects_corrupt_answers(evidence: Evidence) -> Ruling:
    corrupt = [call for call in evidence.calls if any(_is_corrupt(call, number) for number in range(call.attempts))]
    if not corrupt:
        return nothing("no successful answer was cut, empty or not the service's")
    ended = [call for call in corrupt if _is_corrupt(call, call.attempts - 1)]
    if not ended:
        return passed(f"{counted(len(corrupt), 'call')} tried again after a broken answer")
    last = _last_begun(evidence.everything)
    went_on = [call for call in ended if last[call.client_key] >= call.ended]
    if went_on:
        why = f"{counted(len(went_on), 'call')} ended at a 200 with a broken body, and the program went on"
        return found(Status.WARN, went_on, why)
    return found(Status.INFO, ended, f"{counted(len(ended), 'call')} ended at a 200 with a broken body, and the program with it")


def _is_corrupt(call: SeenCall, number: int) -> bool:
    answer = call.told[number]
    return answer.outcome is ResponseClass.CORRUPT and not answer.crc_wrong and answer.status < 300


def _last_begun(calls: Iterable[SeenCall]) -> dict[ClientKey, float]:
    """When each client began its last call."""
    last: dict[ClientKey, float] = {}
    for call in calls:
        last[call.client_key] = max(call.started, last.get(call.client_key, call.started))
    return last


VERDICTS = (
    Verdict(
        "V31",
        "Checksums are compared",
        "Answers whose x-amz-crc32 does not fit their body: whether another attempt follows.",
        Status.WARN,
        "sources of the SDKs; measured with botocore",
        "Leave the SDK's check of x-amz-crc32 on; botocore in standard mode returns the bad body after its last attempt.",
        _checks_the_checksum,
    ),
    Verdict(
        "V32",
        "A broken answer is no success",
        "Answers with status 200 and a body that is cut, empty or not the service's: whether another attempt "
        "follows, and whether the program goes on.",
        Status.WARN,
        "measured with botocore",
        "Check that what you read is there: several SDKs make an empty result of a 200 with an empty or a foreign body.",
        _rejects_corrupt_answers,
    ),
)
