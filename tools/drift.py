"""What the installed dependencies, the newest ones under `make drift`, change: distributions, service models, and the tests' verdict.

    python tools/drift.py [ARGUMENTS OF PYTEST]

Exits with 1 if the tests fail on them. A changed model is news and no failure. The last line says which of the two it is, and why.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from generate_services import FOLDER, SOURCES, render
from model_changes import model_changes
from packaging.requirements import Requirement

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "dev.txt"
_PIN = re.compile(r"^([\w.-]+==[^\\\n]+)", re.MULTILINE)


def main() -> int:
    moved = list(moved_distributions(LOCK.read_text("utf-8")))
    tell("Newer or other distributions than the locked ones", moved)
    changes = 0
    for service in SOURCES:
        old = json.loads((FOLDER / f"{service}.json").read_text("utf-8"))
        tell(
            f"Changes in the model of {service} since botocore {old['botocore']}",
            (found := model_changes(old, json.loads(render(service)))),
        )
        changes += len(found)
    tests = subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], check=False)
    on = f"on {', '.join(moved)}" if moved else "on the locked versions, which are the newest"
    if tests.returncode:
        print(f"drift: red: the tests fail (pytest ended with {tests.returncode}) {on}")
        return 1
    print(f"drift: green: the tests pass {on}; changes in the service models: {changes}")
    return 0


def moved_distributions(lock: str) -> Iterator[str]:
    """ "botocore 1.44.8 -> 1.44.9" for each installed distribution that the lock has in another version."""
    for text in _PIN.findall(lock):
        pin = Requirement(text)
        if pin.marker is None or pin.marker.evaluate():
            locked = str(pin.specifier).removeprefix("==")
            try:
                installed = importlib.metadata.version(pin.name)
            except importlib.metadata.PackageNotFoundError:
                continue
            if installed != locked:
                yield f"{pin.name} {locked} -> {installed}"


def tell(title: str, lines: list[str]) -> None:
    print(f"{title}:{'' if lines else ' none'}")
    for line in lines:
        print(f"  {line}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
