"""The admin API described to programs: OpenAPI 3.1, from one table. A route that is not in the table fails a test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from emulator.report import FORMATS
from emulator.server.admin.access import PREFIX
from emulator.version import __version__

_TEXT: dict[str, Any] = {"type": "string"}
_LIMIT = {"limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "description": "the latest so many"}}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": _TEXT, "message": _TEXT, "problems": {"type": "array", "items": {"type": "object"}}},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Route:
    """`query` and `body` are JSON Schemas: of each query parameter by name, of the request's body. `answer` is the content type."""

    method: str
    path: str
    summary: str
    query: dict[str, dict[str, Any]] | None = None
    body: dict[str, Any] | None = None
    status: int = 200
    answer: str = "application/json"


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


_IN_TEXT = {"type": "string", "contentMediaType": "application/yaml"}
# What the live page is made of, and lives on; it may change with any version
PAGE_ROUTES = (
    Route("get", "/", "The live page, for browsers", answer="text/html"),
    Route("get", "/page/files/{name}", "Its scripts and styles", answer="text/javascript"),
    Route("get", "/page/stream", "Of the live page: rows as they come, four times a second", answer="text/event-stream"),
    Route("get", "/page/rows", "Of the live page: the rows after one", query={"after": {"type": "integer", "minimum": 0}}),
    Route("get", "/page/rows/{entry_id}", "Of the live page: all that is known of one exchange"),
    Route("get", "/page/verdicts", "Of the live page: verdicts and expectations so far, at a pace that requests do not feel"),
    Route("get", "/page/scenario", "Of the live page: the texts of the scenario's files"),
    Route(
        "put",
        "/page/scenario",
        "Of the live page: go on with another text of one file; `save=yes` writes it there, where `serve --edit` allows that",
        query={"file": _TEXT, "save": {"enum": ["yes", "no"]}},
        body=_IN_TEXT,
    ),
    Route(
        "post",
        "/page/check",
        "Of the live page: the problems of a scenario's text, or of a rule's",
        query={"file": _TEXT, "of": {"enum": ["scenario", "rule"]}},
        body=_IN_TEXT,
    ),
    Route("post", "/page/rules", "Of the live page: add a rule that is written in YAML", body=_IN_TEXT, status=201),
    Route(
        "post",
        "/page/ask/{service}/{operation}",
        "Of the live page: an operation on tables that meets no rule and stands in no journal",
        query={"region": _TEXT},
        body=_object(),
    ),
)
ROUTES = (
    Route("get", "/health", "Whether it is ready; version, scenario, uptime in seconds"),
    Route("get", "/scenario", "The scenario: name, seed, files, tables, rules with their counts, warnings"),
    Route(
        "put",
        "/scenario",
        "Replace the scenario (YAML or JSON in the body); query parameters are the scenario's. A bad one changes nothing",
        body={"type": "string", "contentMediaType": "application/yaml"},
    ),
    Route("delete", "/scenario", "Unload the scenario: a healthy service"),
    Route(
        "post",
        "/rules",
        "Add a rule behind the others; with `ttl` in seconds it goes by itself",
        body=_object(name=_TEXT, ttl={"type": "number", "exclusiveMinimum": 0}),
        status=201,
    ),
    Route("patch", "/rules/{name}", "Wake a rule or let it sleep", body=_object(enabled={"type": "boolean"})),
    Route("delete", "/rules/{name}", "Remove a rule"),
    Route(
        "post",
        "/reset",
        "Start afresh: all of it, or what is named",
        body=_object(what={"type": "array", "items": {"enum": ["data", "counters", "journal", "scenario"]}}),
    ),
    Route(
        "get",
        "/journal",
        "Every exchange, oldest first, and whether its write was applied",
        query={**dict.fromkeys(("operation", "table", "rule", "error"), _TEXT), **_LIMIT},
    ),
    Route("get", "/journal/{entry_id}", "One exchange, and why each rule fired for it or did not"),
    Route(
        "get",
        "/calls",
        "Logical calls: attempts, gaps in milliseconds, faults, outcome",
        query={"operation": _TEXT, "table": _TEXT, **_LIMIT},
    ),
    Route("get", "/report", "The report", query={"format": {"enum": list(FORMATS), "default": "json"}}),
    Route("post", "/clock", "Move the emulated time forward", body=_object(advance_s={"type": "number", "minimum": 0})),
    Route("get", "/events", "Each exchange as it happens", answer="text/event-stream"),
    Route("get", "/metrics", "The emulator's figures for Prometheus", answer="text/plain"),
    Route("get", "/openapi.json", "This description"),
    *PAGE_ROUTES,
    Route("get", "/sandboxes", "The sandboxes of this server"),
    Route("delete", "/sandboxes/{name}", "Delete a sandbox with all that is in it"),
)


def openapi(*, sandboxes: bool) -> dict[str, Any]:
    """The whole document; inside a sandbox there are no further ones."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        if route.path.startswith("/sandboxes") and not sandboxes:
            continue
        paths.setdefault(PREFIX + route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "dynafault admin API", "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR}, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    in_path = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in re.findall(r"{(\w+)}", route.path)]
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in (route.query or {}).items()]
    operation: dict[str, Any] = {
        "operationId": f"{route.method}{re.sub(r'[^a-z]+', '_', route.path)}".rstrip("_"),
        "summary": route.summary,
        "responses": {
            str(route.status): {"description": "done", "content": {route.answer: {}}},
            "default": {"description": "refused", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
        },
    }
    if in_path or in_query:
        operation["parameters"] = in_path + in_query
    if route.body is not None:
        kind = route.body.get("contentMediaType", "application/json")
        operation["requestBody"] = {"content": {kind: {"schema": route.body}}}
    return operation
