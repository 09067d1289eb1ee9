"""The recipes that need no download, run as their users would; the others are run by `make recipes`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import requests
import yaml

from emulator.cli.main import dynafault
from emulator.cli.run import OTHER_WAYS
from emulator.scenario import load_scenario
from emulator.server import Emulator

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "recipes"
OLD_SDKS = {"JavaScript v2": "js-v2/orders.test.js", "Java v1": "java-v1/src/test/java/OrdersTest.java", "Go v1": "go-v1/orders_test.go"}


def run(folder: str, *words: str) -> str:
    """What pytest says of a recipe in a process of its own."""
    done = subprocess.run([sys.executable, *words], cwd=RECIPES / folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_recipe_for_pytest() -> None:
    assert "2 passed" in run("pytest", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "-c", os.devnull, "test_orders.py")


def test_the_recipe_for_unittest() -> None:
    assert "Ran 1 test" in run("unittest", "-m", "unittest", "-v", "test_orders")


def loaded(name: str) -> Any:
    return yaml.safe_load((RECIPES / name).read_text("utf-8"))


def command_lines() -> list[str]:
    """What CI runs of ours."""
    steps = loaded("github/retries.yml")["jobs"]["retries"]["steps"]
    lines = [*(step.get("run", "") for step in steps), *loaded("gitlab/gitlab-ci.yml")["retries"]["script"]]
    return [line for line in lines if line.startswith("dynafault ")]


def test_what_ci_runs_is_accepted() -> None:
    lines = command_lines()
    assert len(lines) == 2
    for line in lines:
        name, *words = line.split()[1:]
        command = dynafault.get_command(click.Context(dynafault), name)
        assert command is not None
        context = command.make_context(name, words[: words.index("--")], obj=["true"])
        assert [load_scenario(scenario).name for scenario in context.params["scenarios"]] == ["Writes survive throttling"]


def test_the_probes_are_answered() -> None:
    (container,) = loaded("kubernetes/dynafault.yaml")["spec"]["containers"]
    with Emulator(container["args"][0], admin_token="secret") as emulator:
        for probe in ("readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] == container["ports"][0]["containerPort"]
            assert requests.get(emulator.url + container[probe]["httpGet"]["path"], timeout=60).status_code == 200


def test_the_services_of_compose_are_pointed_at_the_emulator() -> None:
    services = loaded("compose/docker-compose.yml")["services"]
    assert load_scenario(services["dynamodb"]["command"][0]).question
    assert services["tests"]["environment"]["AWS_ENDPOINT_URL_DYNAMODB"] == services["report"]["command"][1] == "http://dynamodb:8000"


def test_what_an_agent_s_host_starts_is_accepted() -> None:
    (server,) = json.loads((RECIPES / "mcp" / "servers.json").read_text("utf-8"))["mcpServers"].values()
    name, *words = server["args"]
    command = dynafault.get_command(click.Context(dynafault), name)
    assert command is not None
    assert command.make_context(name, words).params["url"] is None


def test_every_recipe_in_another_language_pins_what_it_needs() -> None:
    for path in RECIPES.glob("*/package.json"):
        assert all(version[0].isdigit() for version in json.loads(path.read_text("utf-8"))["devDependencies"].values()), path


@pytest.mark.parametrize("sdk", list(OLD_SDKS))
def test_an_old_sdk_is_named_with_what_it_takes(sdk: str) -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    assert f"\n| {sdk} | `" in page
    assert sdk in OTHER_WAYS
    assert "DYNAFAULT_URL" in OTHER_WAYS
    assert "DYNAFAULT_URL" in (RECIPES / OLD_SDKS[sdk]).read_text("utf-8")
