"""What the admin API answers: JSON, and errors of one shape, `{"error": {"code", "message", ...}}`, never that of an AWS error, so that no
client mistakes one for the other."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from emulator.aws.errors import EmulatorError
from emulator.faults import RuleError
from emulator.scenario import ScenarioError
from emulator.server.sandboxes import SandboxError


class AdminError(EmulatorError):
    """Something that the admin API refuses: an HTTP status, a code for programs, a text for people."""

    def __init__(self, status: int, code: str, message: str, **members: Any) -> None:
        self.status = status
        self.body = {"error": {"code": code, "message": message, **members}}
        super().__init__(message)


def json_answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n", status, content_type="application/json")


def error_answer(error: Exception) -> Response:
    """Whatever went wrong, in the one shape that errors have."""
    if isinstance(error, AdminError):
        return json_answer(error.body, error.status)
    if isinstance(error, ScenarioError):
        problems = [problem.as_dict() for problem in error.problems]
        return json_answer({"error": {"code": "bad-scenario", "message": str(error), "problems": problems}}, 422)
    if isinstance(error, MethodNotAllowed):
        answer = _error("bad-method", f"{request.method} is nothing that this address knows", 405)
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer
    if isinstance(error, SandboxError):
        return _error("no-sandbox", str(error), error.status)
    if isinstance(error, RuleError):
        return _error("bad-rule", str(error), 409)
    if isinstance(error, EmulatorError):
        return _error("refused", str(error), 422)
    if isinstance(error, HTTPException):
        return _error("http", error.description or error.name, error.code or 500)
    return _error("bug", f"dynafault itself failed: {error!r}", 500)


def _error(code: str, message: str, status: int) -> Response:
    return json_answer({"error": {"code": code, "message": message}}, status)


def json_body() -> Any:
    """The request's body. Raises AdminError where it is no JSON."""
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise AdminError(400, "not-json", f"the body is no JSON: {error}") from None


def json_object(*known: str) -> dict[str, Any]:
    """The request's body, which is an object. Raises AdminError where it is none, or has other members than those that are `known`, if
    any are."""
    body = json_body()
    if not isinstance(body, dict):
        raise AdminError(400, "not-an-object", "the body is a JSON object")
    for name in body:
        if known and name not in known:
            raise AdminError(422, "unknown-member", f"{name[:100]!r} is nothing that this body has; it has {', '.join(map(repr, known))}")
    return body
