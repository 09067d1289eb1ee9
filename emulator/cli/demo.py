"""`dynafault demo`: a real boto3 client, in its default configuration, against a throttling scenario."""

from __future__ import annotations

import click

from emulator.aws.errors import EmulatorError
from emulator.journal import Exchange
from emulator.report.formats.text import attempt_text
from emulator.scenario.library import find_scenario
from emulator.server import Emulator

SCENARIO = "throttling/first-two-attempts.yaml"
_ORDERS = 3


@click.command("demo")
def command() -> int:
    """Start an emulator, throttle a boto3 client, show each attempt, and judge it."""
    try:
        import boto3
    except ImportError:
        raise EmulatorError("the demo shows a real client and needs boto3: pip install boto3") from None
    with Emulator(find_scenario(SCENARIO)) as emulator:
        click.echo(f"dynafault is ready on {emulator.url}, with {SCENARIO}")
        click.echo(f"boto3 {boto3.__version__} in its default configuration saves {_ORDERS} orders; the first two attempts are throttled\n")
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        for number in range(1, _ORDERS + 1):
            item = {"customer": {"S": "ada"}, "order": {"N": str(number)}, "status": {"S": "open"}}
            client.put_item(TableName="orders", Item=item)
            _show(number, emulator.calls(operation="PutItem")[-1].attempt_records)
        report = emulator.report()
    click.echo(f"\n{report.text()}", nl=False)
    return 0 if report.passed else 1


def _show(number: int, attempts: list[Exchange]) -> None:
    click.echo(f"order {number}:")
    ended: float | None = None
    for entry in attempts:
        waited = "" if ended is None else f"after {(entry.request.arrived - ended) * 1000:6.0f} ms: "
        click.echo(f"  attempt {entry.attempt}   {waited:18}{attempt_text(entry)}")
        ended = entry.ended
