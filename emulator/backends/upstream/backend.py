"""The backend: passes a call on to the upstream, and returns what is known of its outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from emulator.aws.errors import EmulatorError, ServiceError
from emulator.aws.services import load_services
from emulator.backends.upstream.credentials import ENVIRONMENT, find_credentials
from emulator.backends.upstream.decoding import Broken, UpstreamError, lost_answer, read_answer, reply_of
from emulator.backends.upstream.fixtures import Fixtures
from emulator.backends.upstream.guard import Guard, moment
from emulator.backends.upstream.identity import account_of
from emulator.backends.upstream.states import TableStates
from emulator.backends.upstream.tables import KnownTables
from emulator.backends.upstream.transport import HOP_BY_HOP, Answer, Transport, Unanswered
from emulator.backends.upstream.written import UpstreamTokens, written_on_error, written_on_success
from emulator.clock import Clock
from emulator.messages import AS_USUAL, NOTHING_WRITTEN, Call, Capacity, ExecutionContext, HttpRequest, Outcome, Upstream, Written
from emulator.scenario.tables import TableFixture
from emulator.scenario.upstream import AWS, UpstreamSettings
from emulator.wire.answer import with_body
from emulator.wire.authorization import DEFAULT_REGION
from emulator.wire.binding import ACCOUNT
from emulator.wire.json_rpc import JSON_1_0
from emulator.wire.signature import sign

# Names of hosts at AWS begin so
_HOSTS = {"dynamodb": "dynamodb", "streams": "streams.dynamodb", "backup-gateway": "backup-gateway", "backup": "backup"}
# Seconds for a look at a table, for which a client's own request waits
_LOOK = 2.0
# They name their operation by its path, and need not be understood to go on
_BY_PATH = frozenset(("backup",))


class UpstreamBackend:
    """The services behind one address. `settings` say where that is and what it is held to; `environment` is where credentials are looked
    for. `create_tables` is the prefix of the tables that may be made there, None: none may. Raises EmulatorError where there are no
    credentials."""

    def __init__(self, settings: UpstreamSettings, clock: Clock, environment: Mapping[str, str], create_tables: str | None = None) -> None:
        self.asked = settings
        self._environment = environment
        self.credentials = None
        if settings.is_signed:
            self.credentials, region = find_credentials(settings.credentials or ENVIRONMENT, environment)
            if settings.is_aws and not settings.regions:
                region = settings.region or region
                if region is None:
                    raise EmulatorError("which region at AWS? Set AWS_REGION, or say it: 'regions: eu-west-1' under 'upstream'")
                settings = replace(settings, regions=(region,))
        self.settings = settings
        self._clock = clock
        self._services = load_services()
        self.operations = frozenset(name for service in self._services.values() for name in service.operations)
        self._transport = Transport(settings.answer_timeout, settings.in_flight, environment.get("AWS_CA_BUNDLE") or None)
        self._guard = Guard(settings, clock)
        self._tables = KnownTables(clock, self._describe, by_access_key=self.credentials is None)
        self._states = TableStates(clock)
        self._tokens = UpstreamTokens(clock)
        self.create_tables = create_tables
        self.fixtures = None if create_tables is None else Fixtures(create_tables, self._ask_for_us, clock)

    def described(self) -> str:
        """Where requests go, for people; at AWS with the account, which is asked for. Not for a running event loop. Raises EmulatorError
        where that cannot be had."""
        settings = self.settings
        held = ["only reads"] if settings.read_only else []
        held += [f"only tables {', '.join(settings.tables)}"] if settings.tables else []
        held += [f"{settings.rate:g} requests a second"] if settings.rate is not None else []
        held += [f"until {moment(settings.until)}"] if settings.until is not None else []
        where = [settings.url]
        if settings.is_aws and self.credentials is not None:
            account = account_of(self.credentials, settings.regions[0], self._clock.machine(), self._environment)
            where = [f"AWS account {account}", f"region {', '.join(settings.regions)}"]
        return ", ".join([*where, *held])

    # --- what every backend has

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Awaitable[Outcome]:
        """Pass a call on, if it may be. Raises ServiceError where it may not."""
        self._guard.check(call)
        self._states.check(call)
        return self._ask(call, context)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        return self._tables.key_names(call, table)

    def new_empty(self) -> UpstreamBackend:
        """This backend itself: data at an upstream are not ours to drop."""
        return self

    # --- what one on the far side of a network has beside

    def learn(self, call: Call) -> Awaitable[None] | None:
        """An awaitable that ends when what the faults ask of the call's tables is known; None where it is known already."""
        waiting = self._tables.learn(call)
        if waiting is None or self._guard.admits(call):
            return waiting
        waiting.close()  # type: ignore[attr-defined]  # a coroutine, which nobody will await
        return None

    def capacity(self, call: Call, table: str, index: str | None = None) -> Capacity | None:
        return self._tables.capacity(call, table, index)

    async def open(self, tables: Sequence[TableFixture]) -> None:
        """Make the tables of a scenario, where that may be. Raises EmulatorError where they cannot be made; then none is left."""
        if self.fixtures is None or not tables:
            return
        try:
            await self.fixtures.make(tables)
        except EmulatorError:
            await self.close()
            raise

    async def close(self) -> None:
        """Drop what this run has made, and close the connections of the running event loop."""
        if self.fixtures is not None:
            await self.fixtures.drop()
        await self._transport.close()

    # --- asking

    async def _ask(self, call: Call, context: ExecutionContext) -> Outcome:
        is_edited = context.is_edited or self._states.concerns(call, context.table_delay)
        began = self._clock.monotonic()
        try:
            answer = await self._send(self._outgoing(call, as_sent=context.as_sent, is_edited=is_edited), call)
        except Unanswered as failure:
            seconds = self._clock.monotonic() - began
            error, reply = lost_answer(failure, self.settings.url)
            written = written_on_error(call, error.spec.status)
            return Outcome(
                None, written if failure.was_sent or written is None else NOTHING_WRITTEN, error, reply, Upstream(failure.how, seconds)
            )
        outcome = self._read(call, answer, self._clock.monotonic() - began)
        if is_edited:
            self._show_state(call, outcome, context.table_delay)
        return outcome if _speaks_json(call.request) else replace(outcome, raw=None)

    def _read(self, call: Call, answer: Answer, seconds: float) -> Outcome:
        reply = reply_of(answer)
        answered = Upstream("answered", seconds)
        try:
            output = read_answer(call, answer)
            written = written_on_success(call, output, lambda table: self._tables.key_names(call, table))
        except UpstreamError as error:
            return Outcome(None, written_on_error(call, answer.status), error, reply, answered)
        except (Broken, KeyError, TypeError, AttributeError):
            return Outcome(None, _unknown(call), None, reply, Upstream("broken", seconds))
        self._tables.note(call, output)
        return Outcome(output, self._tokens.settled(call, written), None, reply, answered)

    def _show_state(self, call: Call, outcome: Outcome, delay: float | None) -> None:
        """Changes an answer about a table so that it shows the state that the scenario wants."""
        if outcome.raw is None or (outcome.error is not None and outcome.error.spec.name != "ResourceNotFoundException"):
            return
        shown = self._states.shown(call, outcome.output, delay)
        if shown is not outcome.output and shown is not None:
            outcome.raw = with_body(outcome.raw, orjson.dumps(shown))
            outcome.raw.status, outcome.output, outcome.error = 200, shown, None

    async def _describe(self, call: Call, table: str) -> dict[str, Any] | None:
        """The description of a table that a call is about, None where it cannot be had."""
        params = {"TableName": table}
        asking = replace(call, operation="DescribeTable", params=params, tables=(table,), refusal=None)
        try:
            answer = await self._send(self._outgoing(asking, as_sent=False, is_edited=True), asking, _LOOK)
            output = read_answer(asking, answer)
        except (Unanswered, Broken, ServiceError):
            return None
        found = None if output is None else output.get("Table")
        return found if isinstance(found, dict) else None

    async def _ask_for_us(self, operation: str, params: Mapping[str, Any]) -> Outcome:
        """Send a request of the emulator's own, in the first of the run's regions. Raises EmulatorError where it must not be sent."""
        region = (self.settings.regions or (self._environment.get("AWS_REGION") or DEFAULT_REGION,))[0]
        scope = f"dynafault/20260101/{region}/dynamodb/aws4_request"
        headers = {
            "host": urlsplit(self.settings.url).netloc,
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
            "x-amz-date": "20260101T000000Z",
        }
        tables = (str(params["TableName"]),) if "TableName" in params else tuple(params["RequestItems"])
        request = HttpRequest("POST", "/", headers, b"")
        call = Call("dynamodb", operation, dict(params), tables, region, ACCOUNT, "dynafault", "", request)
        try:
            self._guard.check(call)
        except ServiceError as refusal:
            raise EmulatorError(f"the tables of the scenario cannot be made: {refusal.message}") from None
        return await self._ask(call, ExecutionContext(as_sent=False, is_edited=True))

    async def _send(self, request: HttpRequest, call: Call, timeout: float | None = None) -> Answer:
        return await self._transport.ask(request.method, f"{self._base(call)}{request.target}", request.headers, request.body, timeout)

    def _base(self, call: Call) -> str:
        """Where a call goes: scheme and host."""
        if self.settings.url != AWS:
            return self.settings.url
        return f"https://{host_at_aws(call.service, call.region)}"

    def _outgoing(self, call: Call, *, as_sent: bool, is_edited: bool) -> HttpRequest:
        """The request that is sent: the client's own, byte for byte, unless a fault changes it, or its protocol is one that not every
        upstream speaks."""
        request = call.request
        headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        target, body = request.target, request.body
        if call.service not in _BY_PATH and not (as_sent and _speaks_json(request)):
            target, body = "/", orjson.dumps(call.params)
            headers.pop("content-encoding", None)
            headers.pop("smithy-protocol", None)
            headers["content-type"] = JSON_1_0
            headers["x-amz-target"] = f"{self._services[call.service].target_prefix}.{call.operation}"
            is_edited = True
        if is_edited:
            headers["accept-encoding"] = "identity"
        outgoing = HttpRequest(request.method, target, headers, body)
        if self.credentials is None:
            return outgoing
        headers["host"] = urlsplit(self._base(call)).netloc
        outgoing.target = _without_signature(target)
        signing_name = self._services[call.service].signing_name
        outgoing.headers = sign(outgoing, self.credentials, call.region, signing_name, self._clock.machine())
        return outgoing


def host_at_aws(service: str, region: str) -> str:
    """The host of a service (`emulator.aws.errors.SERVICES`) in a region of AWS."""
    return f"{_HOSTS[service]}.{region}.{'amazonaws.com.cn' if region.startswith('cn-') else 'amazonaws.com'}"


def _speaks_json(request: HttpRequest) -> bool:
    return not request.target.startswith("/service/")


def _without_signature(target: str) -> str:
    """A request's target without what a presigned one carries."""
    path, _, query = target.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.lower().startswith("x-amz-"))
    return f"{path}?{kept}" if kept else path


def _unknown(call: Call) -> Written | None:
    return written_on_error(call, 500)
