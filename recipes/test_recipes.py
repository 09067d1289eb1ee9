"""The recipes in other languages, run as their users would: `make recipes`. Their packages come from the registries, into .recipes/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HOME = Path(__file__).resolve().parent
BUILDS = HOME.parent / ".recipes"
# Seconds: the first download of a Maven project takes a while
PATIENCE = 900.0


class Recipe(NamedTuple):
    """A project; what is run before its tests, and what its tests are; how many attempts its write makes."""

    name: str
    prepare: tuple[str, ...]
    tests: tuple[str, ...]
    scenario: tuple[str, ...] = ("throttling/first-two-attempts",)
    attempts: int = 3


NPM = ("npm", "install", "--no-audit", "--no-fund", "--silent")
MAVEN = ("mvn", "-q", "-B")
RECIPES = (
    Recipe("jest", NPM, ("npx", "jest")),
    Recipe("vitest", NPM, ("npx", "vitest", "run", "--no-file-parallelism"), scenario=(), attempts=2),
    Recipe("js-v2", NPM, ("node", "--test")),
    Recipe("junit5", (*MAVEN, "test-compile"), (*MAVEN, "test")),
    Recipe("java-v1", (*MAVEN, "test-compile"), (*MAVEN, "test")),
    Recipe("go", ("go", "vet", "./..."), ("go", "test", "-count=1", "./...")),
    Recipe("go-v1", ("go", "vet", "./..."), ("go", "test", "-count=1", "./...")),
)

pytestmark = pytest.mark.timeout(2 * PATIENCE)


def call(words: tuple[str, ...], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_in_another_language(recipe: Recipe) -> None:
    program = recipe.prepare[0]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder = BUILDS / recipe.name
    shutil.copytree(HOME / recipe.name, folder, dirs_exist_ok=True)
    call(recipe.prepare, folder)
    call((sys.executable, "-m", "dynafault", "run", *recipe.scenario, "--json", "report.json", "--", *recipe.tests), folder)
    calls = json.loads((folder / "report.json").read_text("utf-8"))["calls"]
    assert [(one["operation"], one["attempts"], one["outcome"]) for one in calls] == [("PutItem", recipe.attempts, "success")]


def test_the_recipe_for_aiobotocore() -> None:
    """It pins a botocore of its own, and so has an environment of its own."""
    folder = BUILDS / "aiobotocore"
    shutil.copytree(HOME / "aiobotocore", folder, dirs_exist_ok=True)
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        call((sys.executable, "-m", "venv", "venv"), folder)
    call((str(python), "-m", "pip", "install", "--quiet", "aiobotocore==3.10.0", "pytest>=8", str(HOME.parent)), folder)
    call((str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir=.", "test_orders.py"), folder)
