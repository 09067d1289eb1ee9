"""The admin API described to programs: OpenAPI 3.1, from what its routes say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.scenario import json_schema
from emulator.server.admin.access import PREFIX
from emulator.server.admin.route_table import JSON, YAML, AdminRoute, Bodies, Schema
from emulator.version import __version__

_TEXT: Schema = {"type": "string"}
_ERROR: Schema = {
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


def openapi(routes: Iterable[AdminRoute]) -> dict[str, Any]:
    """The whole document. The scenario language is among its schemas, as it is in the schema for editors."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "dynafault admin API", "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, **language_schemas()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def language_schemas() -> dict[str, Any]:
    """The sections of the scenario language by name, such as "a-rule", as they refer to each other here."""
    found = _moved(json_schema()["$defs"])
    assert isinstance(found, dict)
    return found


def language(section: str, **others: Schema) -> Bodies:
    """A body in the scenario language, which is a section of it, and has `others` beside. A schema of the whole language keeps programs
    that make requests from it busy for hours, so it is only named; what is wrong with a body is told with 422."""
    named = f"#/components/schemas/{section}"
    body = {"type": "object", "properties": others, "description": section.replace("-", " "), "x-language": named}
    return Bodies({YAML: body, JSON: body})


def _moved(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(value) for key, value in schema.items()
        }
    return [_moved(one) for one in schema] if isinstance(schema, list | tuple) else schema


def _operation(route: AdminRoute) -> dict[str, Any]:
    in_path = [{"name": name, "in": "path", "required": True, "schema": schema} for name, schema in route.in_path.items()]
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in route.query.items()]
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-z]+', '_', route.path.removeprefix(PREFIX))}".rstrip("_"),
        "summary": route.summary,
        "responses": {
            str(route.status): {"description": "done", "content": {answer: {} for answer in route.answers}},
            "default": {"description": "refused", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}},
        },
    }
    if in_path or in_query:
        operation["parameters"] = in_path + in_query
    if route.bodies:
        operation["requestBody"] = {
            "required": route.needs_body,
            "content": {content_type: {"schema": schema} for content_type, schema in route.bodies.items()},
        }
    return operation
