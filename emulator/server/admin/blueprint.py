"""The admin API: what a test asks of the emulator itself, as JSON under `/_emulator/`."""

from __future__ import annotations

import pkgutil
from contextlib import suppress
from importlib import import_module

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from emulator.server.admin import routes as folder
from emulator.server.admin.access import HEALTH, PREFIX, Access
from emulator.server.admin.answers import AdminError, error_answer, json_answer
from emulator.server.admin.context import AdminContext
from emulator.server.admin.openapi import openapi
from emulator.server.admin.route_table import AdminRoute, RouteTable
from emulator.server.page.routes import is_shell, register_page

MAX_BODY = 2 * 1024 * 1024
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_UNKNOWN = ".unknown"


def create_admin(context: AdminContext, described: list[AdminRoute]) -> Blueprint:
    """The routes, for one emulator. They are added to `described`, which is also what the API's own description is made of."""
    admin = Blueprint("admin", __name__, url_prefix=PREFIX)
    guard(admin, context.access)
    table = RouteTable(admin, PREFIX, described)
    for module in pkgutil.iter_modules(folder.__path__):
        import_module(f"{folder.__name__}.{module.name}").register(table, context)
    register_page(table, context)

    @table.route("GET", "/openapi.json", "This description")
    def description() -> Response:
        return json_answer(openapi(described))

    refuse_the_rest(admin)
    return admin


def guard(blueprint: Blueprint, access: Access) -> None:
    """What happens before and after each of a blueprint's handlers: access, methods, and errors in one shape."""

    @blueprint.before_request
    def admit() -> Response | None:
        _check_access(access)
        return _answer_of_methods()

    blueprint.register_error_handler(Exception, error_answer)


def refuse_the_rest(blueprint: Blueprint) -> None:
    """Answer whatever is below a blueprint's prefix and none of its routes, which must be there already. Otherwise the service would:
    its own routes know every address and every method."""
    everything = [*_METHODS, "OPTIONS"]

    @blueprint.route("/", defaults={"path": ""}, methods=everything, provide_automatic_options=False)
    @blueprint.route("/<path:path>", methods=everything, provide_automatic_options=False)
    def unknown(path: str) -> Response:
        prefix = blueprint.url_prefix
        raise AdminError(404, "not-found", f"there is nothing at {prefix}/{path}; the documentation lists the routes of the admin API")


def _check_access(access: Access) -> None:
    if not access.admits_host(request.host):
        raise AdminError(403, "foreign-host", f"the admin API is for this machine only, and not by the name {request.host[:100]!r}")
    if not access.admits_page(request.method, {name.lower(): value for name, value in request.headers.items()}):
        raise AdminError(403, "foreign-page", "a page of another origin may not change anything here")
    # Whether the emulator is up may be asked by anybody: health checks carry no secrets
    if request.path != HEALTH and not is_shell(request.path) and not access.admits_token(request.headers.get("Authorization", "")):
        raise AdminError(401, "unauthorized", "send the admin token as 'Authorization: Bearer TOKEN'")
    if (request.content_length or 0) > MAX_BODY:
        raise AdminError(413, "too-large", f"a body may have {MAX_BODY} bytes at most")


def _answer_of_methods() -> Response | None:
    """What is answered where the method is not one of those that the address knows, or asks for them."""
    if request.method != "OPTIONS" and (request.endpoint is None or not request.endpoint.endswith(_UNKNOWN)):
        return None
    known = _known_methods()
    if not known:
        return None
    listed = ", ".join([*known, *(["HEAD"] if "GET" in known else []), "OPTIONS"])
    if request.method == "OPTIONS":
        answer = Response(status=200)
    else:
        answer = error_answer(
            AdminError(405, "bad-method", f"{request.method} is nothing that {request.path} knows; it knows {', '.join(known)}")
        )
    answer.headers["Allow"] = listed
    return answer


def _known_methods() -> list[str]:
    """The methods that the requested address knows. What is said of one address goes before what is said of all like it."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    found: dict[str, bool] = {}
    for method in _METHODS:
        with suppress(HTTPException, RequestRedirect):
            rule, arguments = adapter.match(method=method, return_rule=True)
            if rule.endpoint != "service" and not rule.endpoint.endswith(_UNKNOWN):
                found[method] = not arguments
    is_of_itself = any(found.values())
    return [method for method, is_exact in found.items() if is_exact or not is_of_itself]
