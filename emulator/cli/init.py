"""`dynafault init`: a first scenario, from some questions or from a table that is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import requests

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.cli.options import write_file
from emulator.scenario import load_scenario

TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may go wrong: what it asks of a client, its rule, and what is expected of the client. Each is a few lines of YAML."""

    question: str
    rule: str
    expect: str


_CALLS = "{calls: {operation: writes, table: TABLE}, outcome: success, applied: {per_key: 1}}"
TROUBLES: dict[str, Trouble] = {
    "throttling": Trouble(
        "Does the client wait and try again when its writes are throttled?",
        """\
  - name: throttled-twice
    when: {operation: writes, table: TABLE, try: 1..2}
    fault: ThrottlingException""",
        _CALLS,
    ),
    "errors": Trouble(
        "Does the client survive an error of the service?",
        """\
  - name: fails-once
    when: {operation: [reads, writes], table: TABLE, try: 1}
    fault: InternalServerError""",
        "{calls: {operation: [reads, writes], table: TABLE}, outcome: success}",
    ),
    "lost": Trouble(
        "Is a write doubled whose acknowledgement gets lost?",
        """\
  - name: lost-acknowledgement
    when: {operation: writes, table: TABLE, try: 1}
    fault: {connection: reset, applied: true}""",
        _CALLS,
    ),
    "time-out": Trouble(
        "Does the client give up on an answer that does not come, and try again?",
        """\
  - name: no-answer
    when: {operation: [reads, writes], table: TABLE, try: 1}
    fault: {connection: hang, for: 2m}""",
        "{calls: {operation: [reads, writes], table: TABLE}, outcome: success}",
    ),
    "batch": Trouble(
        "Are the entries of a batch written that came back undone?",
        """\
  - name: half-of-it
    when: {operation: BatchWriteItem, call: 1}
    fault: {unprocessed: {every: 2}}""",
        "{calls: {operation: BatchWriteItem}, outcome: success, applied: {per_key: 1}}",
    ),
}
_HEAD = """\
# Run it:   dynafault run {file} -- COMMAND
# Check it: dynafault check {file}
# The language: docs/scenarios.md, or: dynafault explain keys
version: 1
name: {name}
description: {question}

tables:
  - name: {table}
    key: {{{key}}}

rules:
{rule}

expect:
  - {expect}
"""


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="scenario.yaml")
@click.option("--table", help="The table that the client uses.")
@click.option("--key", help="The table's key attributes with their types, partition key first, such as id:S or customer:S,order:N.")
@click.option("--trouble", type=click.Choice(list(TROUBLES)), help="What goes wrong.")
@click.option("--endpoint", metavar="URL", help="Read the key from the table at this endpoint, such as http://127.0.0.1:8000.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def command(file: Path, table: str | None, key: str | None, trouble: str | None, endpoint: str | None, force: bool) -> int:
    """Write a first scenario to FILE (default: scenario.yaml). On a terminal, asks for what is not given."""
    if file.exists() and not force:
        raise EmulatorError(f"{file} is there already; --force writes over it")
    table = table or _ask("The table that your client uses", "orders")
    if endpoint is not None:
        key = _key_of(endpoint, table)
    key = key or _ask("Its key: name:TYPE, with a comma before a sort key (types S, N, B)", "id:S")
    trouble = trouble or _ask_which()
    text = scenario_text(file.name, table, key, trouble)
    load_scenario(text)
    write_file(file, text.encode())
    click.echo(f"wrote {file}: {TROUBLES[trouble].question}")
    click.echo(f"next: dynafault run {file} -- COMMAND, where COMMAND is your program or its tests")
    return 0


def scenario_text(file: str, table: str, key: str, trouble: str) -> str:
    """A scenario as YAML. Raises EmulatorError for a key that is none."""
    chosen = TROUBLES[trouble]
    rule, expect = (part.replace("TABLE", table) for part in (chosen.rule, chosen.expect))
    name = f"{trouble} on {table}"
    return _HEAD.format(file=file, name=name, question=chosen.question, table=table, key=_key(key), rule=rule, expect=expect)


def _key(text: str) -> str:
    parts = [part.strip().partition(":") for part in text.split(",")]
    if not 1 <= len(parts) <= 2 or any(not name or kind.strip().upper() not in ("S", "N", "B") for name, _, kind in parts):
        raise EmulatorError(f"{text!r} is no key; write it like id:S, or customer:S,order:N")
    return ", ".join(f"{json.dumps(name.strip())}: {kind.strip().upper()}" for name, _, kind in parts)


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    answer: str = click.prompt(question, default=default)
    return answer


def _ask_which() -> str:
    if not sys.stdin.isatty():
        return next(iter(TROUBLES))
    for name, trouble in TROUBLES.items():
        click.echo(f"  {name:<11} {trouble.question}")
    answer: str = click.prompt("What goes wrong", default=next(iter(TROUBLES)), type=click.Choice(list(TROUBLES)))
    return answer


def _key_of(endpoint: str, table: str) -> str:
    """The key of a table, as DescribeTable tells it. Whoever emulates the service takes any signature. Raises EmulatorError."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.DescribeTable",
        "X-Amz-Date": "20261120T120000Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=dynafault/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
    }
    try:
        answer = requests.post(endpoint, headers=headers, data=json.dumps({"TableName": table}), timeout=TIMEOUT)
        body: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise EmulatorError(f"{endpoint} does not answer as DynamoDB does: {error}") from None
    if not answer.ok:
        raise EmulatorError(f"{endpoint} refuses to describe {table!r}: {body.get('message') or body.get('Message') or answer.status_code}")
    described = body["Table"]
    types = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
    return ",".join(f"{one['AttributeName']}:{types[one['AttributeName']]}" for one in described["KeySchema"])
