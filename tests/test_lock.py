"""The locks pin what pyproject.toml asks for, each version with its hashes, and name no place to get it from."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("build", "dev", "runtime", "tools")


def text(name: str) -> str:
    return (LOCKS / f"{name}.txt").read_text("utf-8")


def pins(name: str) -> dict[str, set[str]]:
    """Distribution -> its versions: one, or some for different Pythons."""
    found: dict[str, set[str]] = {}
    for distribution, version in re.findall(r"^([\w.-]+)==(\S+)", text(name), re.MULTILINE):
        found.setdefault(canonicalize_name(distribution), set()).add(version)
    return found


@pytest.mark.parametrize(("name", "extras"), [("runtime", ["", "upstream"]), ("dev", ["", "demo", "mcp", "test"])])
def test_every_dependency_is_pinned_within_its_range(name: str, extras: list[str]) -> None:
    locked = pins(name)
    for requirement in map(Requirement, importlib.metadata.requires("dynafault") or ()):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            versions = locked[canonicalize_name(requirement.name)]
            assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_hashes_and_nothing_else_is_asked_for(name: str) -> None:
    for entry in re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text(name), flags=re.MULTILINE).strip()):
        assert re.fullmatch(r"[\w.-]+==[^\s;]+( ;[^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry), entry[:100]


@pytest.mark.parametrize("name", ["build", "runtime"])
def test_what_is_shipped_is_pinned_as_it_is_tested(name: str) -> None:
    tested = pins("dev")
    assert all(versions <= tested[distribution] for distribution, versions in pins(name).items())


def test_the_tools_fit_into_the_same_environment() -> None:
    tested, tools = pins("dev"), pins("tools")
    assert all(tools[distribution] <= tested[distribution] for distribution in tools.keys() & tested.keys())
