"""Lint, types, workflows and data: all that a change has to pass beside the tests. `make check` runs it, and on Windows nox.

    python tools/check.py                    # everything
    python tools/check.py pages scenarios    # these parts: style, types, workflows, data, pages, scenarios

Every step runs, whatever those before it said; exits with 1 if one of them failed, and names it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Where Go is there and actionlint is not, this version is built; it knows more than the schema does
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

# Schemas that come with check-jsonschema -> the files that they describe
SCHEMAS = {
    "github-workflows": (".github/workflows/*.yml", "recipes/github/*.yml"),
    "github-issue-forms": (".github/ISSUE_TEMPLATE/[!c]*.yml",),
    "github-issue-config": (".github/ISSUE_TEMPLATE/config.yml",),
    "compose-spec": ("docker-compose.yml", "recipes/compose/*.yml"),
    "gitlab-ci": ("recipes/gitlab/*.yml",),
}

Steps = Iterator[list[str]]


def style() -> Steps:
    yield python("-m", "ruff", "format", "--check", ".")
    yield python("-m", "ruff", "check", ".")


def types() -> Steps:
    yield python("-m", "mypy")
    # What users are shown has to pass as theirs does, which has none of our exceptions for tests
    yield python("-m", "mypy", "--strict", "--config-file=", "tests/examples")


def workflows() -> Steps:
    """What other programs read here: workflows, issue forms, compose files."""
    for schema, patterns in SCHEMAS.items():
        yield python("-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files(*patterns))
    actionlint = find_actionlint()
    if actionlint:
        yield [actionlint, *files(*SCHEMAS["github-workflows"])]


def data() -> Steps:
    yield python("tools/generate_services.py", "--check")


def pages() -> Steps:
    for page in files("tools/generate_*_page.py"):
        yield python(page, "--check")


def scenarios() -> Steps:
    yield python("-m", "dynafault", "check", "scenarios")


PARTS: dict[str, Callable[[], Steps]] = {part.__name__: part for part in (style, types, workflows, data, pages, scenarios)}


def files(*patterns: str) -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def find_actionlint() -> str | None:
    """actionlint is no Python program: the one on PATH, or one that Go builds. Without either, the schema has to do."""
    path = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
    found = shutil.which("actionlint", path=path)
    if found is None and shutil.which("go"):
        environment = {**os.environ, "GOBIN": str(BIN)}
        built = subprocess.run(["go", "install", ACTIONLINT], env=environment, capture_output=True, text=True, check=False)
        if built.returncode:
            print(f"actionlint could not be built: {built.stderr.strip()[-200:]}", flush=True)
        found = shutil.which("actionlint", path=path)
    if found is None:
        print("no actionlint, and no Go to build it: the workflows are checked by their schema alone", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="all of them if none is named")
    wanted = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    failed = []
    for part in wanted:
        for command in PARTS[part]():
            told = " ".join(command).replace(f"{BIN}{os.sep}", "")
            print(told, flush=True)
            if subprocess.run(command, cwd=ROOT, check=False).returncode:
                failed.append(told)
    for told in failed:
        print(f"failed: {told}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
