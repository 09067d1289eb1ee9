"""`dynafault run`: a command against an emulator of its own, once or with many seeds, and the verdict on it."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.cli import options
from emulator.cli.journaling import journal_kept
from emulator.report import FORMATS, Report
from emulator.scenario.phrases import counted
from emulator.server import Emulator

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The status by which timeout(1) says that it ended its program, and above which shells say that a signal did
_TIMED_OUT, _SIGNALLED = 124, 128
# Passed on to the program: what a terminal or a CI system sends to end it
_PASSED_ON = (signal.SIGINT, signal.SIGTERM)
MAX_RUNS = 10_000
# SDK reference guide, "Service-specific endpoints": which SDKs read the variable
OTHER_WAYS = (
    "does it take its endpoint from AWS_ENDPOINT_URL_DYNAMODB? The SDKs JavaScript v2, Java v1 and Go v1 do not read that: "
    "give their clients the endpoint in code, from DYNAFAULT_URL (docs/recipes.md shows how)"
)
_MAX_NAMED = 20
# Seconds that a program has to end once it is told to
_PATIENCE = 2.0


@dataclass(slots=True)
class _Run:
    """One run of the program. `status` is the program's own, `interrupted` whether a signal was passed on to it, `keeps_time` whether
    some of it was in fast time, where that was asked for."""

    status: int
    interrupted: bool
    report: Report
    keeps_time: bool = True

    @property
    def has_come(self) -> bool:
        """Whether the program contacted the emulator at all."""
        return bool(self.report.calls or self.report.refused)

    @property
    def is_good(self) -> bool:
        return not self.status and self.has_come and self.keeps_time and self.report.passed


@click.command("run", options_metavar="[OPTIONS]")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...] -- COMMAND ...")
@options.scenario_options
@options.redact_option
@options.upstream_option
@click.option("--fast-time", is_flag=True, help="Let waits of Python programs in COMMAND take no time (docs/fast-time.md).")
@click.option(
    "--repeat", type=click.IntRange(1, MAX_RUNS), metavar="N", help="Run COMMAND N times, with seeds 1 to N, and say which runs failed."
)
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), help="Append every exchange to this file as JSON lines.")
@click.option("--json", type=click.Path(path_type=Path, dir_okay=False), help="Also write the report to this file as JSON.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Also write the report to this file as JUnit XML.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write the report to this file as an HTML page.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the report to this file as Markdown, for $GITHUB_STEP_SUMMARY.",
)
@click.pass_obj
def command(
    program: list[str],
    scenarios: tuple[str, ...],
    seed: int | None,
    param: dict[str, str],
    redact: tuple[str, ...],
    upstream: str | None,
    yes_this_is_aws: bool,
    create_tables: str | None,
    fast_time: bool,
    repeat: int | None,
    journal: Path | None,
    json: Path | None,
    junit: Path | None,
    html: Path | None,
    markdown: Path | None,
) -> int:
    """Serve SCENARIO on a free port, run COMMAND with its AWS SDKs pointed there, and print the report.

    Exits with COMMAND's status if that is not 0, else with 1 if an expectation or an enforced verdict failed, or if COMMAND never
    contacted the emulator. With --repeat, the files and the status are those of the first run that failed (JUnit XML has all runs)."""
    if not program:
        raise click.UsageError("which command? Put it behind '--', as in: dynafault run scenario.yaml -- pytest")
    if repeat is not None and seed is not None:
        raise click.UsageError("--repeat takes the seeds from 1 on; leave --seed out")
    scenario = options.load(scenarios, param)
    options.show_warnings(scenario)
    suites: list[Element] = []
    runs = _runs(
        program,
        [seed] if repeat is None else range(1, repeat + 1),
        partial(Emulator, scenario, redact=redact, upstream=upstream, yes_this_is_aws=yes_this_is_aws, create_tables=create_tables),
        hides=bool(redact),
        fast=fast_time,
        journal=journal,
    )
    if repeat is None:
        (shown,) = _noted(runs, suites, junit is not None, with_seed=False)
        _show(shown)
    else:
        shown = _repeated(_noted(runs, suites, junit is not None, with_seed=True))
    _write(shown.report, {"json": json, "html": html, "markdown": markdown})
    if junit is not None:
        _write_junit(suites, junit)
    return shown.status or int(not shown.is_good)


def _runs(
    program: Sequence[str], seeds: Iterable[int | None], make: Callable[..., Emulator], *, hides: bool, fast: bool, journal: Path | None
) -> Iterator[_Run]:
    """A run for each seed, each with an emulator of its own; a signal that is passed on ends them. `hides`: something is to be said
    nowhere; `fast`: in fast time. `journal` is a file for all exchanges."""
    for place, seed in enumerate(seeds):
        emulator = make(seed=seed)
        if not place:
            options.tell_of_upstream(emulator)
        with emulator, journal_kept(emulator, journal), _switched_off_by_signal(emulator):
            ends = emulator.scenario.ends
            with emulator.fast_time_environment() if fast else nullcontext(emulator.environment()) as environment:
                status, interrupted, overran = _run(program, environment, ends)
            is_cut = interrupted or overran or status == _TIMED_OUT or status > _SIGNALLED
            report = emulator.report(interrupted=is_cut, overran=None if ends is None else overran)
            # A command line may say what is to be said nowhere
            shown = replace(report, program="" if hides else shlex.join(program))
            run = _Run(status, interrupted, shown, keeps_time=emulator.fast_programs > 0 or not fast)
        yield run
        if interrupted:
            return


@contextmanager
def _switched_off_by_signal(emulator: Emulator) -> Iterator[None]:
    """While it lasts, SIGUSR1 lets everything through, as it does for `serve`; where a system has none, nothing does."""
    number = getattr(signal, "SIGUSR1", None)
    if number is None:
        yield
        return
    before = signal.signal(number, lambda *_: emulator.rules.off())
    try:
        yield
    finally:
        signal.signal(number, before)


def _noted(runs: Iterator[_Run], suites: list[Element], wanted: bool, *, with_seed: bool) -> Iterator[_Run]:
    """The runs, and of each what JUnit needs: reports themselves are too large to keep thousands of."""
    for run in runs:
        if wanted:
            from emulator.report.formats.junit import junit_suite

            suites.append(junit_suite(run.report, with_seed=with_seed))
        yield run


def _repeated(runs: Iterator[_Run]) -> _Run:
    """Says of each run how it went; gives back the first that failed, else the last."""
    shown: _Run | None = None
    seeds: list[int] = []
    count = 0
    for run in runs:
        count += 1
        click.echo(f"seed {run.report.seed}: {_in_short(run)}")
        if not run.is_good:
            seeds.append(run.report.seed)
        if shown is None or shown.is_good:
            shown = run
    assert shown is not None
    if not shown.is_good:
        click.echo(f"\nthe first run that failed, with seed {shown.report.seed}:")
        _show(shown)
    more = f" and {len(seeds) - _MAX_NAMED} more" if len(seeds) > _MAX_NAMED else ""
    failed = f"{len(seeds)} of {count} runs failed: seeds {', '.join(map(str, seeds[:_MAX_NAMED]))}{more}; see one again with --seed"
    click.echo(failed if seeds else f"{counted(count, 'run')}, none failed")
    return shown


def _in_short(run: _Run) -> str:
    report = run.report
    if run.status:
        return f"COMMAND ended with {run.status}"
    if not run.has_come:
        return "COMMAND never contacted the emulator"
    if not run.keeps_time:
        return "COMMAND kept real time"
    complaints = [finding.verdict.id for finding in report.audit if finding.fails]
    unmet = sum(finding.status == "fail" for finding in report.expectations)
    complaints += [counted(unmet, "expectation")] if unmet else []
    return f"{report.verdict}, {counted(len(report.calls), 'call')}{''.join(f', {one}' for one in complaints)}"


def _show(run: _Run) -> None:
    click.echo(run.report.text(color=sys.stdout.isatty()), nl=False)
    if not run.has_come:
        click.echo(f"dynafault: COMMAND never contacted the emulator; {OTHER_WAYS}", err=True)
    if not run.keeps_time:
        click.echo("dynafault: no program of COMMAND was in fast time: it is for Python, started without -E, -I and -S", err=True)


def _write(report: Report, files: dict[str, Path | None]) -> None:
    for form, path in files.items():
        if path is not None:
            options.write_file(path, FORMATS[form].render(report).encode())


def _write_junit(suites: Sequence[Element], path: Path) -> None:
    from emulator.report.formats.junit import junit_document

    options.write_file(path, junit_document(suites).encode())


def _run(program: Sequence[str], environment: Mapping[str, str], most: float | None) -> tuple[int, bool, bool]:
    """The program's exit status, 128 and the signal's number for one that a signal ended, as shells have it; whether a signal was passed
    on to it; and whether it was ended since it had taken more than `most` seconds, which gives the status of timeout(1)."""
    # What we print must not come after what the program prints
    sys.stdout.flush()
    try:
        process = subprocess.Popen(program, env=environment)
    except OSError as error:
        raise EmulatorError(f"cannot run {program[0]!r}: {error.strerror}") from None
    with _passing_signals_on(process) as passed_on:
        try:
            status = process.wait(most)
        except subprocess.TimeoutExpired:
            _end(process)
            return _TIMED_OUT, bool(passed_on), True
    return (status if status >= 0 else 128 - status), bool(passed_on), False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _passing_signals_on(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Gives the list of the signals that were passed on."""
    passed_on: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        passed_on.append(number)
        with suppress(ProcessLookupError):
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield passed_on
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
