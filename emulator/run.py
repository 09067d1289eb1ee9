"""All that a scenario decides, as one value, and what the emulated service does with a request under it. Which items a request wrote is
decided here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from secrets import token_hex, token_urlsafe
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError, ServiceError
from emulator.aws.services import is_read_only, load_services, writes_of
from emulator.backends.services import REGISTERING, Backends, Remote, ServiceBackend
from emulator.clock import Clock
from emulator.faults import Decision, RuleSet, ShownItem
from emulator.journal.tracking import CallTracker
from emulator.messages import AS_USUAL, NOTHING, NOTHING_WRITTEN, Call, ExecutionContext, HttpRequest, Outcome, Written
from emulator.scenario import Demand, Problem, Scenario
from emulator.scenario.access import AccessKey, Auth
from emulator.wire import Codec, SignatureCheck, SigningKey
from emulator.wire.answer import with_body
from emulator.wire.json_rpc import JSON_1_0, to_json

_OF_OUR_OWN = ExecutionContext(as_sent=False, is_edited=True)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation under one run: everything that is known before its first request comes.

    `backend` None: its service has no such operation. `writes` None: that depends on the statements of each request. `rules` are asked
    about each request; None where nothing in the scenario can be about the operation. `is_registering`: it makes or drops something that
    each run keeps a register of (a table, a backup, a stream)."""

    service: str
    backend: ServiceBackend | None
    is_remote: bool
    is_registering: bool
    writes: bool | None
    rules: RuleSet | None

    @classmethod
    def of(cls, service: str, operation: str, backends: Backends, rules: RuleSet) -> Endpoint:
        backend = backends.find(service)
        known = backend if operation in backend.operations else None
        asked = rules if rules.may_concern(service, operation) else None
        return cls(service, known, backends.is_remote(service), operation in REGISTERING, writes_of(operation), asked)

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome | Awaitable[Outcome]:
        """Carry out a call: its outcome, or an awaitable of it where the backend is on the far side of a network. A refusal is an outcome,
        too."""
        if call.refusal is not None and not (self.is_remote and call.is_admitted):
            return Outcome(None, self.nothing_written(call), call.refusal)
        if self.backend is None:
            return Outcome(None, self.nothing_written(call), ServiceError("UnknownOperationException", service=self.service))
        try:
            outcome = self.backend.execute(call, context)
        except ServiceError as error:
            return Outcome(None, self.nothing_written(call), error.settled())
        return outcome if type(outcome) is Outcome else self._executed_later(call, outcome)

    async def _executed_later(self, call: Call, waiting: Outcome | Awaitable[Outcome]) -> Outcome:
        assert not isinstance(waiting, Outcome)
        try:
            return await waiting
        except ServiceError as error:
            return Outcome(None, self.nothing_written(call), error.settled())

    def nothing_written(self, call: Call) -> Written | None:
        """What to record of a call that was not carried out: that it wrote nothing, or None for one that never writes."""
        writes = not is_read_only(call.operation, call.params) if self.writes is None else self.writes
        return NOTHING_WRITTEN if writes else None


@dataclass(frozen=True, slots=True)
class Run:
    """All that a scenario decides, and all that counts for it. Each request reads it once, and every change replaces it as a whole, so no
    exchange is half of one scenario and half of another. `number` grows whenever a run begins anew: with another scenario, or with counters
    that are reset."""

    number: int
    scenario: Scenario
    seed: int
    rules: RuleSet
    tracker: CallTracker
    signatures: SignatureCheck | None
    backends: Backends
    # By (service, operation); each is made when the first request for it comes
    endpoints: dict[tuple[str, str], Endpoint] = field(init=False, default_factory=dict, compare=False, repr=False)

    def endpoint(self, call: Call) -> Endpoint:
        """The endpoint of the call's operation."""
        name = (call.service, call.operation)
        found = self.endpoints.get(name)
        if found is None:
            found = self.endpoints[name] = Endpoint.of(*name, self.backends, self.rules)
        return found


# What a server lacks that does not own its connections, as under another WSGI server
_OF_CONNECTIONS = {"socket": "cannot cut connections", "connections": "does not know its connections"}


def unmet(demands: Iterable[Demand]) -> Iterator[Problem]:
    """A problem for each demand of a scenario that a server without connections of its own cannot meet."""
    for demand in demands:
        lacks = _OF_CONNECTIONS.get(demand.feature)
        if lacks is not None:
            where = demand.where
            message = f"this server {lacks}, which {demand.who} asks for"
            yield Problem(where.file, where.line, where.column, message, "serve it with 'dynafault serve'")


def new_keys(upstream: Remote | None, is_exposed: bool) -> Mapping[str, AccessKey]:
    """A key of the run's own, for a scenario that has none: without one, whoever reaches the emulator could ask the upstream in the name of
    its user. None is needed where requests go on unsigned and only this machine can send them (`is_exposed` is False)."""
    if upstream is None or not (upstream.settings.is_signed or is_exposed):
        return {}
    return {f"DYNAFAULT{token_hex(6).upper()}": AccessKey(token_urlsafe(30))}


def keys_of(scenario: Scenario, own: Mapping[str, AccessKey]) -> Mapping[str, AccessKey]:
    """The keys that may sign: those of the scenario, or else those of the run. Empty where signatures are not checked."""
    return (scenario.auth.keys if scenario.auth is not None else None) or own


def signature_check(scenario: Scenario, own: Mapping[str, AccessKey], clock: Clock) -> SignatureCheck | None:
    """The check of signatures, None where there are no keys. Keys that expire do so counted from now."""
    found = keys_of(scenario, own)
    if not found:
        return None
    now = clock.elapsed()
    keys = {name: SigningKey(key.secret, key.token, None if key.expires is None else now + key.expires) for name, key in found.items()}
    return SignatureCheck(keys, (scenario.auth or Auth({})).clock_skew, clock)


_REGION = re.compile(r"[a-z0-9-]{1,40}")


def asked_by_us(run: Run, codec: Codec, service: str, operation: str, params: Mapping[str, Any], region: str) -> tuple[Call, Outcome]:
    """Carry out an operation on behalf of the emulator's own user (the live page, the admin API). Raises ServiceError for what the service
    refuses, EmulatorError where the backend is on the far side of a network, or where `region` is no name of a region."""
    if not _REGION.fullmatch(region):
        raise EmulatorError(f"{region[:100]!r} is no region")
    far = f"the backend of {service} is on the far side of a network; ask it there"
    if run.backends.is_remote(service):
        raise EmulatorError(far)
    scope = f"AWS4-HMAC-SHA256 Credential=dynafault/20260101/{region}/dynamodb/aws4_request, SignedHeaders=host, Signature=none"
    target = f"{load_services()[service].target_prefix}.{operation}"
    headers = {"content-type": JSON_1_0, "x-amz-target": target, "authorization": scope, "x-amz-date": "none"}
    call = codec.decode(HttpRequest("POST", "/", headers, to_json(dict(params))))
    assert isinstance(call, Call)
    run.backends.load_fixtures(call.region)
    outcome = run.endpoint(call).execute(call)
    if not isinstance(outcome, Outcome):
        raise EmulatorError(far)
    if outcome.error is not None:
        raise outcome.error
    return call, outcome


def carry_out(run: Run, endpoint: Endpoint, call: Call, decision: Decision) -> Outcome | Awaitable[Outcome]:
    """Carry out a call that a decision was made about: its outcome, or an awaitable of it."""
    outcome = _decided(endpoint, call, decision)
    if not decision.shown:
        return outcome
    return _show(run, decision.shown, outcome) if isinstance(outcome, Outcome) else _shown_later(run, decision.shown, outcome)


def key_names_of(run: Run, call: Call, written: Written) -> dict[str, tuple[str, ...]] | None:
    """The key attributes of the tables that a request meant to write to; None where the items that it wrote tell them."""
    if written.has_items and len(call.tables) == 1:
        return None
    return {table: names for table in call.tables if (names := run.backends.key_names(call, table))}


def written_at_least(call: Call | None, has_begun: bool) -> Written | None:
    """What to record of a request whose handling failed by a bug of ours. Once it `has_begun`, nobody knows whether it wrote."""
    if call is None or is_read_only(call.operation, call.params):
        return None
    return Written(known=False) if has_begun else NOTHING_WRITTEN


def _decided(endpoint: Endpoint, call: Call, decision: Decision) -> Outcome | Awaitable[Outcome]:
    nothing = endpoint.nothing_written(call)
    is_answered = nothing is not None or decision.error is not None or decision.answer is not None
    if not decision.applied and (is_answered or _is_kept_back(endpoint, decision)):
        return Outcome(decision.answer or {}, nothing, decision.error)
    rewritten = call
    for rewrite in decision.rewrites:
        rewritten = rewrite.before(rewritten)
    executed = endpoint.execute(rewritten, _context(decision, as_sent=rewritten is call))
    return _answered(decision, call, executed) if isinstance(executed, Outcome) else _answered_later(decision, call, executed)


def _is_kept_back(endpoint: Endpoint, decision: Decision) -> bool:
    """Whether a read need not go on to the upstream: it would cost capacity there, and its client would see nothing of the answer."""
    return endpoint.is_remote and decision.plan is not None and decision.plan.portion == NOTHING


def _context(decision: Decision, as_sent: bool) -> ExecutionContext:
    stale, delay = decision.stale, decision.table_delay
    is_edited = not as_sent or bool(decision.edits)
    if stale is None and not decision.lag and delay is None and not is_edited:
        return AS_USUAL
    age = decision.lag if stale is None else stale
    return ExecutionContext(stale or 0.0, age, None if delay is None else delay.seconds, as_sent, is_edited)


def _answered(decision: Decision, call: Call, executed: Outcome) -> Outcome:
    """The answer to an operation that has been carried out, as the decision changes it."""
    output, error, raw, upstream = executed.output, executed.error, executed.raw, executed.upstream
    if output is not None and error is None:
        try:
            for rewrite in decision.rewrites:
                output = rewrite.after(call, output)
        except (KeyError, TypeError, AttributeError, StopIteration):
            if upstream is None:
                raise
            # The real service would have answered with the members that the rewrite looks for
            return replace(executed, upstream=upstream._replace(how="broken"))
    # An operation that the service itself refused was not applied: no acknowledgement can get lost, so the client gets the refusal
    if error is None and decision.error is not None:
        error, raw = decision.error, None
    if raw is not None and output is not executed.output:
        raw = with_body(raw, to_json(output))
    return Outcome(output, executed.written, error, raw, upstream)


async def _answered_later(decision: Decision, call: Call, waiting: Awaitable[Outcome]) -> Outcome:
    return _answered(decision, call, await waiting)


# --- items that an answer shows


def _show(run: Run, shown: Sequence[ShownItem], outcome: Outcome) -> Outcome | Awaitable[Outcome]:
    """The outcome with the items filled in that the decision wants shown, as they are stored now."""
    for place, item in enumerate(shown):
        read = run.endpoint(item.read).execute(item.read, _OF_OUR_OWN)
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
    """Fills in an item that was read; nothing is shown where it could not be read, or is not there."""
    item = None if read.error is not None or read.output is None else read.output.get("Item")
    if item is not None:
        members["Item"] = orjson.loads(orjson.dumps(item)) if isinstance(item, orjson.Fragment) else item
