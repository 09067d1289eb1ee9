"""All that a scenario decides, as one value, and what the emulated service does with a request under it. What it wrote is known here,
and only here."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.backends.services import Backends
from emulator.faults import Decision, RuleSet, ShownItem
from emulator.journal.tracking import CallTracker
from emulator.messages import AS_USUAL, NOTHING_WRITTEN, Call, ExecutionContext, Outcome
from emulator.scenario import Scenario
from emulator.wire import SignatureCheck


@dataclass(frozen=True, slots=True)
class Run:
    """All that a scenario decides, and all that counts for it. Each request reads it once, and changes of it replace it as one, so no
    exchange is half of one scenario and half of another. `number` grows with each beginning: another scenario, or counters reset."""

    number: int
    scenario: Scenario
    seed: int
    rules: RuleSet
    tracker: CallTracker
    signatures: SignatureCheck | None
    backends: Backends


def carry_out(run: Run, call: Call, decision: Decision | None) -> Outcome | Awaitable[Outcome]:
    """What a call comes to, or something to wait for where its backend is on the far side of a network."""
    writes = not is_read_only(call.operation, call.params)
    if decision is None:
        return _execute(run, call, AS_USUAL, writes)
    outcome = _decided(run, call, decision, writes)
    if not decision.shown:
        return outcome
    return _show(run, decision.shown, outcome) if isinstance(outcome, Outcome) else _shown_later(run, decision.shown, outcome)


def _decided(run: Run, call: Call, decision: Decision, writes: bool) -> Outcome | Awaitable[Outcome]:
    if not decision.applied and (writes or decision.error is not None or decision.answer is not None):
        return Outcome(decision.answer or {}, NOTHING_WRITTEN if writes else None, decision.error)
    rewritten = call
    for rewrite in decision.rewrites:
        rewritten = rewrite.before(rewritten)
    executed = _execute(run, rewritten, _context(decision), writes)
    if type(executed) is Outcome:
        return _answered(decision, call, executed)
    assert not isinstance(executed, Outcome)
    return _answered_later(decision, call, executed)


def _execute(run: Run, call: Call, context: ExecutionContext, writes: bool) -> Outcome | Awaitable[Outcome]:
    nothing = NOTHING_WRITTEN if writes else None
    if call.refusal is not None:
        return Outcome(None, nothing, call.refusal)
    backend = run.backends.find(call.service)
    if call.operation not in backend.operations:
        return Outcome(None, nothing, ServiceError("UnknownOperationException", service=call.service))
    try:
        outcome = backend.execute(call, context)
    except ServiceError as error:
        return Outcome(None, nothing, error)
    return outcome if isinstance(outcome, Outcome) else _executed_later(outcome, writes)


async def _executed_later(waiting: Awaitable[Outcome], writes: bool) -> Outcome:
    try:
        return await waiting
    except ServiceError as error:
        return Outcome(None, NOTHING_WRITTEN if writes else None, error)


def _context(decision: Decision) -> ExecutionContext:
    if decision.table_delay is not None:
        return ExecutionContext(table_delay=decision.table_delay.seconds)
    if decision.stale is not None:
        return ExecutionContext(decision.stale, decision.stale)
    return ExecutionContext(eventual_age=decision.lag) if decision.lag else AS_USUAL


def _answered(decision: Decision, call: Call, executed: Outcome) -> Outcome:
    """What the client is told of an operation that has been carried out."""
    output, error = executed.output, executed.error
    if output is not None and error is None:
        for rewrite in decision.rewrites:
            output = rewrite.after(call, output)
    # An operation that is refused on its own account was not applied: nothing got lost, so it is refused as usual
    return Outcome(output, executed.written, decision.error if error is None else error)


async def _answered_later(decision: Decision, call: Call, waiting: Awaitable[Outcome]) -> Outcome:
    return _answered(decision, call, await waiting)


# --- items that an answer shows


def _show(run: Run, shown: Sequence[ShownItem], outcome: Outcome) -> Outcome | Awaitable[Outcome]:
    """The outcome, with the items in it that are to be seen there, as they are now."""
    for place, item in enumerate(shown):
        read = _execute(run, item.read, AS_USUAL, writes=False)
        if not isinstance(read, Outcome):
            return _show_later(run, shown[place:], outcome, read)
        _put(read, item.members)
    return outcome


async def _show_later(run: Run, shown: Sequence[ShownItem], outcome: Outcome, first: Awaitable[Outcome]) -> Outcome:
    _put(await first, shown[0].members)
    return await _shown_later(run, shown[1:], outcome)


async def _shown_later(run: Run, shown: Sequence[ShownItem], waiting: Outcome | Awaitable[Outcome]) -> Outcome:
    outcome = _show(run, shown, waiting if isinstance(waiting, Outcome) else await waiting)
    return outcome if isinstance(outcome, Outcome) else await outcome


def _put(read: Outcome, members: dict[str, Any]) -> None:
    """Where the item cannot be read, or is not there, none is shown."""
    item = None if read.error is not None or read.output is None else read.output.get("Item")
    if item is not None:
        members["Item"] = orjson.loads(orjson.dumps(item)) if isinstance(item, orjson.Fragment) else item
