"""`dynafault mcp` as an agent's host runs it: in a process of its own, asked by the package's own client over stdio."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import boto3
import pytest

from emulator import Emulator

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import Client, StdioServerParameters, stdio_client

SCENARIO = """
version: 1
parameters: {table: orders}
tables: [{name: "${table}", key: {id: S}}]
rules: [{name: busy, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}]
"""
Ask = Callable[..., Awaitable[Any]]


def session(*arguments: str, work: Callable[[Ask, Client], Awaitable[None]]) -> None:
    """Starts the command, and does some work with its tools."""

    async def run() -> None:
        command = StdioServerParameters(command=sys.executable, args=["-m", "dynafault", "mcp", *arguments], env=dict(os.environ))
        async with Client(stdio_client(command)) as client:

            async def ask(tool: str, **words: Any) -> Any:
                answer = await client.call_tool(tool, words)
                text = "".join(part.text for part in answer.content if part.type == "text")
                assert not answer.is_error, text
                return answer.structured_content

            await work(ask, client)

    asyncio.run(run())


def put(url: str, table: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s")
    client.put_item(TableName=table, Item={"id": {"S": "a"}})
    client.close()


def test_an_agent_drives_an_emulator_of_its_own() -> None:
    async def work(ask: Ask, client: Client) -> None:
        endpoint = await ask("endpoint")
        assert endpoint["environment"]["AWS_ENDPOINT_URL_DYNAMODB"] == endpoint["url"]
        await ask("load_scenario", scenario=SCENARIO, parameters={"table": "invoices"})
        await asyncio.to_thread(put, endpoint["url"], "invoices")
        (call,) = (await ask("calls", operation="PutItem"))["result"]
        assert (call["attempts"], call["faults"]) == (2, ["ThrottlingException", None])
        (exchange,) = (await ask("journal", error="ThrottlingException"))["result"]
        assert (exchange["rule"], exchange["applied"]) == ("busy", False)
        assert "PutItem" in (await ask("report"))["result"]
        await ask("unload_scenario")
        assert (await ask("scenario"))["rules"] == []

    session(work=work)


def test_an_agent_drives_one_that_is_running(start: Callable[..., Emulator]) -> None:
    emulator = start(admin_token="secret")

    async def work(ask: Ask, client: Client) -> None:
        await ask("load_scenario", scenario="throttling/first-two-attempts")
        assert emulator.scenario.name == "Writes survive throttling"
        await ask("add_rule", rule={"name": "down", "when": {"operation": "ListTables"}, "fault": "InternalServerError"}, ttl=60)
        await ask("enable_rule", name="down", enabled=False)
        assert [(rule.name, rule.enabled) for rule in emulator.rules.list()][-1] == ("down", False)
        await ask("remove_rule", name="down")
        before = emulator.clock.now()
        await ask("advance_clock", seconds=3600)
        assert emulator.clock.now() - before >= 3600
        await ask("reset", what=["data", "journal"])
        assert emulator.scenario.name

    session(emulator.url, "--admin-token", "secret", work=work)


@pytest.mark.parametrize(
    ("tool", "words", "said"),
    [
        ("load_scenario", {"scenario": "version: 1\nrulez: []\n"}, "did you mean 'rules'?"),
        ("load_scenario", {"scenario": "throttling/hot-kye"}, "did you mean 'throttling/hot-key'?"),
        ("remove_rule", {"name": "none"}, "there is no rule 'none'"),
        ("reset", {"what": ["everything"]}, "data"),
    ],
)
def test_a_refusal_says_what_to_do(tool: str, words: dict[str, Any], said: str) -> None:
    async def work(ask: Ask, client: Client) -> None:
        answer = await client.call_tool(tool, words)
        assert answer.is_error
        assert said in "".join(part.text for part in answer.content if part.type == "text")

    session(work=work)


def test_every_tool_is_described() -> None:
    async def work(ask: Ask, client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert {"load_scenario", "add_rule", "remove_rule", "enable_rule", "reset", "journal", "calls", "report", "advance_clock"} <= {
            tool.name for tool in listed
        }
        assert [tool.name for tool in listed if not tool.description] == []
        assert (await ask("scenarios"))["throttling/hot-key"]

    session(work=work)


def test_without_the_extra_it_is_said() -> None:
    source = "import sys; sys.modules['mcp'] = None; from emulator.cli.main import run; sys.exit(run(['mcp']))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'dynafault[mcp]'" in done.stderr
