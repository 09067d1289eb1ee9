"""How long a client goes on: not for ever, and not too short."""

from __future__ import annotations

from emulator.audit.endings import Reason, endings, retried_errors
from emulator.audit.evidence import Evidence
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst

# The most that any SDK makes by default
CEILING = 11
# "Set the maximum number of retries to stop around one minute"
_LONGEST_CALL = 60.0


def _is_bounded(evidence: Evidence) -> Ruling:
    if not evidence.retried:
        return nothing("no call was tried again")
    beyond = [call for call in evidence.retried if call.declared is not None and call.attempts > call.declared]
    endless = [call for call in evidence.retried if call.declared is None and call.attempts > CEILING]
    most = max(call.attempts for call in evidence.retried)
    rulings = []
    if beyond:
        rulings.append(found(Status.FAIL, beyond, f"{counted(len(beyond), 'call')} made more attempts than the client itself declares"))
    if endless:
        rulings.append(
            found(
                Status.FAIL,
                endless,
                f"{counted(len(endless), 'call')} made more than {CEILING} attempts, the longest {most}; no end is declared",
            )
        )
    many = [call for call in evidence.retried if call.declared is not None and CEILING < call.attempts <= call.declared]
    if many:
        why = f"{counted(len(many), 'call')} made up to {max(call.attempts for call in many)} attempts, as many as the client declares"
        rulings.append(found(Status.WARN, many, f"{why}, and more than any SDK by default"))
    return worst(rulings, passed(f"at most {most} attempts in {counted(len(evidence.retried), 'retried call')}"))


def _perseveres(evidence: Evidence) -> Ruling:
    again = evidence.once(retried_errors)
    ended = evidence.once(endings)
    early = [
        end for end in ended if end.reason in (Reason.GAVE_UP, Reason.LAST) and (end.call.client_key, end.call.told[-1].error) in again
    ]
    rulings = []
    for declares in (True, False):
        calls = [end.call for end in early if end.reason is Reason.GAVE_UP and (end.call.declared is not None) is declares]
        if calls:
            limit = evidence.limit(calls[0])
            source = "it declares" if declares else "its SDK is documented with"
            why = f"{counted(len(calls), 'call')} ended after {calls[0].attempts} attempts of the {limit} that {source}"
            rulings.append(found(Status.FAIL if declares else Status.WARN, calls, why))
    last = [end.call for end in early if end.reason is Reason.LAST]
    if last:
        rulings.append(found(Status.WARN, last, f"{counted(len(last), 'call')} ended early: {Reason.LAST.value}"))
    judged = sum(end.reason is not Reason.UNSAFE for end in ended) + sum(not call.failed for call in evidence.retried)
    if not judged:
        return nothing("no call had to go on")
    return worst(rulings, passed(_reasons([end.reason for end in ended])))


def _reasons(reasons: list[Reason]) -> str:
    if not reasons:
        return "every retried call got through"
    counts = {reason: reasons.count(reason) for reason in Reason if reason in reasons}
    return "calls ended because " + ", ".join(f"{reason.value} ({count})" for reason, count in counts.items())


def _stops_in_time(evidence: Evidence) -> Ruling:
    if not evidence.retried:
        return nothing("no call was tried again")
    took = {call: call.entries[-1].request.arrived - call.started for call in evidence.retried}
    slow = [call for call, seconds in took.items() if seconds > _LONGEST_CALL]
    longest = milliseconds(max(took.values()))
    if slow:
        return found(
            Status.WARN, slow, f"{counted(len(slow), 'call')} went on for more than {_LONGEST_CALL:g} s, the longest for {longest}"
        )
    return passed(f"the longest call went on for {longest}")


_ERRORS = "DynamoDB Developer Guide, Error handling"

VERDICTS = (
    Verdict(
        "V6",
        "Attempts are bounded",
        "Calls with more attempts than the client declares, or with more than eleven where it declares nothing; warns of more than "
        "eleven that are declared.",
        Status.FAIL,
        "Well-Architected Framework REL05-BP03; SDK reference guide, Retry behavior",
        "Set a maximum of attempts, and return the error to the caller after it.",
        _is_bounded,
    ),
    Verdict(
        "V7",
        "Calls are not given up early",
        "Calls that end before the attempts which the client declares, or its SDK is documented with, are used "
        "up; a spent quota, a deadline and a write that is not safe to repeat are reasons to end.",
        Status.FAIL,
        "SDK reference guide, Retry behavior",
        "Use up the attempts that are configured; look for a time-out around the SDK that cuts its retries short.",
        _perseveres,
    ),
    Verdict(
        "V8",
        "A call ends within a minute",
        "Calls whose last attempt comes more than a minute after the first.",
        Status.WARN,
        _ERRORS,
        "Lower the number of attempts or the cap of the waits, so that retries stop around one minute after the first attempt.",
        _stops_in_time,
    ),
)
