"""What retries do to a service in trouble: amplification, bursts, quotas, and how load comes back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from emulator.audit.endings import endings
from emulator.audit.evidence import PATIENCE, ApplicationLoop, Evidence, SeenCall, rows_of
from emulator.audit.verdicts.bounds import SLACK
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst
from emulator.audit.verdicts.waiting import restarts_every
from emulator.outcomes import RETRYABLE, ResponseClass
from emulator.retry_profiles import PROFILES

# 500 tokens pay for a hundred retries at 5 each; who makes more in a row without a success between them has no quota
_MOST_UNPAID = 110
# Failing calls in a row after which a quota shows
_LONG_OUTAGE = 60
_ENOUGH_CALLS = 10
# The documented attempts of a DynamoDB client
_AMPLIFICATION = float(PROFILES["standard-2026"].attempts)
_LAYERED = 3
_BIN = 0.05
_COHORT = 8
_BURST = 0.5
_FAILURES = 5

_LIBRARY = "Amazon Builders' Library, Timeouts, retries, and backoff with jitter"


# --- V16


def _has_a_quota(evidence: Evidence) -> Ruling:
    rows = list(_failing_rows(evidence.calls))
    longest = max(map(len, rows), default=0)
    if longest < _LONG_OUTAGE:
        return nothing(f"it takes {_LONG_OUTAGE} calls of a client that fail in a row; there were {longest}")
    spendthrift = [row for row in rows if len(row) >= _LONG_OUTAGE and _retries(row) > _MOST_UNPAID and _retries(row[-_ENOUGH_CALLS:])]
    if not spendthrift:
        return passed(f"in {counted(longest, 'failing call')} in a row, retries came to an end")
    row = max(spendthrift, key=_retries)
    client = row[0].client
    known = row[0].profile
    hint = ""
    if known is not None and known.quota is None:
        hint = f"; {client.label} has no quota{client.cure}"
    elif known is not None:
        hint = "; several clients in one program have a quota each"
    status = Status.INFO if known is not None and known.quota is not None else Status.WARN
    return found(status, row[-1:], f"{_retries(row)} retries in {len(row)} failing calls in a row, and no end{hint}")


def _failing_rows(calls: Iterable[SeenCall]) -> Iterator[list[SeenCall]]:
    """Each client's runs of calls that failed, without a success between them."""
    rows: dict[object, list[SeenCall]] = {}
    for call in calls:
        if call.failed:
            rows.setdefault(call.client_key, []).append(call)
        elif call.told[-1].outcome is ResponseClass.SUCCESS:
            row = rows.pop(call.client_key, None)
            if row:
                yield row
    yield from rows.values()


def _retries(row: list[SeenCall]) -> int:
    return sum(call.attempts - 1 for call in row)


# --- V17


def _has_one_layer(evidence: Evidence) -> Ruling:
    """An exhausted call of the SDK, and then the same from the top: somebody above the SDK retries as well."""
    exhausted = [end.call for end in evidence.once(endings) if end.call.attempts > 1]
    restarted = [(call, period) for call in evidence.retried if not _is_of_an_sdk(call) and (period := restarts_every(call.gaps))]
    if not exhausted and not restarted:
        return nothing("no retried call failed in the end")
    rows = [row for chain in evidence.chains for row in rows_of(chain, _starts_again)]
    # Readers of one item may well be independent of each other; writers of the same bytes, again and again, are not
    is_certain = sum(len(row) - 1 for row in rows if row[0].is_write) >= _LAYERED - 1
    rulings = [_layering(row, Status.FAIL if is_certain and row[0].is_write else Status.WARN) for row in rows]
    rulings += [
        found(Status.WARN, [call], f"waits start over after every {period} attempts: one loop in another") for call, period in restarted
    ]
    if not rulings:
        return passed(f"{counted(len(exhausted), 'call')} failed after retries, and nobody tried again from the top")
    return worst(sorted(rulings, key=lambda ruling: ruling.status is not Status.FAIL)[:_LAYERED], rulings[0])


def _is_of_an_sdk(call: SeenCall) -> bool:
    return call.is_identified and not isinstance(call, ApplicationLoop)


def _starts_again(before: SeenCall, after: SeenCall) -> bool:
    """Whether a call follows one that had been retried in vain."""
    return before.failed and before.attempts > 1 and 0 <= after.started - before.ended <= PATIENCE


def _layering(row: list[SeenCall], status: Status) -> Ruling:
    attempts = sum(call.attempts for call in row)
    why = f"{attempts} attempts for one {row[0].operation}, as {' + '.join(str(call.attempts) for call in row[:6])}"
    return found(status, row, f"{why}: the application retries what its SDK had retried")


# --- V18


def _amplifies_little(evidence: Evidence) -> Ruling:
    hit = [call for call in evidence.calls if call.told[0].outcome in RETRYABLE]
    if len(hit) < _ENOUGH_CALLS:
        return nothing(f"it takes {_ENOUGH_CALLS} calls that failed at first; there were {len(hit)}")
    attempts = sum(call.attempts for call in hit)
    ratio = attempts / len(hit)
    why = f"{attempts} attempts for {counted(len(hit), 'failing call')}, {ratio:.1f} each"
    if ratio <= _AMPLIFICATION:
        return passed(why)
    client = max(hit, key=lambda call: call.attempts).client
    hint = f"; {client.label} makes that many{client.cure}" if client.sdk else ""
    return found(Status.WARN, sorted(hit, key=lambda call: -call.attempts), f"{why}, more than {_AMPLIFICATION:g}{hint}")


# --- V19


def _comes_back_apart(evidence: Evidence) -> Ruling:
    cohorts = list(_cohorts(evidence))
    if not cohorts:
        return nothing(f"it takes {_COHORT} calls that are throttled within {milliseconds(_BIN)} of each other")
    bursts = [(share, calls) for share, calls in map(_fullest, cohorts) if share > _BURST]
    if not bursts:
        return passed(f"{counted(len(cohorts), 'group')} of calls that failed together came back apart")
    share, calls = max(bursts, key=lambda burst: burst[0])
    return found(
        Status.WARN, calls, f"of {counted(len(calls), 'call')} that failed together, {share:.0%} came back within {milliseconds(_BIN)}"
    )


def _cohorts(evidence: Evidence) -> Iterator[list[tuple[float, SeenCall]]]:
    """Returns (arrival, call) after throttling that ended within one bin. Waits as short as the bin say nothing."""
    gaps = sorted((gap for gap in evidence.gaps if gap.is_throttling and gap.hint is None), key=lambda gap: _failed_at(gap.call, gap.retry))
    start = 0
    ends = [_failed_at(gap.call, gap.retry) for gap in gaps]
    while start < len(gaps):
        stop = bisect_right(ends, ends[start] + _BIN)
        cohort = gaps[start:stop]
        if len(cohort) >= _COHORT and sorted(gap.seconds for gap in cohort)[len(cohort) // 2] >= 2 * _BIN:
            yield [(gap.call.entries[gap.retry + 1].request.arrived, gap.call) for gap in cohort]
        start = stop


def _failed_at(call: SeenCall, number: int) -> float:
    return call.entries[number].ended or 0.0


def _fullest(cohort: list[tuple[float, SeenCall]]) -> tuple[float, list[SeenCall]]:
    arrivals = sorted(arrival for arrival, _ in cohort)
    most = max(bisect_right(arrivals, arrival + _BIN) - place for place, arrival in enumerate(arrivals))
    return most / len(arrivals), [call for _, call in cohort]


# --- V37


def _recovers(evidence: Evidence) -> Ruling:
    outages = list(_outages(evidence))
    if not outages:
        return nothing(f"no client failed {_FAILURES} times in a row and then succeeded")
    slow = [(waited, call) for waited, most, call in outages if waited > most]
    longest = max(waited for waited, _, _ in outages)
    why = f"first success {milliseconds(longest)} after the last failure at the latest"
    if slow:
        return found(Status.INFO, [call for _, call in slow], f"{why}, later than one back-off")
    return passed(f"{counted(len(outages), 'outage')}: {why}")


def _outages(evidence: Evidence) -> Iterator[tuple[float, float, SeenCall]]:
    """(seconds from the last failure to the first success, the longest back-off, the call that succeeded)."""
    rows: dict[object, tuple[int, float]] = {}
    attempts = ((entry, call, answer) for call in evidence.calls for entry, answer in zip(call.entries, call.told, strict=True))
    for entry, call, answer in sorted(attempts, key=lambda attempt: attempt[0].request.arrived):
        failures, last = rows.get(call.client_key, (0, 0.0))
        if answer.outcome in RETRYABLE:
            rows[call.client_key] = (failures + 1, max(last, entry.ended or entry.request.arrived))
        elif answer.outcome is ResponseClass.SUCCESS:
            rows[call.client_key] = (0, 0.0)
            if failures >= _FAILURES:
                profile = call.profile or PROFILES["standard-2026"]
                most = profile.longest_wait(max(0, call.attempts - 2), throttling=True)
                yield max(0.0, entry.request.arrived - last), most + SLACK, call


VERDICTS = (
    Verdict(
        "V16",
        "A long outage spends the retry quota",
        "Sixty failing calls of a client in a row: whether the last of them are still tried again.",
        Status.WARN,
        f"{_LIBRARY}; SDK reference guide, Retry behavior",
        "Use an SDK mode with a retry quota (standard), or stop retrying when most calls fail.",
        _has_a_quota,
    ),
    Verdict(
        "V17",
        "Only one layer retries",
        "Calls that fail after retries, and are followed by the same call from the top; fails where writes are started again "
        "twice or more. Of loops without an SDK, whether their waits start over.",
        Status.FAIL,
        f"{_LIBRARY}; Well-Architected Framework REL05-BP03",
        "Retry in one place: take the loop around the SDK away, or turn the SDK's retries off. Layers multiply.",
        _has_one_layer,
    ),
    Verdict(
        "V18",
        "Retries multiply the load a few times at most",
        "Attempts of calls whose first attempt failed, divided by those calls; ten of them at least.",
        Status.WARN,
        _LIBRARY,
        "Make fewer attempts: four are the documented default for DynamoDB.",
        _amplifies_little,
    ),
    Verdict(
        "V19",
        "Clients that failed together come back apart",
        "Eight calls or more that are throttled within 50 ms: whether over half of them come back within 50 ms.",
        Status.WARN,
        _LIBRARY,
        "Jitter the waits over their whole range.",
        _comes_back_apart,
    ),
    Verdict(
        "V37",
        "Work goes on when the outage is over",
        "The time from the last of five failures in a row to the client's next success.",
        Status.INFO,
        "SDK reference guide, Retry behavior",
        "Look for circuit breakers and caches that hold on to an error longer than it lasts.",
        _recovers,
    ),
)
