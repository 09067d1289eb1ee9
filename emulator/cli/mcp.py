"""`dynafault mcp`: the admin API as tools for coding agents, by the Model Context Protocol over standard input and output.

Each tool is a function of `Tools`: its docstring is what the agent reads, its parameters are what the agent may say. What the protocol
is made of is the package `mcp`'s, which comes with the extra of that name and is imported when the command runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from emulator.aws.errors import EmulatorError
from emulator.scenario import load_scenario
from emulator.scenario.library import find_scenario, missing, shipped_names
from emulator.server import Emulator
from emulator.server.admin.client import AdminClient
from emulator.server.environment import client_variables
from emulator.version import __version__

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_INSTRUCTIONS = """\
dynafault is a local DynamoDB that fails on purpose and judges how a client's retries take it. Ask endpoint() for the variables to start the
program under test with, load_scenario() what should go wrong (scenarios() lists ready ones), run the program, then read report()."""


@click.command("mcp")
@click.argument("url", metavar="[URL]", required=False)
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="The token that the admin API requires.")
def command(url: str | None, admin_token: str | None) -> int:
    """Give a coding agent the emulator at URL, or one of its own, as tools: a server of the Model Context Protocol on standard input and
    output. Needs the extra mcp: pip install 'dynafault[mcp]'."""
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise EmulatorError("this needs the package mcp, which comes with: pip install 'dynafault[mcp]'") from None
    with ExitStack() as stack:
        if url is None:
            url = stack.enter_context(Emulator()).url
        client = stack.enter_context(AdminClient(url if "://" in url else f"http://{url}", admin_token))
        server = MCPServer("dynafault", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")
        _add_tools(server, Tools(client, url))
        server.run("stdio")
    return 0


class Tools:
    """What an agent can do with an emulator. Every tool raises EmulatorError for what the emulator refuses."""

    def __init__(self, client: AdminClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    def endpoint(self) -> dict[str, Any]:
        """Where the emulator is, and the environment variables that point a program's AWS SDKs at it. A variable that is null must not be
        set. SDKs for JavaScript v2, Java v1 and Go v1 take their endpoint in code alone: from DYNAFAULT_URL."""
        return {"url": self._url, "environment": client_variables(self._url, {}), **self._client.health()}

    def scenarios(self) -> dict[str, str]:
        """The ready scenarios by name, each with the question that it answers about a client."""
        return {name: load_scenario(find_scenario(name)).question for name in shipped_names()}

    def load_scenario(self, scenario: str, parameters: dict[str, str] | None = None) -> dict[str, Any]:
        """Replace the scenario, with fresh counters: by the name of a ready one, or a whole scenario as YAML text (version: 1, tables,
        rules, expect). A bad one changes nothing, and every problem is told with its line."""
        text = scenario
        if "\n" not in scenario and not scenario.lstrip().startswith("{"):
            name = scenario.removesuffix(".yaml")
            if name not in shipped_names():
                raise EmulatorError(missing(scenario))
            text = find_scenario(name).read_text("utf-8")
        return self._client.load(text, **(parameters or {}))

    def scenario(self) -> dict[str, Any]:
        """The scenario at work: its tables, its rules with what they counted, its seed."""
        return self._client.scenario()

    def unload_scenario(self) -> dict[str, Any]:
        """Go on as a healthy service."""
        return self._client.unload()

    def add_rule(self, rule: dict[str, Any], ttl: float | None = None) -> dict[str, Any]:
        """Add a rule behind the others, such as {"name": "busy", "when": {"operation": "PutItem", "attempt": "1..2"}, "fault":
        "ThrottlingException"}; after `ttl` seconds it is gone."""
        return self._client.add_rule(rule, ttl=ttl)

    def enable_rule(self, name: str, enabled: bool) -> dict[str, Any]:
        """Let a rule fire, or not for now."""
        return self._client.enable_rule(name, enabled)

    def remove_rule(self, name: str) -> dict[str, Any]:
        """Take a rule away."""
        return self._client.remove_rule(name)

    def reset(self, what: list[Literal["data", "counters", "journal", "scenario"]] | None = None) -> dict[str, Any]:
        """Start afresh: what is named, or all of it. "scenario" unloads the scenario."""
        return self._client.reset(*(what or ()))

    def journal(
        self, operation: str | None = None, table: str | None = None, rule: str | None = None, error: str | None = None, limit: int = 20
    ) -> list[dict[str, Any]]:
        """The latest exchanges, oldest first: what was asked and answered, which rule fired, whether a write was really applied."""
        return self._client.journal(**_wanted(operation=operation, table=table, rule=rule, error=error, limit=limit))

    def calls(self, operation: str | None = None, table: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """The latest logical calls of the client: attempts, gaps between them in milliseconds, faults, outcome, how often applied."""
        return self._client.calls(**_wanted(operation=operation, table=table, limit=limit))

    def report(self, format: Literal["text", "json"] = "text") -> str:
        """The report of the run so far: the verdict, the rules, the calls, the expectations, and what the audit says of the retries."""
        return self._client.report_text(format)

    def advance_clock(self, seconds: float) -> dict[str, Any]:
        """Move the emulated service's time forward: items expire, phases pass, backups age."""
        return self._client.advance_clock(seconds)


TOOLS = tuple(name for name in vars(Tools) if not name.startswith("_"))


def _wanted(**given: str | int | None) -> dict[str, str]:
    return {name: str(value) for name, value in given.items() if value is not None}


def _add_tools(server: MCPServer, tools: Tools) -> None:
    for name in TOOLS:
        server.add_tool(_explained(getattr(tools, name)))


def _explained(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose refusals reach the agent as text that it can act on."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def told(*words: Any, **named: Any) -> Any:
        try:
            return tool(*words, **named)
        except EmulatorError as error:
            raise ToolError(str(error)) from None

    return told
