"""The runs without a fault. They must succeed, and they show what differs from run to run by nature."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.aws.errors import EmulatorError
from emulator.clock import Clock
from emulator.explore.masking import natural_mask
from emulator.explore.run_outcomes import Clean, complaints_of
from emulator.explore.runs import ExploredProgram, Ran
from emulator.explore.settings import ExploreSettings
from emulator.scenario import Scenario, load_scenarios

# The second run begins in another second than the first, so that times written down in seconds differ
_APART = 1.1
_MAX_SHOWN = 15
# Seconds that it may take
_MAX_SECONDS = 600.0


class CleanRunFailed(EmulatorError):
    """The program fails without a fault, so its behaviour under a fault means nothing."""


def clean_runs(
    program: ExploredProgram,
    sources: Sequence[Path],
    parameters: Mapping[str, Any],
    settings: ExploreSettings,
    stop: threading.Event,
    clock: Clock,
) -> tuple[Clean, Ran]:
    """Two runs without a fault, compared, and the first of them. Raises CleanRunFailed where one fails."""
    scenario = load_scenarios(list(sources), parameters=parameters)
    began = clock.monotonic()
    first = clean_run(program, scenario, settings, stop)
    left = _APART - (clock.monotonic() - began)
    if left > 0:
        clock.wait(stop, left)
    second = clean_run(program, scenario, settings, stop)
    mask = natural_mask([first.tables, second.tables], [*scenario.ignore, *settings.ignored])
    notes = [f"how many items {table} has differs from run to run, so they are not compared" for table in sorted(mask.tables)]
    if len(first.calls) != len(second.calls):
        notes.append(f"the runs without a fault made {len(first.calls)} and {len(second.calls)} calls, so points may be missed")
    again = complaints_of(second.report, with_expectations=True)
    complaints = {name: why for name, why in complaints_of(first.report, with_expectations=True).items() if name in again}
    return Clean(first.calls, first.tables, mask, complaints, tuple(notes)), first


def clean_run(program: ExploredProgram, scenario: Scenario, settings: ExploreSettings, stop: threading.Event) -> Ran:
    """One run without a fault. Raises CleanRunFailed where it fails."""
    # A clean run has time: how much is too much is what it is to show
    bounds = replace(settings.bounds, seconds=max(settings.bounds.seconds, _MAX_SECONDS))
    ran = program.run(scenario, bounds, stop, seed=settings.seed, recover=False)
    said = "\n".join(ran.ended.output.splitlines()[-_MAX_SHOWN:])
    told = f"; it said:\n{said}" if said else ""
    if ran.ended.status is None:
        raise CleanRunFailed(f"COMMAND does not end without a fault: {ran.ended.why}{told}")
    if ran.ended.status:
        raise CleanRunFailed(f"COMMAND fails without a fault, with {ran.ended.status}: mend that first{told}")
    if not ran.calls:
        raise CleanRunFailed(
            "COMMAND never contacted the emulator; does it take its endpoint from AWS_ENDPOINT_URL_DYNAMODB? (docs/recipes.md)" + told
        )
    unmet = [one for one in ran.report.expectations if one.status == "fail"]
    if unmet:
        raise CleanRunFailed(f"the scenario expects {unmet[0].text}, which does not hold without a fault either: {unmet[0].why}")
    if ran.checked is not None and ran.checked.status != 0:
        raise CleanRunFailed(f"--check fails without a fault, with {ran.checked.status}; it said:\n{ran.checked.output[-1000:]}")
    return ran
