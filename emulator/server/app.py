"""The Flask app: the emulated service at `/`, the admin API under `/_emulator/`.

Behind the built-in server only the admin part is asked. Under any other WSGI server the whole app works, except what takes the
socket itself: scenarios that cut connections are refused when they are loaded."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, request

from emulator.core import EmulatorCore
from emulator.messages import HttpReply, HttpRequest
from emulator.server.access import AdminAccess
from emulator.server.admin import create_admin

_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
# PEP 3333 forbids an application to speak of the connection itself
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "upgrade"})


def create_app(emulator: EmulatorCore, access: AdminAccess | None = None) -> Flask:
    """A WSGI app around an emulator, e.g. `gunicorn 'myapp:create_app(EmulatorCore("scenario.yaml"))'`."""
    app = Flask("emulator", static_folder=None)
    app.register_blueprint(create_admin(emulator, access or AdminAccess()))

    @app.route("/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def service(path: str) -> Response:
        entry = emulator.exchange(_http_request(emulator))
        if entry.plan is not None and entry.plan.delay:
            emulator.clock.sleep(entry.plan.delay)
        entry.first_byte = entry.ended = emulator.clock.monotonic()
        entry.sent = len(entry.reply.body)
        entry.how = "sent"
        emulator.delivered(entry)
        return _response(entry.reply)

    return app


def _http_request(emulator: EmulatorCore) -> HttpRequest:
    arrived = emulator.clock.monotonic()
    target = quote(request.path, safe="/:@!$&'()*+,;=~-._")
    if request.query_string:
        target = f"{target}?{request.query_string.decode('latin-1')}"
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name.lower()] = value
    peer = f"{request.remote_addr or ''}:{request.environ.get('REMOTE_PORT', '')}"
    return HttpRequest(request.method, target, headers, request.get_data(cache=False), 0, peer, arrived)


def _response(reply: HttpReply) -> Response:
    headers = [(name, value) for name, value in reply.headers if name.lower() not in _HOP_BY_HOP]
    return Response(reply.body, reply.status, headers)
