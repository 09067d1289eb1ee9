"""`dynafault run`: a command against an emulator of its own, and the verdict on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click
import orjson

from emulator.cli import options
from emulator.environment import Credentials, credentials_for, with_client_variables
from emulator.errors import EmulatorError
from emulator.report import Report
from emulator.server import Emulator

# Passed on to the program: what a terminal or a CI system sends to end it
_PASSED_ON = (signal.SIGINT, signal.SIGTERM)


@click.command("run", options_metavar="[OPTIONS]")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...] -- COMMAND ...")
@options.scenario_options
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report there as JSON, too.")
@click.pass_obj
def command(program: list[str], scenarios: tuple[str, ...], seed: int | None, parameters: dict[str, str], json_file: Path | None) -> int:
    """Serve SCENARIO on a free port, run COMMAND with its AWS SDKs pointed there, print the report.

    Exits with COMMAND's status if that is not 0, else with 1 if an expectation failed or COMMAND never contacted the emulator."""
    if not program:
        raise click.UsageError("which command? Put it behind '--', as in: dynafault run scenario.yaml -- pytest")
    scenario = options.load(scenarios, parameters)
    options.show_warnings(scenario)
    with Emulator(scenario, seed=seed) as emulator:
        status = _run(program, emulator.url, credentials_for(scenario))
        report = emulator.report()
    click.echo(report.text(color=sys.stdout.isatty()), nl=False)
    if json_file is not None:
        options.write_file(json_file, orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    return status or _judged(report)


def _run(program: Sequence[str], url: str, credentials: Credentials) -> int:
    """The program's exit status; 128 and the signal's number for one that a signal ended, as shells have it."""
    # What we print must not come after what the program prints
    sys.stdout.flush()
    try:
        process = subprocess.Popen(program, env=with_client_variables(url, os.environ, credentials))
    except OSError as error:
        raise EmulatorError(f"cannot run {program[0]!r}: {error.strerror}") from None
    with _passing_signals_on(process):
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _passing_signals_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _judged(report: Report) -> int:
    if not report.calls:
        click.echo("dynafault: COMMAND never contacted the emulator; does it take its endpoint from AWS_ENDPOINT_URL_DYNAMODB?", err=True)
        return 1
    return 0 if report.passed else 1
