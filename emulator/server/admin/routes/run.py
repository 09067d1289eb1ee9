"""The run: its scenario and rules, starting over, the clock."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from emulator.core import RESETTABLE, EmulatorCore
from emulator.report import rule_json
from emulator.scenario import load_rule
from emulator.server.admin.answers import AdminError, json_answer, json_object
from emulator.server.admin.context import AdminContext
from emulator.server.admin.health import health_json
from emulator.server.admin.openapi import language
from emulator.server.admin.route_table import JSON, RouteTable, Schema, object_of

_FLAG: Schema = {"type": "boolean"}
# Seconds; 300 years
_MAX_ADVANCE = 10**10


def register(table: RouteTable, context: AdminContext) -> None:
    core = context.core
    _scenario(table, core)
    _rules(table, core)
    _panic(table, context)

    @table.route("GET", "/health", "Whether it is ready; version, scenario, uptime in seconds")
    def health() -> Response:
        return Response(health_json(core), content_type=JSON)

    what: Schema = {"type": "array", "items": {"enum": list(RESETTABLE)}}

    @table.route("POST", "/reset", "Start afresh: all of it, or what is named", body=object_of(what=what), needs_body=False)
    def reset() -> Response:
        words = json_object("what").get("what", []) if request.get_data() else []
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise AdminError(422, "bad-reset", '\'what\' is a list of words, such as ["data", "journal"]')
        core.reset(*words)
        return json_answer({"reset": words or "all"})

    step: Schema = {"type": "number", "minimum": 0, "exclusiveMaximum": _MAX_ADVANCE}

    @table.route("POST", "/clock", "Move the emulated time forward", body=object_of(("advance_s",), advance_s=step))
    def advance() -> Response:
        seconds = json_object("advance_s").get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < _MAX_ADVANCE:
            raise AdminError(422, "bad-advance", "'advance_s' is a number of seconds, 0 or more: the clock moves forward only")
        core.clock.advance(seconds)
        return json_answer({"now": core.clock.now()})


def _scenario(table: RouteTable, core: EmulatorCore) -> None:
    @table.route("GET", "/scenario", "The scenario: name, seed, files, tables, rules with their counts, warnings")
    def show() -> Response:
        return json_answer(_described(core))

    @table.route(
        "PUT",
        "/scenario",
        "Replace the scenario (YAML or JSON in the body); query parameters are the scenario's. A bad one changes nothing",
        body=language("the-scenario"),
        takes_any_query=True,
    )
    def replace() -> Response:
        text = request.get_data(as_text=True)
        if not text.strip():
            raise AdminError(400, "empty", "send a scenario as YAML or JSON; DELETE unloads the present one")
        # A trailing line break, since a text without any would be taken for a path
        core.load(text + "\n", parameters=request.args.to_dict())
        return json_answer(_described(core))

    @table.route("DELETE", "/scenario", "Unload the scenario: a healthy service")
    def unload() -> Response:
        core.load(None)
        return json_answer(_described(core))


def _described(core: EmulatorCore) -> dict[str, Any]:
    scenario = core.scenario
    return {
        "name": scenario.name,
        "description": scenario.description,
        "seed": core.seed,
        "files": list(scenario.files),
        "tables": [table.name for table in scenario.tables],
        "off": core.rule_set.is_off,
        "rules": [rule_json(rule) for rule in core.rules.list()],
        "warnings": [warning.as_dict() for warning in scenario.warnings],
    }


def _rules(table: RouteTable, core: EmulatorCore) -> None:
    @table.route(
        "POST",
        "/rules",
        "Add a rule behind the others; with `ttl` in seconds it goes by itself",
        body=language("a-rule", ttl={"type": "number", "exclusiveMinimum": 0}).schemas[JSON],
        status=201,
    )
    def add() -> Response:
        body = json_object()
        ttl = body.pop("ttl", None)
        if ttl is not None and (isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or ttl <= 0):
            raise AdminError(422, "bad-ttl", "'ttl' is a number of seconds above 0")
        rule = load_rule(body)
        core.rules.add(rule, ttl=ttl)
        return json_answer({"name": rule.name}, 201)

    @table.route("PATCH", "/rules/<path:name>", "Enable a rule or disable it", body=object_of(("enabled",), enabled=_FLAG))
    def switch(name: str) -> Response:
        body = json_object()
        if set(body) != {"enabled"} or not isinstance(body["enabled"], bool):
            raise AdminError(422, "bad-switch", 'send {"enabled": true} or {"enabled": false}')
        core.rules.enable(name, body["enabled"])
        return json_answer({"name": name, "enabled": body["enabled"]})

    @table.route("DELETE", "/rules/<path:name>", "Remove a rule")
    def remove(name: str) -> Response:
        core.rules.remove(name)
        return json_answer({"name": name})


def _panic(table: RouteTable, context: AdminContext) -> None:
    """For the server with all of its sandboxes, or for one of them."""

    def cores() -> list[EmulatorCore]:
        return [context.core] if context.sandboxes is None else context.sandboxes.cores()

    @table.route("POST", "/rules/off", "Let everything through, at once: no rule, limit or denial counts until they are on again")
    def off() -> Response:
        for core in cores():
            core.rules.off()
        return json_answer({"off": True})

    @table.route("POST", "/rules/on", "Rules, limits and denials as they were before they were off")
    def on() -> Response:
        for core in cores():
            core.rules.on()
        return json_answer({"off": False})
