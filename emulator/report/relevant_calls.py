"""Which calls of a long run to show: first those that findings are about, then failed calls, doubled writes and retried calls; refused
requests are put together by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall
from emulator.journal.outcomes import message_of
from emulator.report.facts import Facts


class RefusedRequests(NamedTuple):
    """Requests that were refused before they were understood as a call: what they asked for, as far as it could be read, and what they
    were told. `times` is how many were told so."""

    operation: str
    error: str
    message: str
    times: int


def flagged(report: Facts) -> dict[str, list[str]]:
    """For each call that a failed expectation or a complaining verdict is about, what complains: "V9", or the expectation's text."""
    found: dict[str, list[str]] = {}
    for finding in report.expectations:
        if finding.status == "fail":
            for call in finding.calls:
                found.setdefault(call, []).append(finding.text)
    for verdict in report.audit:
        if verdict.status in ("fail", "warn"):
            for call in verdict.ruling.calls:
                found.setdefault(call, []).append(verdict.verdict.id)
    return found


def relevant_calls(report: Facts, most: int) -> Sequence[LogicalCall]:
    """The calls to show, at most so many, in order of arrival."""
    calls = report.calls
    if len(calls) <= most:
        return calls
    named = flagged(report)
    ranked = sorted(range(len(calls)), key=lambda place: _rank(calls[place], named))[:most]
    return [calls[place] for place in sorted(ranked)]


def _rank(call: LogicalCall, named: dict[str, list[str]]) -> tuple[bool, bool, bool, int]:
    return call.id not in named, call.outcome == "success", call.applied <= 1, -call.attempts


def refusals(refused: Iterable[Exchange], most: int) -> list[RefusedRequests]:
    """The refused requests by kind, at most so many kinds, the most frequent first."""
    kinds = Counter((asked_for(entry), entry.error or f"HTTP {entry.reply.status}", message_of(entry)) for entry in refused)
    return [RefusedRequests(*kind, count) for kind, count in kinds.most_common(most)]


def asked_for(entry: Exchange) -> str:
    """What a request that is no call asked for, as far as it could be read."""
    request = entry.request
    return request.headers.get("x-amz-target", "").rpartition(".")[2] or f"{request.method} {request.target}"
