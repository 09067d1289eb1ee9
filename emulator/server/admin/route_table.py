"""A route of the admin API, told once: where its handler stands, its decorator says what it takes and answers. From that come the
registration in Flask, the check of the query, the OpenAPI description and the page of the reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from dynafault_dataclass import dataclass
from emulator.server.admin.answers import AdminError

# A JSON Schema
Schema = Mapping[str, Any]
Handler = Callable[..., Response]

JSON = "application/json"
YAML = "application/yaml"
EVENTS = "text/event-stream"
TEXT: Schema = {"type": "string"}
_PLACEHOLDER = re.compile(r"<(?:(\w+):)?(\w+)>")
_KINDS: Mapping[str | None, Schema] = {None: TEXT, "path": TEXT, "int": {"type": "integer", "minimum": 0}}
# More digits are no number that anybody means, and Python refuses to read thousands of them
_MAX_NUMBER = 15


def object_of(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """The schema of an object with these members and no others."""
    asked = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **asked}


@dataclass(frozen=True, slots=True)
class Bodies:
    """The schemas of a body by the content types that it may have."""

    schemas: Mapping[str, Schema]


ANY_TEXT = Bodies({YAML: {}, JSON: {}})


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """`path` is written as OpenAPI does; `in_path` and `query` are the schemas of its parameters by name. `bodies` are those of the body
    by the content types that it may have, `needs_body` says whether it may be left out. `answers` are the content types of what it
    answers with `status`. `takes_any_query`: parameters that are not in `query` are its handler's business."""

    method: str
    path: str
    summary: str
    in_path: Mapping[str, Schema] = field(default_factory=dict)
    query: Mapping[str, Schema] = field(default_factory=dict)
    bodies: Mapping[str, Schema] = field(default_factory=dict)
    needs_body: bool = True
    status: int = 200
    answers: tuple[str, ...] = (JSON,)
    takes_any_query: bool = False

    def arguments(self) -> dict[str, Any]:
        """The parameters of the query that is being served, by name; None for one that is left out and has no default. Raises AdminError
        for one that is unknown, said twice, or not what its schema says."""
        given = request.args
        for name in given:
            if name not in self.query and not self.takes_any_query:
                known = f"it knows {', '.join(map(repr, self.query))}" if self.query else "it has none"
                raise AdminError(422, "unknown-parameter", f"{name[:100]!r} is no query parameter of {self.path}; {known}")
        return {name: _argument(name, schema, given.getlist(name)) for name, schema in self.query.items()}


def _argument(name: str, schema: Schema, given: list[str]) -> Any:
    if not given:
        return schema.get("default")
    if len(given) > 1:
        raise AdminError(422, f"bad-{name}", f"{name!r} is said {len(given)} times")
    text = given[0]
    if "enum" in schema and text not in schema["enum"]:
        raise AdminError(422, f"bad-{name}", f"{name!r} is one of {', '.join(schema['enum'])}")
    if schema.get("type") != "integer":
        return text
    least, most = schema["minimum"], schema.get("maximum", 10**_MAX_NUMBER - 1)
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_NUMBER and least <= int(text) <= most):
        bounds = f"from {least} to {most}" if "maximum" in schema else f"of {least} or more"
        raise AdminError(422, f"bad-{name}", f"{name!r} is a whole number {bounds}")
    return int(text)


class RouteTable:
    """Registers handlers in a blueprint, whose prefix is `prefix`, and adds what they say of themselves to `routes`."""

    def __init__(self, blueprint: Blueprint, prefix: str, routes: list[AdminRoute]) -> None:
        self.routes = routes
        self._blueprint = blueprint
        self._prefix = prefix

    def route(
        self,
        method: str,
        path: str,
        summary: str,
        *,
        in_path: Mapping[str, Schema] | None = None,
        query: Mapping[str, Schema] | None = None,
        body: Schema | Bodies | None = None,
        needs_body: bool = True,
        status: int = 200,
        answers: tuple[str, ...] = (JSON,),
        takes_any_query: bool = False,
    ) -> Callable[[Handler], Handler]:
        """A decorator for a handler. It is called with what stands in the path and in the query, by name. `path` is written as Flask
        does; `in_path` says more of its placeholders than their converters do. `body` is the schema of a body of JSON, or those of several
        content types."""
        described = {name: {**_KINDS[kind or None], **(in_path or {}).get(name, {})} for kind, name in _PLACEHOLDER.findall(path)}
        bodies = {} if body is None else body.schemas if isinstance(body, Bodies) else {JSON: body}
        route = AdminRoute(
            method, self._prefix + _PLACEHOLDER.sub(r"{\2}", path), summary, described, query or {}, bodies, needs_body, status,
            answers, takes_any_query,
        )  # fmt: skip
        self.routes.append(route)

        def register(handler: Handler) -> Handler:
            @wraps(handler)
            def view(**placeholders: Any) -> Response:
                return handler(**placeholders, **route.arguments())

            name = f"{method.lower()} {path}".replace(".", "_")
            self._blueprint.add_url_rule(path, name, view, methods=[method], provide_automatic_options=False)
            return handler

        return register
