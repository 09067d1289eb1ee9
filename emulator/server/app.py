"""The Flask app: the emulated service at `/`, the admin API under `/_emulator/`, and both again in each sandbox.

Behind the built-in server only the admin part is asked. Under any other WSGI server the whole app works, except what takes the
socket itself: scenarios that cut connections are refused when they are loaded."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary, proxy

from flask import Flask, Response, request
from werkzeug.wsgi import ClosingIterator

from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.server.admin.access import Access, error_reply, foreign_host
from emulator.server.admin.answers import error_answer
from emulator.server.admin.blueprint import create_admin
from emulator.server.admin.context import AdminContext
from emulator.server.admin.localstack import create_localstack
from emulator.server.admin.route_table import AdminRoute
from emulator.server.background import BackgroundLoop
from emulator.server.sandboxes import PREFIX, SandboxError, Sandboxes
from emulator.server.wsgi import WSGIApp

_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
# PEP 3333 forbids an application to speak of the connection itself
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "upgrade"})

# Where the path stands that a client sent to a sandbox; as all paths of PEP 3333, it is in latin-1
_SENT = "dynafault.sent"
# Apps of deleted sandboxes wait for the garbage collector, which comes seldom (`cli.serve`); so many may
_MAX_LEFT = 32
# Under this key of an app's `extensions` stand the routes of its admin API, as they describe themselves
ROUTES = "dynafault.routes"


def create_app(emulator: EmulatorCore, access: Access | None = None, sandboxes: Sandboxes | None = None) -> Flask:
    """A WSGI app around an emulator and its sandboxes, e.g. `gunicorn 'myapp:create_app(EmulatorCore("scenario.yaml"))'`."""
    access = access or Access()
    if emulator.own_keys and access.token is None:
        raise EmulatorError("where it signs with your credentials, its admin API needs a token: create_app(core, Access(token=...))")
    sandboxes = sandboxes or Sandboxes(emulator)
    app = _app_of(emulator, access, sandboxes)
    mount = _SandboxMount(app.wsgi_app, sandboxes, lambda core: _app_of(core, access, None))
    app.wsgi_app = mount  # type: ignore[method-assign]  # Flask's documented place for middleware
    return app


def _app_of(emulator: EmulatorCore, access: Access, sandboxes: Sandboxes | None) -> Flask:
    """The app of one emulator; only the outermost one has sandboxes."""
    app = Flask("emulator", static_folder=None)
    context, described = AdminContext(emulator, access, sandboxes), list[AdminRoute]()
    app.register_blueprint(create_admin(context, described))
    app.register_blueprint(create_localstack(context, described))
    app.extensions[ROUTES] = tuple(described)
    waiting = BackgroundLoop()

    app.register_error_handler(Exception, error_answer)

    @app.before_request
    def check_host() -> Response | None:
        return None if access.admits_host(request.host) else _response(foreign_host(request.host))

    @app.route("/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def service(path: str) -> Response:
        coming = emulator.exchange(_http_request(emulator))
        exchange = coming if isinstance(coming, Exchange) else waiting.result_of(coming)
        if exchange.plan is not None and exchange.plan.delay:
            emulator.clock.sleep(exchange.plan.delay)
        delivery = exchange.delivery
        delivery.first_byte = delivery.ended = emulator.clock.monotonic()
        delivery.sent, delivery.how = len(exchange.reply.body), "sent"
        emulator.delivered(exchange)
        return _response(exchange.reply)

    return app


class _SandboxMount:
    """Hands what is under `/sandbox/NAME` to that sandbox's own app, made when it is first asked for."""

    def __init__(self, app: WSGIApp, sandboxes: Sandboxes, make: Callable[[EmulatorCore], Flask]) -> None:
        self._app = app
        self._sandboxes = sandboxes
        self._make = make
        self._apps: WeakKeyDictionary[EmulatorCore, Flask] = WeakKeyDictionary()
        self._count = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        name, _, rest = path.removeprefix(PREFIX).partition("/")
        try:
            core = self._sandboxes.core(name)
        except SandboxError as error:
            return _response(error_reply(error.status, "no-sandbox", str(error)))(environ, start_response)
        app = self._apps.get(core)
        if app is None:
            app = self._made(core)
        root = environ.get("SCRIPT_NAME", "")
        inside = {**environ, "SCRIPT_NAME": f"{root}{PREFIX}{name}", "PATH_INFO": f"/{rest}", _SENT: f"{root}{path}"}
        return ClosingIterator(app(inside, start_response), partial(_let_go, core))

    def _made(self, core: EmulatorCore) -> Flask:
        self._count += 1
        if self._count % _MAX_LEFT == 0:
            gc.collect()
        # An app that held its sandbox would keep it for ever: a sandbox that is deleted is gone with its last answer
        app = self._apps[core] = self._make(proxy(core))
        return app


def _let_go(core: EmulatorCore) -> None:
    """An answer is out, until when its sandbox was held."""


def _http_request(emulator: EmulatorCore) -> HttpRequest:
    arrived = emulator.clock.monotonic()
    target = _target(request.path)
    inside = request.environ.get(_SENT)
    sent = "" if inside is None else _target(inside.encode("latin-1"))
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name.lower()] = value
    peer = f"{request.remote_addr or ''}:{request.environ.get('REMOTE_PORT', '')}"
    return HttpRequest(request.method, target, headers, request.get_data(cache=False), 0, peer, arrived, request.script_root, sent)


def _target(path: str | bytes) -> str:
    """A path and the query as a client sends them."""
    quoted = quote(path, safe="/:@!$&'()*+,;=~-._")
    return f"{quoted}?{request.query_string.decode('latin-1')}" if request.query_string else quoted


def _response(reply: HttpReply) -> Response:
    headers = [(name, value) for name, value in reply.headers if name.lower() not in _HOP_BY_HOP]
    return Response(reply.body, reply.status, headers)
