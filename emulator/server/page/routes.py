"""The live page's own routes, below `/_emulator/`. Its shell and its files hold nothing of a run and need no token: the page asks for
one where the rest wants it."""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import orjson
from flask import Blueprint, Response, request

from emulator.aws.errors import EmulatorError, ServiceError
from emulator.core import EmulatorCore
from emulator.report.fates import FATES
from emulator.scenario import load_rule
from emulator.server.admin.access import PREFIX, Access
from emulator.server.page import saving
from emulator.server.page.judging import Judge
from emulator.server.page.rows import detail_json, row_json
from emulator.server.page.stream import RowStream
from emulator.version import __version__

# Scripts and styles of its own, and nothing of anybody's request runs
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_MOST_LISTED = 5_000
# What the page may ask of the services, by service: to look at tables, and to change their items
_OPERATIONS = {
    "dynamodb": frozenset(
        (
            "CreateBackup", "DeleteBackup", "DeleteItem", "DescribeTable", "DescribeTimeToLive", "ListBackups", "ListTables", "PutItem",
            "Scan",
        )
    ),
    "streams": frozenset(("DescribeStream", "GetRecords", "GetShardIterator")),
}  # fmt: skip


def is_shell(path: str) -> bool:
    """Whether a path of the admin API is a part of the page that says nothing of a run."""
    rest = path.removeprefix(PREFIX)
    return rest in ("", "/") or rest.startswith("/page/files/")


def register_page(admin: Blueprint, core: EmulatorCore, access: Access, readers: threading.BoundedSemaphore, *, is_root: bool) -> None:
    """Add the page to the admin API; `readers` has a place for each reader of events. Only the root's scenario may be saved."""
    _shell(admin)
    _watching(admin, core, readers)
    _editing(admin, core, may_save=access.may_save and is_root)


def _shell(admin: Blueprint) -> None:
    @admin.get("/")
    def page() -> Response:
        return Response(_page(), content_type="text/html; charset=utf-8", headers=_HEADERS)

    @admin.get("/page/files/<name>")
    def file(name: str) -> Response:
        content = _files().get(name)
        if content is None:
            raise EmulatorError(f"the page has no file {name[:100]!r}")
        kind = _TYPES[name[name.rindex(".") :]]
        return Response(content, content_type=kind, headers=_HEADERS)


@cache
def _page() -> str:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    glyphs = (files("emulator.report.formats.html") / "glyphs.svg").read_text(encoding="utf-8")
    template = (files("emulator.server.page") / "page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(version=__version__, glyphs=glyphs, fates=FATES)


@cache
def _files() -> dict[str, bytes]:
    """The page's files by name, the stylesheet that it shares with the report among them."""
    found = {one.name: one.read_bytes() for one in (files("emulator.server.page") / "static").iterdir() if one.name.endswith(tuple(_TYPES))}
    found["theme.css"] = (files("emulator.report.formats.html") / "theme.css").read_bytes()
    return found


def _watching(admin: Blueprint, core: EmulatorCore, readers: threading.BoundedSemaphore) -> None:
    judge = Judge(core)

    @admin.get("/page/stream")
    def stream() -> Response:
        if not readers.acquire(blocking=False):
            raise EmulatorError("too many read the events already; close another page first")
        response = Response(RowStream(core).lines(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        response.call_on_close(readers.release)
        return response

    @admin.get("/page/rows")
    def rows() -> Response:
        """Those after `after`, the latest of them if they are many."""
        text = request.args.get("after", "0")
        after = int(text) if text.isdecimal() and len(text) < 16 else 0
        found = [entry for entry in core.journal.entries() if entry.id > after]
        listed = [row_json(entry, core) for entry in found[-_MOST_LISTED:]]
        now = round((core.clock.monotonic() - core.started) * 1000, 2)
        return _json({"now": now, "rows": listed, "missed": max(0, len(found) - _MOST_LISTED)})

    @admin.get("/page/rows/<int:entry_id>")
    def row(entry_id: int) -> Response:
        entry = core.journal.find(entry_id)
        if entry is None:
            raise EmulatorError(f"the journal has no entry {entry_id} any more; it was cleared, or has dropped it")
        return _json(detail_json(entry, core, f"{request.host_url.rstrip('/')}{request.script_root}"))

    @admin.get("/page/verdicts")
    def verdicts() -> Response:
        return _json(judge.verdicts())


def _editing(admin: Blueprint, core: EmulatorCore, *, may_save: bool) -> None:
    @admin.get("/page/scenario")
    def texts() -> Response:
        return _json(saving.texts_json(core, may_save=may_save))

    @admin.put("/page/scenario")
    def edit() -> Response:
        """Go on with a text; with `?save=yes`, it is written to its file first."""
        text, file = request.get_data(as_text=True), request.args.get("file", "<text>")
        if request.args.get("save") != "yes":
            saving.load(core, text, file)
        elif may_save:
            saving.save(core, text, file)
        else:
            raise EmulatorError("nothing may be saved from here: 'dynafault serve --watch --edit' allows it")
        return _json(saving.texts_json(core, may_save=may_save))

    @admin.post("/page/check")
    def check() -> Response:
        text, file = request.get_data(as_text=True), request.args.get("file", "<text>")
        return _json(saving.problems_of(core, text, file, is_rule=request.args.get("of") == "rule"))

    @admin.post("/page/rules")
    def add_written() -> Response:
        rule = load_rule(request.get_data(as_text=True))
        core.rules.add(rule)
        return _json({"name": rule.name}, 201)

    @admin.post("/page/ask/<service>/<operation>")
    def ask(service: str, operation: str) -> Response:
        if operation not in _OPERATIONS.get(service, ()):
            raise EmulatorError(f"the page asks no {operation[:100]!r} of {service[:100]!r}")
        params = orjson.loads(request.get_data() or b"{}")
        if not isinstance(params, dict):
            raise EmulatorError("the parameters of an operation are a JSON object")
        try:
            answer = core.ask(service, operation, params, request.args.get("region", "us-east-1"))
        except ServiceError as error:
            raise EmulatorError(f"{error.spec.name}: {error.message or 'the service says no more'}") from None
        return Response(answer, content_type="application/json")


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
