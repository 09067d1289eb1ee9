"""The sandboxes of a server; there are none inside one."""

from __future__ import annotations

from flask import Response

from emulator.server.admin.answers import json_answer
from emulator.server.admin.context import AdminContext
from emulator.server.admin.route_table import RouteTable


def register(table: RouteTable, context: AdminContext) -> None:
    sandboxes = context.sandboxes
    if sandboxes is None:
        return

    @table.route("GET", "/sandboxes", "The sandboxes of this server")
    def listed() -> Response:
        return json_answer({"sandboxes": sandboxes.listed()})

    @table.route("DELETE", "/sandboxes/<name>", "Delete a sandbox with all that is in it")
    def delete(name: str) -> Response:
        sandboxes.delete(name)
        return json_answer({"name": name})
