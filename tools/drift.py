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
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from generate_services import FOLDER, SOURCES, render
from model_changes import model_changes
from packaging.requirements import Requirement

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "dev.txt"
_MAX_NAMED = 5
_PIN = re.compile(r"^([\w.-]+==[^\\\n]+)", re.MULTILINE)


def main() -> int:
    moved = list(moved_distributions(LOCK.read_text("utf-8")))
    tell("Newer or other distributions than the locked ones", moved)
    changes = sum(map(tell_changes, SOURCES))
    failed = failed_tests(sys.argv[1:])
    on = f"on {', '.join(moved)}" if moved else "on the locked versions, which are the newest"
    if failed:
        named = ", ".join(failed[:_MAX_NAMED]) + (f" and {len(failed) - _MAX_NAMED} more" if len(failed) > _MAX_NAMED else "")
        print(f"drift: red {on}: {named}")
        return 1
    print(f"drift: green {on}: the tests pass; changes in the service models: {changes}")
    return 0


def failed_tests(arguments: list[str]) -> list[str]:
    """Run the tests. What failed, by name; what pytest ended with where it ran none."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        status = subprocess.run([sys.executable, "-m", "pytest", f"--junit-xml={results}", *arguments], check=False).returncode
        cases = ElementTree.parse(results).iter("testcase") if results.exists() else ()
        failed = [
            f"{case.get('classname')}.{case.get('name')} failed"
            for case in cases
            if case.find("failure") is not None or case.find("error") is not None
        ]
    return failed or ([f"pytest ended with {status}"] if status else [])


def tell_changes(service: str) -> int:
    """Say what has changed in a service's model; how many changes those are."""
    old = json.loads((FOLDER / f"{service}.json").read_text("utf-8"))
    found = model_changes(old, json.loads(render(service)))
    tell(f"Changes in the model of {service} since botocore {old['botocore']}", found)
    return len(found)


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
