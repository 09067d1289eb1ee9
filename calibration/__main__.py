"""Run the calibration, or go on with it: python -m calibration [--seed N] [--runs N] [--processes N] [--results FILE] [--so-far]

Each result is a line of the results file as soon as it is there, so that a run which was ended goes on where it was. At the end, the
figures are written to calibration/measured.json, from which `python tools/generate_verdicts_page.py` takes them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing import Pool
from pathlib import Path

import orjson

from calibration.measured import MEASURED, Measured, at_most, measure, save
from calibration.runs import FLAWS, Cell, Result, cells, good_clients, run

Job = tuple[Cell, int]
_RESULTS = Path(__file__).parent / "results.jsonl"
# Enough for 30,000 runs of good clients; flaws show sooner
_GOOD_RUNS, _FLAWED_RUNS = 18, 4


def jobs(seed: int, runs: int) -> Iterator[Job]:
    """All cells once, then all of them again: what has been done at any time is spread over the grid."""
    good, flawed = cells(tuple(good_clients())), cells(tuple(FLAWS))
    for number in range(runs):
        yield from ((cell, seed + number) for cell in good)
        if number < max(1, runs * _FLAWED_RUNS // _GOOD_RUNS):
            yield from ((cell, seed + number) for cell in flawed)


def done(path: Path) -> dict[Job, Result]:
    """The results so far; a last line that was cut off is left out."""
    found: dict[Job, Result] = {}
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        result = Result(tuple(record["failed"]), tuple(record["warned"]), record["waits"])
        found[Cell(**record["cell"]), record["seed"]] = result
    return found


def _work(job: Job) -> tuple[Job, Result]:
    return job, run(*job)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m calibration", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=20261127, help="of the first run of each cell (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=_GOOD_RUNS, help="for each cell of good clients (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="how many at a time (default: %(default)s)")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the results are kept (default: %(default)s)")
    parser.add_argument("--so-far", action="store_true", help="only the figures of what has been run")
    wanted = parser.parse_args(arguments)
    all_jobs = list(jobs(wanted.seed, wanted.runs))
    found = done(wanted.results)
    if not wanted.so_far:
        _go_on([job for job in all_jobs if job not in found], found, wanted)
    measured = measure(wanted.seed, ((job[0], found[job]) for job in all_jobs if job in found))
    save(measured)
    print(summary(measured))
    return 0


def _go_on(missing: list[Job], found: dict[Job, Result], wanted: argparse.Namespace) -> None:
    with wanted.results.open("ab", buffering=0) as file, Pool(wanted.processes) as pool:
        # The last line may have been cut off
        file.write(b"\n")
        for number, (job, result) in enumerate(pool.imap_unordered(_work, missing, chunksize=20), 1):
            found[job] = result
            file.write(orjson.dumps({"cell": asdict(job[0]), "seed": job[1], **asdict(result)}) + b"\n")
            if number % 1000 == 0:
                print(f"{number} of {len(missing)} runs", file=sys.stderr)


def summary(measured: Measured) -> str:
    total = measured.total
    return "\n".join(
        (
            f"{total.runs:,} runs of good clients: {total.failed} false fails (below {at_most(total.failed, total.runs):.2%} at 95 %), "
            f"{total.warned} false warnings",
            f"fails by verdict: {measured.fails}; warnings by verdict: {measured.warnings}",
            f"worst cell: {measured.worst}",
            f"written to {MEASURED}",
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
