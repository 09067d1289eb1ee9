"""`python -m reliability simulate | soak | crash`: exits with 1, and a word, where something got lost."""

from __future__ import annotations

import argparse
import sys
from random import randrange

from reliability.checks import Violation
from reliability.crash import crash
from reliability.simulation import simulate
from reliability.soak import soak

_USUAL = {"simulate": 10_000, "soak": 600, "crash": 50}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m reliability", description="Whether anything gets lost in the emulator.")
    parts = parser.add_subparsers(dest="part", required=True)
    for name, option in (("simulate", "--worlds"), ("soak", "--seconds"), ("crash", "--times")):
        part = parts.add_parser(name)
        part.add_argument(option, dest="number", type=int, help=f"{_USUAL[name]:,} if left out")
        part.add_argument("--seed", type=int, help="where chance begins; alone, for 'simulate', the one world to run")
    asked = parser.parse_args()
    usual = 1 if asked.part == "simulate" and asked.seed is not None else _USUAL[asked.part]
    seed = randrange(10**9) if asked.seed is None else asked.seed
    try:
        print(_run(asked.part, asked.number or usual, seed))
    except Violation as violation:
        print(f"{asked.part} with --seed {seed}: {violation}", file=sys.stderr)
        return 1
    return 0


def _run(part: str, number: int, seed: int) -> str:
    if part == "simulate":
        return f"{number} worlds from seed {seed} on, {simulate(range(seed, seed + number)):,} requests: nothing lost"
    if part == "soak":
        return f"{number} s with seed {seed}, {soak(number, seed):,} requests: nothing lost"
    return f"{number} kills with seed {seed}, {crash(number, seed):,} writes acknowledged: all of them in the journal"


if __name__ == "__main__":
    sys.exit(main())
