"""A small calibration, the same each time: no verdict accuses a good client, and each flaw is found as it was before. Who changes a
verdict sees here what that does; `make calibrate` measures it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from calibration.__main__ import done, jobs
from calibration.clients import AGENTS, SERVICES
from calibration.measured import at_most, measure, save
from calibration.runs import FLAWS, NOISES, SHARING, WORKERS, Cell, Result, cells, documented_warnings, good_clients, run
from emulator.sdks.detection import client_of
from emulator.sdks.retry_profiles import PROFILES

SEED = 20261127
# Of each good client's cells so many are run, others for each client
_EVERY = 13
# (workers, calls) of the runs with flaws
_SIZES = ((1, 8), (1, 24), (8, 72))
# What is said of a flaw with each kind of noise, in runs of each size: F for a fail, W for a warning, - for neither
FOUND = {
    "no wait": "FFF --- FFF",
    "no wait, twenty times": "FFF FFF FFF",
    "constant wait of 100 ms": "FFF WFF -FF",
    "constant wait of 1 s": "FFF FFF FFF",
    "constant range, jittered": "--F --F --F",
    "linear waits": "FFF FFF FFF",
    "no jitter": "WWW --- W--",
    "waits without a cap": "WWW WWW WWW",
    "retries without a bound": "FFF FFF FFF",
    "never tries again, throttled": "FFF FFF FFF",
    "never tries again, 500": "FFF FFF FFF",
    "never tries again, reset": "FFF FFF FFF",
    "gives up early": "FF- FF- FF-",
    "retries refusals": "FFF FFF FFF",
    "ignores hints": "FFF FFF FFF",
    "doubles writes": "FFF FFF FFF",
    "new token for each try": "FFF FFF FFF",
    "retries in two layers": "WWW WWW WWW",
    "no quota": "--W --W --W",
    "loses leftovers": "FFF FFF FFF",
    "whole batch again": "WWW WWW WWW",
    "batches at once": "FFF --F FFF",
    "batches at a constant pace": "FFF FFF FFF",
}


@pytest.mark.parametrize("profile", list(good_clients()))
def test_good_clients_are_accused_of_nothing(profile: str) -> None:
    first = list(good_clients()).index(profile) % _EVERY
    for number, cell in enumerate(cells((profile,))[first::_EVERY]):
        result = run(cell, SEED + number)
        false = [name for name in result.warned if name not in documented_warnings(profile)]
        assert (result.failed, false) == ((), []), (cell, SEED + number)


@pytest.mark.parametrize("name", list(FLAWS))
def test_flaws_are_found_as_they_were(name: str) -> None:
    flaw = FLAWS[name]
    found = []
    for noise in NOISES:
        results = [run(Cell(name, workers, noise, "shared", calls), SEED) for workers, calls in _SIZES]
        found.append("".join(_letter(set(flaw.verdicts), result) for result in results))
    assert " ".join(found) == FOUND[name]


def _letter(meant: set[str], result: Result) -> str:
    return "F" if meant & set(result.failed) else "W" if meant & set(result.warned) else "-"


def test_simulated_clients_are_taken_for_what_they_are() -> None:
    assert set(AGENTS) == set(PROFILES) - {"standard-2026"}
    for profile in AGENTS:
        declared = None if profile.endswith("-other") else PROFILES[profile].attempts
        known = client_of({"user-agent": AGENTS[profile]}).profile(SERVICES.get(profile, "dynamodb"), declared)
        assert known is not None
        assert known.profile.name == profile


def test_a_run_is_the_same_for_the_same_seed() -> None:
    cell = Cell("botocore-2026", 8, "40 ms stalls", "own", 24)
    assert run(cell, 5) == run(cell, 5)
    assert len({run(cell, seed) for seed in range(6)}) > 1


def test_what_has_been_run_is_not_run_again(tmp_path: Path) -> None:
    wanted = list(jobs(SEED, 1))
    assert len(wanted) == len(set(wanted))
    (cell, seed), *_ = wanted
    line = orjson.dumps(
        {"cell": {name: getattr(cell, name) for name in Cell.__slots__}, "seed": seed, "failed": ["V1"], "warned": [], "waits": 3}
    )
    path = tmp_path / "results.jsonl"
    assert done(path) == {}
    path.write_bytes(line + b"\n" + line[:40] + b"\n")
    assert done(path) == {(cell, seed): Result(("V1",), (), 3)}


def test_figures_are_those_of_the_results(tmp_path: Path) -> None:
    good = [Cell("botocore-2026", 1, "none", sharing, 8) for sharing in SHARING]
    results = [
        (good[0], Result(("V9",), (), 4)),
        (good[0], Result((), ("V11",), 4)),
        (good[1], Result((), (), 4)),
        (Cell("js-v2", 64, "none", "own", 8), Result((), ("V16",), 4)),
        (Cell("no wait", 1, "none", "own", 8), Result(("V9",), (), 12)),
        (Cell("no wait", 1, "none", "own", 8), Result((), ("V9",), 9)),
    ]
    measured = measure(SEED, results)
    assert (measured.total.runs, measured.total.failed, measured.total.warned) == (4, 1, 1)
    assert (measured.fails, measured.warnings) == ({"V9": 1}, {"V11": 1})
    assert (measured.worst["sharing"], measured.worst["runs"], measured.worst["failed"]) == ("shared", 2, 1)
    found = measured.flaws["no wait"]
    assert [(found[least].runs, found[least].failed, found[least].warned) for least in ("0", "10")] == [(1, 0, 1), (1, 1, 0)]
    save(measured, tmp_path / "measured.json")
    data = orjson.loads((tmp_path / "measured.json").read_bytes())
    assert set(data["good"]["none"]) == set(map(str, WORKERS))
    assert data["flaws"]["no wait"]["verdicts"] == ["V9"]


def test_what_was_never_seen_may_still_be_seldom() -> None:
    assert at_most(0, 30_000) == pytest.approx(1e-4, rel=0.01)
    assert at_most(3, 1000) == pytest.approx(7.75e-3, rel=0.01)
