"""The admin API: what a test asks of the emulator itself, as JSON under `/_emulator/`.

Errors have one shape, `{"error": {"code", "message", ...}}`, never that of an AWS error, so that no client mistakes one for the
other."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore
from emulator.faults import RuleError
from emulator.report import FORMATS, call_json, rule_json
from emulator.scenario import ScenarioError, load_rule
from emulator.server.admin.access import HEALTH, PREFIX, Access
from emulator.server.admin.events import EventStream
from emulator.server.admin.health import health_json
from emulator.server.admin.openapi import openapi
from emulator.server.page.routes import is_shell, register_page
from emulator.server.sandboxes import SandboxError, Sandboxes

LARGEST_BODY = 2 * 1024 * 1024
_MOST_LISTED = 10_000
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Each keeps a worker thread busy
MOST_EVENT_READERS = 8


class AdminError(EmulatorError):
    """Something that the admin API refuses: an HTTP status, a code for programs, a text for people."""

    def __init__(self, status: int, code: str, message: str, **members: Any) -> None:
        self.status = status
        self.body = {"error": {"code": code, "message": message, **members}}
        super().__init__(message)


def create_admin(emulator: EmulatorCore, access: Access, sandboxes: Sandboxes | None) -> Blueprint:
    """The routes, for one emulator; `sandboxes` are those beside it, None inside one."""
    admin = Blueprint("admin", __name__, url_prefix=PREFIX)
    admin.before_request(lambda: check_access(access))
    admin.register_error_handler(Exception, as_json)
    for register in (_health, _scenario, _rules, _reset, _journal, _report, _clock):
        register(admin, emulator)
    readers = threading.BoundedSemaphore(MOST_EVENT_READERS)
    _watching(admin, emulator, readers)
    register_page(admin, emulator, access, readers, is_root=sandboxes is not None)
    if sandboxes is not None:
        _sandboxes(admin, sandboxes)

    @admin.get("/openapi.json")
    def description() -> Response:
        return _json(openapi(sandboxes=sandboxes is not None))

    @admin.route("/", defaults={"path": ""}, methods=[method for method in _METHODS if method != "GET"])
    @admin.route("/<path:path>", methods=_METHODS)
    def unknown(path: str) -> Response:
        allowed = _allowed()
        if allowed:
            error = AdminError(405, "bad-method", f"{request.method} is nothing that {PREFIX}/{path} knows; it knows {', '.join(allowed)}")
            answer = as_json(error)
            answer.headers["Allow"] = ", ".join(allowed)
            return answer
        raise AdminError(404, "not-found", f"there is nothing at {PREFIX}/{path}; the documentation lists the routes of the admin API")

    return admin


def _allowed() -> list[str]:
    """The methods that the requested path knows."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    found = []
    for method in _METHODS:
        with suppress(HTTPException, RequestRedirect):
            endpoint, _ = adapter.match(method=method)
            if endpoint != "admin.unknown":
                found.append(method)
    return found


def check_access(access: Access) -> None:
    if not access.admits_host(request.host):
        raise AdminError(403, "foreign-host", f"the admin API is for this machine only, and not by the name {request.host[:100]!r}")
    if not access.admits_page(request.method, {name.lower(): value for name, value in request.headers.items()}):
        raise AdminError(403, "foreign-page", "a page of another origin may not change anything here")
    # Whether the emulator is up may be asked by anybody: health checks carry no secrets
    if request.path != HEALTH and not is_shell(request.path) and not access.admits_token(request.headers.get("Authorization", "")):
        raise AdminError(401, "unauthorized", "send the admin token as 'Authorization: Bearer TOKEN'")
    if (request.content_length or 0) > LARGEST_BODY:
        raise AdminError(413, "too-large", f"a body may have {LARGEST_BODY} bytes at most")


def as_json(error: Exception) -> Response:
    """Whatever went wrong, in the one shape that errors have."""
    if isinstance(error, AdminError):
        return _json(error.body, error.status)
    if isinstance(error, ScenarioError):
        problems = [problem.as_dict() for problem in error.problems]
        return _json({"error": {"code": "bad-scenario", "message": str(error), "problems": problems}}, 422)
    if isinstance(error, SandboxError):
        return _json({"error": {"code": "no-sandbox", "message": str(error)}}, error.status)
    if isinstance(error, RuleError):
        return _json({"error": {"code": "bad-rule", "message": str(error)}}, 409)
    if isinstance(error, EmulatorError):
        return _json({"error": {"code": "refused", "message": str(error)}}, 422)
    if isinstance(error, MethodNotAllowed):
        answer = _json({"error": {"code": "bad-method", "message": f"{request.method} is nothing that this address knows"}}, 405)
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer
    if isinstance(error, HTTPException):
        return _json({"error": {"code": "http", "message": error.description or error.name}}, error.code or 500)
    return _json({"error": {"code": "bug", "message": f"dynafault itself failed: {error!r}"}}, 500)


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n", status, content_type="application/json")


def _health(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.get("/health")
    def health() -> Response:
        return Response(health_json(emulator), content_type="application/json")


def _scenario(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.get("/scenario")
    def show() -> Response:
        return _json(_described(emulator))

    @admin.put("/scenario")
    def replace() -> Response:
        text = request.get_data(as_text=True)
        if not text.strip():
            raise AdminError(400, "empty", "send a scenario as YAML or JSON; DELETE unloads the present one")
        # A trailing line break, since a text without any would be taken for a path
        emulator.load(text + "\n", parameters=request.args.to_dict())
        return _json(_described(emulator))

    @admin.delete("/scenario")
    def unload() -> Response:
        emulator.load(None)
        return _json(_described(emulator))


def _described(emulator: EmulatorCore) -> dict[str, Any]:
    scenario = emulator.scenario
    return {
        "name": scenario.name,
        "description": scenario.description,
        "seed": emulator.seed,
        "files": list(scenario.files),
        "tables": [table.name for table in scenario.tables],
        "rules": [rule_json(rule) for rule in emulator.rules.list()],
        "warnings": [warning.as_dict() for warning in scenario.warnings],
    }


def _rules(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.post("/rules")
    def add() -> Response:
        body = _object()
        ttl = body.pop("ttl", None)
        if ttl is not None and (isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or ttl <= 0):
            raise AdminError(422, "bad-ttl", "'ttl' is a number of seconds above 0")
        rule = load_rule(body)
        emulator.rules.add(rule, ttl=ttl)
        return _json({"name": rule.name}, 201)

    @admin.patch("/rules/<path:name>")
    def switch(name: str) -> Response:
        body = _object()
        if set(body) != {"enabled"} or not isinstance(body["enabled"], bool):
            raise AdminError(422, "bad-switch", 'send {"enabled": true} or {"enabled": false}')
        emulator.rules.enable(name, body["enabled"])
        return _json({"name": name, "enabled": body["enabled"]})

    @admin.delete("/rules/<path:name>")
    def remove(name: str) -> Response:
        emulator.rules.remove(name)
        return _json({"name": name})


def _reset(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.post("/reset")
    def reset() -> Response:
        what = _object().get("what", []) if request.get_data() else []
        if not isinstance(what, list) or not all(isinstance(word, str) for word in what):
            raise AdminError(422, "bad-reset", '\'what\' is a list of words, such as ["data", "journal"]')
        emulator.reset(*what)
        return _json({"reset": what or "all"})


def _journal(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.get("/journal")
    def journal() -> Response:
        wanted = {name: request.args.get(name) for name in ("operation", "table", "rule", "error")}
        entries = [entry.to_json() for entry in emulator.journal.entries() if _is_wanted(entry.to_json(bodies=False), wanted)]
        return _json({"entries": entries[-_limit() :], "dropped": emulator.journal.dropped})

    @admin.get("/journal/<int:entry_id>")
    def entry(entry_id: int) -> Response:
        found = emulator.journal.find(entry_id)
        if found is None:
            raise AdminError(404, "not-found", f"the journal has no entry {entry_id}; it may have been cleared or dropped")
        return _json({**found.to_json(), "rules": [explanation.to_json() for explanation in emulator.explain(found)]})

    @admin.get("/calls")
    def calls() -> Response:
        found = emulator.calls(operation=request.args.get("operation"), table=request.args.get("table"))
        return _json({"calls": [call_json(call) for call in found[-_limit() :]]})


def _is_wanted(record: dict[str, Any], wanted: dict[str, str | None]) -> bool:
    table = wanted["table"]
    if table is not None and table not in record["tables"]:
        return False
    return all(value is None or record[name] == value for name, value in wanted.items() if name != "table")


def _limit() -> int:
    """How many of the latest are wanted."""
    text = request.args.get("limit", str(_MOST_LISTED))
    if not text.isdecimal() or len(text) > len(str(_MOST_LISTED)) or not 1 <= int(text) <= _MOST_LISTED:
        raise AdminError(422, "bad-limit", f"'limit' is a whole number from 1 to {_MOST_LISTED}")
    return int(text)


def _report(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.get("/report")
    def report() -> Response:
        wanted = FORMATS.get(request.args.get("format", "json"))
        if wanted is None:
            raise AdminError(422, "bad-format", f"'format' is one of {', '.join(FORMATS)}")
        return Response(wanted.render(emulator.report()), content_type=wanted.content_type, headers=dict(wanted.headers))


def _clock(admin: Blueprint, emulator: EmulatorCore) -> None:
    @admin.post("/clock")
    def advance() -> Response:
        seconds = _object().get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < 10**10:
            raise AdminError(422, "bad-advance", "'advance_s' is a number of seconds, 0 or more: the clock moves forward only")
        emulator.clock.advance(seconds)
        return _json({"now": emulator.clock.now()})


def _watching(admin: Blueprint, emulator: EmulatorCore, readers: threading.BoundedSemaphore) -> None:
    @admin.get("/events")
    def events() -> Response:
        if not readers.acquire(blocking=False):
            raise AdminError(503, "too-many-readers", f"{MOST_EVENT_READERS} read the events already")
        response = Response(EventStream(emulator).lines(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        response.call_on_close(readers.release)
        return response

    @admin.get("/metrics")
    def metrics() -> Response:
        # Imported when it is scraped: few are
        from emulator.server.admin.metrics import CONTENT_TYPE, metrics_text

        return Response(metrics_text(emulator), content_type=CONTENT_TYPE)


def _sandboxes(admin: Blueprint, sandboxes: Sandboxes) -> None:
    @admin.get("/sandboxes")
    def listed() -> Response:
        return _json({"sandboxes": sandboxes.listed()})

    @admin.delete("/sandboxes/<name>")
    def delete(name: str) -> Response:
        sandboxes.delete(name)
        return _json({"name": name})


def _object() -> dict[str, Any]:
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise AdminError(400, "not-json", f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise AdminError(400, "not-an-object", "the body is a JSON object")
    return body
