"""The documentation cannot lie: its scenarios load, its links lead somewhere, and nothing that users can ask for is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from emulator.cli.main import dynafault
from emulator.core import EmulatorCore
from emulator.scenario import load_scenario
from emulator.server.app import create_app

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scenarios").rglob("*.md")])
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(match[1], id=f"{page.name}:{page.read_text()[: match.start()].count(chr(10)) + 1}")
        for page in PAGES
        for match in re.finditer(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    ]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_fenced_scenario_loads(text: str) -> None:
    if "version: 1" in text:
        EmulatorCore(load_scenario(text), can_cut=True)
    else:
        assert yaml.safe_load(text)


@pytest.mark.parametrize("text", blocks("python"))
def test_fenced_python_compiles(text: str) -> None:
    compile(text, "documentation", "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("tool", sorted((ROOT / "tools").glob("generate_*_page.py")), ids=lambda tool: tool.stem)
def test_a_page_is_what_the_tables_say(tool: Path) -> None:
    checked = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_command_is_in_the_readme() -> None:
    names = dynafault.list_commands(click.Context(dynafault))
    assert not [name for name in names if f"dynafault {name}" not in README and f"make {name}" not in README]


def test_every_admin_route_is_in_the_readme() -> None:
    app = create_app(EmulatorCore())
    routes = {re.sub(r"<[^>]+>", "", rule.rule).rstrip("/") for rule in app.url_map.iter_rules() if rule.rule.startswith("/_emulator/")}
    assert not [route for route in routes - {"/_emulator"} if route not in README]


def test_every_layer_is_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    modules = [
        path for path in (ROOT / "emulator").iterdir() if path.suffix == ".py" and not path.stem.startswith("__") and path.stem != "version"
    ]
    packages = [path for path in (ROOT / "emulator").iterdir() if (path / "__init__.py").exists()]
    assert not [path.name for path in modules if f"`{path.name}`" not in page]
    assert not [path.name for path in packages if f"`{path.name}/`" not in page]


def test_the_changelog_begins_with_what_is_not_yet_released() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text()
