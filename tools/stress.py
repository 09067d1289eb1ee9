"""Run the tests again and again on a machine that is kept busy, and name those that fail.

    python tools/stress.py                                   # everything, ten times
    python tools/stress.py --runs 3 --busy 8 -- tests/audit  # arguments of pytest behind "--"

Exits with 1 if any run failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
# Ends with its parent, however that ends
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))"


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def failures_of_run(arguments: Sequence[str], report: Path) -> list[str]:
    """One run of pytest: the names of the tests that failed, or what else became of it; empty if all is well."""
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    print(done.stdout, done.stderr, sep="\n", flush=True)
    return failed_tests(report) or [f"pytest ended with {done.returncode}"]


def failed_tests(report: Path) -> list[str]:
    """The tests with a failure or an error, each once, from a report as JUnit XML."""
    if not report.exists():
        return []
    cases = ElementTree.parse(report).iter("testcase")
    bad = (case for case in cases if case.find("failure") is not None or case.find("error") is not None)
    return list(dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in bad))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--busy", type=int, default=4, help="busy loops beside the tests")
    parser.add_argument("arguments", nargs="*", help="for pytest")
    options = parser.parse_args()
    failed: Counter[str] = Counter()
    bad_runs = 0
    with tempfile.TemporaryDirectory() as folder, busy_loops(options.busy):
        for number in range(1, options.runs + 1):
            began = time.monotonic()
            names = failures_of_run(options.arguments, Path(folder) / "report.xml")
            bad_runs += bool(names)
            failed.update(names)
            print(f"run {number} of {options.runs}: {', '.join(names) or 'passed'} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{options.runs - bad_runs} of {options.runs} runs passed")
    for name, times in failed.most_common():
        print(f"failed {times} times: {name}")
    return 1 if bad_runs else 0


if __name__ == "__main__":
    sys.exit(main())
