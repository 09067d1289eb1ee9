"""Lint, types, workflows and data: all that a change has to pass beside the tests. `make check` runs it, and on Windows nox.

    python tools/check.py

Every step runs, whatever those before it said; exits with 1 if one of them failed, and names it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github" / "workflows").glob("*.yml"))
# Where Go is there and actionlint is not, this version is built; it knows more than the schema does
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
BIN = Path(sys.executable).parent


def steps() -> Iterator[list[str]]:
    """The commands, in order."""
    python = sys.executable
    yield [python, "-m", "ruff", "format", "--check", "."]
    yield [python, "-m", "ruff", "check", "."]
    yield [python, "-m", "mypy"]
    yield [python, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS]
    actionlint = find_actionlint()
    if actionlint:
        yield [actionlint, *WORKFLOWS]
    yield [python, "tools/generate_services.py", "--check"]
    for page in sorted(ROOT.glob("tools/generate_*_page.py")):
        yield [python, str(page.relative_to(ROOT)), "--check"]
    yield [python, "-m", "dynafault", "check", "scenarios"]


def find_actionlint() -> str | None:
    """actionlint is no Python program: the one on PATH, or one that Go builds. Without either, the schema has to do."""
    found = shutil.which("actionlint") or shutil.which("actionlint", path=str(BIN))
    if found is None and shutil.which("go"):
        built = subprocess.run(
            ["go", "install", ACTIONLINT], env={**os.environ, "GOBIN": str(BIN)}, capture_output=True, text=True, check=False
        )
        found = shutil.which("actionlint", path=str(BIN))
        if built.returncode:
            print(f"actionlint could not be built: {built.stderr.strip()[-200:]}", flush=True)
    if found is None:
        print("actionlint is not here, nor Go to build it: the workflows are checked by their schema alone", flush=True)
    return found


def main() -> int:
    failed = []
    for command in steps():
        told = " ".join(command).replace(str(BIN) + os.sep, "")
        print(told, flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(told)
    for told in failed:
        print(f"failed: {told}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
