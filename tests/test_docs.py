"""The documentation cannot lie: its scenarios load, its links lead somewhere, and nothing that users can ask for is missing."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from packaging.version import Version

from emulator import __version__
from emulator.audit import VERDICTS
from emulator.aws.errors import CATALOGUE
from emulator.cli.main import dynafault
from emulator.core import EmulatorCore
from emulator.scenario import load_scenario
from emulator.scenario.fault import EFFECT_KEYS, FAULT_KEYS
from emulator.scenario.language import FILE, SECTIONS
from emulator.scenario.library import find_scenario
from emulator.server.app import create_app

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scenarios").rglob("*.md")])
README = (ROOT / "README.md").read_text()


# The top keys of other programs' files: compose, GitHub Actions (YAML reads its "on" as a truth value), GitLab, Kubernetes
OTHER_PROGRAMS = {"services", "configs", "jobs", True, "retries", "apiVersion", "kind", "metadata", "spec"}


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(match[1], id=f"{page.name}:{page.read_text()[: match.start()].count(chr(10)) + 1}")
        for page in PAGES
        for match in re.finditer(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    ]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_fenced_scenario_loads(text: str) -> None:
    """Parts of scenarios, too; what has other keys is a file for another program."""
    keys = set(yaml.safe_load(text))
    if keys & set(FILE.names):
        EmulatorCore(load_scenario(text if "version" in keys else f"version: 1\n{text}"), can_cut=True)
    else:
        assert keys <= OTHER_PROGRAMS


@pytest.mark.parametrize("text", blocks("console"))
def test_a_fenced_command_line_is_accepted(text: str) -> None:
    for line in re.findall(r"^\$ dynafault (.+)$", text, re.MULTILINE):
        words = shlex.split(line, comments=True)
        ours = words[: words.index("--")] if "--" in words else words
        if ours != ["--version"]:
            assert_accepted(*ours)


def assert_accepted(name: str, *arguments: str) -> None:
    command = dynafault.get_command(click.Context(dynafault), name)
    assert command is not None, name
    context = command.make_context(name, list(arguments), obj=["true"])
    for scenario in context.params.get("scenarios", ()):
        assert scenario.endswith(".yaml") or find_scenario(scenario).is_file(), scenario


@pytest.mark.parametrize("text", blocks("python"))
def test_fenced_python_compiles(text: str) -> None:
    compile(text, "documentation", "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", page.read_text()):
        found = page.parent / target if target else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), f"{target}#{anchor}"


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names that a page's headings go by."""
    return {anchor_of(heading) for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)}


def in_tables(page: str) -> set[tuple[str, str]]:
    """What the rows of a page's tables begin with, each below the anchor of its heading."""
    found = set()
    anchor = ""
    for heading, row in re.findall(r"^(?:#+ (.+)|\| `([^`]+)` \|.*)$", prose(ROOT / "docs" / page), re.MULTILINE):
        anchor = anchor_of(heading) if heading else anchor
        found.add((anchor, row))
    return found


def keys_of_the_language() -> set[tuple[str, str]]:
    effects = {key.name for key in EFFECT_KEYS}
    sections = {name: "effects" if name in effects else "modifiers" for name in (key.name for key in FAULT_KEYS)}
    return {
        (sections.get(key.name, "") if section.slug == "a-fault" else section.slug, key.name)
        for section in SECTIONS
        for key in section.keys
    }


def errors() -> set[tuple[str, str]]:
    sections = {"dynamodb": "dynamodb", "streams": "dynamodb-streams", "backup-gateway": "aws-backup-gateway", "backup": "aws-backup"}
    return {(f"errors-of-{sections[service]}", name) for service, name in CATALOGUE}


def flags() -> set[tuple[str, str]]:
    context = click.Context(dynafault)
    commands = {name: dynafault.get_command(context, name) for name in dynafault.list_commands(context)}
    return {
        (f"dynafault-{name}", flag)
        for name, command in commands.items()
        if command is not None
        for option in command.params
        for flag in option.opts
        if flag.startswith("--")
    }


def routes() -> set[tuple[str, str]]:
    found = set()
    for rule in create_app(EmulatorCore()).url_map.iter_rules():
        path = re.sub(r"<(?:[a-z]+:)?([^>]+)>", r"{\1}", rule.rule)
        # Two of them are the answer to what is not there
        if path.startswith("/_emulator/") and path not in ("/_emulator/", "/_emulator/{path}"):
            found |= {("admin-api", f"{method} {path}") for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def verdicts() -> set[tuple[str, str]]:
    return {(anchor_of(f"{verdict.id} {verdict.title}"), "") for verdict in VERDICTS.values()}


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        pytest.param("scenarios.md", keys_of_the_language(), id="keys"),
        pytest.param("scenarios.md", errors(), id="errors"),
        pytest.param("reference.md", flags(), id="flags"),
        pytest.param("reference.md", routes(), id="routes"),
        pytest.param("verdicts.md", verdicts(), id="verdicts"),
    ],
)
def test_nothing_is_missing_from_the_documentation(page: str, wanted: set[tuple[str, str]]) -> None:
    # An option's row shows its value behind it
    there = {(anchor, row.split()[0].rstrip(",") if row.startswith("--") else row) for anchor, row in in_tables(page)}
    assert len(wanted) >= 15
    assert sorted(wanted - there) == [], f"missing from docs/{page}"


def test_every_option_is_explained() -> None:
    context = click.Context(dynafault)
    commands = [dynafault.get_command(context, name) for name in dynafault.list_commands(context)]
    options = [option for command in commands if command for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("tool", sorted((ROOT / "tools").glob("generate_*_page.py")), ids=lambda tool: tool.stem)
def test_a_page_is_what_the_tables_say(tool: Path) -> None:
    checked = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert checked.returncode == 0, checked.stderr


def test_every_command_is_in_the_readme() -> None:
    names = dynafault.list_commands(click.Context(dynafault))
    assert not [name for name in names if f"dynafault {name}" not in README and f"make {name}" not in README]


def test_the_routes_in_the_readme_are_there() -> None:
    """All of them are in docs/reference.md."""
    shown = {
        (method, re.sub(r"/[A-Z]+$", "/{}", path))
        for row in re.findall(r"^\| (`(?:GET|POST|PUT|PATCH|DELETE)\b.*?) \|", README, re.MULTILINE)
        for methods, path in re.findall(r"((?:`[A-Z]+`, )*`[A-Z]+) (/_emulator/[^`]*)`", row)
        for method in re.findall(r"[A-Z]+", methods)
    }
    there = {tuple(re.sub(r"\{\w+\}$", "{}", route).split(" ")) for _, route in routes()} | {("GET", "/_emulator/")}
    assert len(shown) >= 15
    assert sorted(shown - there) == []


def test_every_layer_is_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    modules = [
        path for path in (ROOT / "emulator").iterdir() if path.suffix == ".py" and not path.stem.startswith("__") and path.stem != "version"
    ]
    packages = [path for path in (ROOT / "emulator").iterdir() if (path / "__init__.py").exists()]
    assert not [path.name for path in modules if f"`{path.name}`" not in page]
    assert not [path.name for path in packages if f"`{path.name}/`" not in page]


def test_every_version_in_the_changelog_has_a_date_and_the_newest_comes_first() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "\n<!-- towncrier release notes start -->\n" in text
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    found = [re.fullmatch(r"(\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)", heading) for heading in headings]
    assert all(found), headings
    versions = [Version(match[1]) for match in found if match]
    assert versions == sorted(versions, reverse=True)
    assert versions[0] <= Version(__version__)


@pytest.mark.parametrize("fragment", sorted((ROOT / "changes").glob("[!R]*")), ids=lambda path: path.name)
def test_a_fragment_is_of_a_known_type_and_tells_something(fragment: Path) -> None:
    types = re.findall(r'\[\[tool\.towncrier\.type]]\ndirectory = "(\w+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert re.fullmatch(rf"\+[\w-]+\.({'|'.join(types)})\.md", fragment.name)
    assert fragment.read_text("utf-8").strip().endswith(".")
