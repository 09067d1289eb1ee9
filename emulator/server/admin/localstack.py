"""LocalStack's chaos routes, as its documentation has them: faults and latency become rules here, so that a suite which was written for
them runs against this emulator. https://docs.localstack.cloud/user-guide/chaos-engineering/chaos-api, read on 2026-11-27.

Its rules are looked at behind those of the scenario, in their own order; loading a scenario ends them, as it ends every rule that was
added. What names a service that is not emulated is kept and shown, and hits nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

import orjson
from flask import Blueprint, Response

from emulator.aws.errors import CATALOGUE
from emulator.aws.services import load_services
from emulator.core import EmulatorCore
from emulator.scenario import Rule, load_rule
from emulator.server.admin.access import CHAOS_PREFIX
from emulator.server.admin.answers import AdminError, json_body
from emulator.server.admin.blueprint import guard, refuse_the_rest
from emulator.server.admin.context import AdminContext
from emulator.server.admin.route_table import AdminRoute, RouteTable, Schema, object_of

# LocalStack's names, which are those of boto3 -> ours
_SERVICES = {"dynamodb": "dynamodb", "dynamodbstreams": "streams", "backup": "backup", "backup-gateway": "backup-gateway"}
_TEXTS = ("region", "service", "operation")
_KEYS = (*_TEXTS, "probability", "error")
_STATUS, _CODE = 503, "ServiceUnavailable"
# Milliseconds
_MAX_LATENCY = 3_600_000
# Each becomes a rule for every service that it is about: a second of work, all of them
_MAX_FAULTS = 250

Fault = dict[str, Any]


# As `when` has it
_REGION = r"[a-z0-9*?!\[\]-]{1,64}"
_NAME = r"[A-Za-z0-9_.#:-]{1,200}"
_TEXT: Schema = {"type": "string"}
_FAULTS: Schema = {
    "type": "array",
    "maxItems": _MAX_FAULTS,
    "items": object_of(
        region={"type": "string", "pattern": f"^{_REGION}$"},
        service=_TEXT,
        operation=_TEXT,
        probability={"type": "number", "minimum": 0, "maximum": 1},
        error=object_of(statusCode={"type": "integer", "minimum": 200, "maximum": 599}, code={"type": "string", "pattern": f"^{_NAME}$"}),
    ),
}
_EFFECTS = object_of(latency={"type": "integer", "minimum": 0, "maximum": _MAX_LATENCY})


def create_localstack(context: AdminContext, described: list[AdminRoute]) -> Blueprint:
    """The routes, for one emulator; they are added to `described`."""
    blueprint = Blueprint("localstack", __name__, url_prefix=CHAOS_PREFIX)
    guard(blueprint, context.access)
    table = RouteTable(blueprint, CHAOS_PREFIX, described)
    chaos = _Chaos(context.core)

    @table.route("GET", "/faults", "LocalStack's faults: those that are configured")
    def faults() -> Response:
        return _json(chaos.faults)

    @table.route("POST", "/faults", "LocalStack's faults: these and no others", body=_FAULTS)
    def replace() -> Response:
        given = _checked(json_body())
        return _json(chaos.configure(lambda now: given))

    @table.route("PATCH", "/faults", "LocalStack's faults: add these", body=_FAULTS)
    def add() -> Response:
        given = _checked(json_body())
        return _json(chaos.configure(lambda now: [*now, *given]))

    @table.route("DELETE", "/faults", "LocalStack's faults: remove these", body=_FAULTS)
    def remove() -> Response:
        given = _checked(json_body())
        return _json(chaos.configure(lambda now: [fault for fault in now if fault not in given]))

    @table.route("GET", "/effects", "LocalStack's effects: latency in milliseconds")
    def effects() -> Response:
        return _json({"latency": chaos.latency})

    @table.route("POST", "/effects", "LocalStack's effects: set the latency", body=_EFFECTS)
    def change() -> Response:
        chaos.delay(_latency(json_body()))
        return _json({"latency": chaos.latency})

    refuse_the_rest(blueprint)
    return blueprint


class _Chaos:
    """What has been configured since the scenario was loaded, and the rules that it became. It changes under its lock, as one."""

    def __init__(self, emulator: EmulatorCore) -> None:
        self._emulator = emulator
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._latency = 0
        self._names: tuple[str, ...] = ()
        self._scenario = emulator.scenario

    @property
    def faults(self) -> list[Fault]:
        with self._lock:
            self._forget_what_is_over()
            return self._faults

    @property
    def latency(self) -> int:
        """Milliseconds."""
        with self._lock:
            self._forget_what_is_over()
            return self._latency

    def configure(self, change: Callable[[list[Fault]], list[Fault]]) -> list[Fault]:
        """The faults that there are then. Raises AdminError and ScenarioError for what can be no rule; then nothing has changed."""
        with self._lock:
            self._forget_what_is_over()
            faults = change(self._faults)
            if len(faults) > _MAX_FAULTS:
                raise _too_many(409)
            self._apply(faults, self._latency)
            self._faults = faults
            return faults

    def delay(self, latency: int) -> None:
        with self._lock:
            self._forget_what_is_over()
            self._apply(self._faults, latency)
            self._latency = latency

    def _forget_what_is_over(self) -> None:
        if self._emulator.scenario is not self._scenario:
            self._scenario = self._emulator.scenario
            self._faults, self._latency, self._names = [], 0, ()

    def _apply(self, faults: list[Fault], latency: int) -> None:
        """Replace all rules of these routes. The delay comes first, since it is added to whatever follows."""
        rules = [*_delays(latency), *(rule for number, fault in enumerate(faults, start=1) for rule in _rules(number, fault))]
        for rule in rules:
            self._emulator.check_rule(rule)
        old = frozenset(self._names)
        self._emulator.change_rules(lambda now: now.with_others(old, rules))
        self._names = tuple(rule.name for rule in rules)


def _delays(latency: int) -> Iterator[Rule]:
    for service in _SERVICES.values() if latency else ():
        delay = {"continue": True, "fault": {"delay": f"{latency}ms"}}
        yield load_rule({"name": f"localstack-latency-{service}", "when": {"service": service}, "unfired": "allow", **delay})


def _rules(number: int, fault: Fault) -> Iterator[Rule]:
    """What a fault is here: a rule for each emulated service that it is about."""
    for theirs, service in _SERVICES.items():
        operation = fault.get("operation")
        is_about = fault.get("service") in (None, theirs)
        if is_about and (operation is None or operation in load_services()[service].operations):
            yield load_rule(
                {
                    "name": f"localstack-{number}-{service}",
                    "when": {"service": service, **{key: fault[key] for key in ("operation", "region") if key in fault}},
                    "chance": fault.get("probability", 1),
                    "fault": _answer(service, fault.get("error", {})),
                    "unfired": "allow",
                }
            )


def _answer(service: str, error: Mapping[str, Any]) -> dict[str, Any]:
    """The error, as the service has it; one that it does not have, or has without a code (as a real 503), goes out as it was given: the
    suite looks for that code."""
    code, status = error.get("code", _CODE), int(error.get("statusCode", _STATUS))
    spec = CATALOGUE.get((service, code))
    if spec is not None and not spec.body:
        return {"error": code, "status": status}
    body = {"__type": code, "message": f"Service '{service}' not accessible due to an outage"}
    return {"response": {"status": status, "headers": {"content-type": "application/x-amz-json-1.0"}, "body": body}}


# --- what comes in


def _checked(body: Any) -> list[Fault]:
    if not isinstance(body, list) or not all(isinstance(fault, dict) for fault in body):
        raise _refused('the body is a list of rules, such as [{"service": "dynamodb", "operation": "PutItem"}]')
    if len(body) > _MAX_FAULTS:
        raise _too_many(422)
    for fault in body:
        _check(fault)
    return body


def _check(fault: Fault) -> None:
    unknown = [key for key in fault if key not in _KEYS]
    if unknown:
        raise _refused(f"unknown key {unknown[0]!r}: a rule has {', '.join(_KEYS)}")
    for key in _TEXTS:
        if not isinstance(fault.get(key, ""), str):
            raise _refused(f"{key!r} is text")
    if not re.fullmatch(_REGION, fault.get("region", "*")):
        raise _refused("'region' is a region's name, or a glob")
    chance = fault.get("probability", 1)
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 <= chance <= 1:
        raise _refused("'probability' is a number from 0 to 1")
    error = fault.get("error", {})
    if not isinstance(error, dict) or not error.keys() <= {"statusCode", "code"} or not isinstance(error.get("code", ""), str):
        raise _refused("'error' has a 'statusCode' and a 'code'")
    if not re.fullmatch(_NAME, error.get("code", _CODE)):
        raise _refused("'code' is the name of an error, of letters, digits and _ . # : -")
    status = error.get("statusCode", _STATUS)
    if not _is_whole(status) or not 200 <= status <= 599:
        raise _refused("'statusCode' is a whole number from 200 to 599")


def _latency(body: Any) -> int:
    latency = body.get("latency", 0) if isinstance(body, dict) and body.keys() <= {"latency"} else None
    if not _is_whole(latency) or not 0 <= latency <= _MAX_LATENCY:
        raise _refused(f'the body is {{"latency": MILLISECONDS}}, a whole number from 0 to {_MAX_LATENCY:,}')
    return int(latency)


def _is_whole(value: Any) -> TypeGuard[int | float]:
    """Whether JSON Schema calls it an integer, as 5.0 is one."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _too_many(status: int) -> AdminError:
    return AdminError(status, "too-many-faults", f"at most {_MAX_FAULTS:,} faults may be configured")


def _refused(message: str) -> AdminError:
    return AdminError(422, "bad-chaos", message)


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body) + b"\n", content_type="application/json")
