"""The shape of the code: imports point down, outside modules have owners, files and functions stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dynafault
import emulator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "emulator"
FILES = sorted(PACKAGE.rglob("*.py"))
# What users import, and what pytest loads: it stands on `emulator`, which may be hidden by a stranger's package of that name
PUBLIC = sorted((ROOT / "dynafault").glob("*.py"))
# What is loaded into the programs of users, whatever else they have or lack
LOADED = sorted((ROOT / "dynafault_time").rglob("*.py"))
# Below everything else
LIBRARY = sorted((ROOT / "dynafault_dataclass").glob("*.py"))

# What may import what: a module imports from lower layers, and within its own package
_BOTTOM_UP = (
    ("version",),
    ("clock",),
    ("aws",),
    ("messages",),
    ("sdks",),
    ("scenario", "wire"),
    ("backends",),
    ("faults",),
    ("journal",),
    ("audit",),
    ("report",),
    ("run",),
    ("core",),
    ("server",),
    ("explore",),
    ("",),
    ("cli",),
    ("__main__",),
)
LAYERS = {name: height for height, names in enumerate(_BOTTOM_UP) for name in names}

# Outside modules, and the only places that may import them
OWNERS: dict[str, tuple[str, ...]] = {
    "aiohttp": ("backends.upstream.transport",),
    "asyncio": ("server", "clock", "backends.upstream"),
    "boto3": ("cli.demo",),
    "cbor2": ("wire.rpc_v2_cbor",),
    "click": ("cli",),
    "flask": ("server.app", "server.admin", "server.page"),
    "jinja2": ("report.formats.html", "server.page.routes"),
    "httptools": ("server.http1",),
    "mcp": ("cli.mcp",),
    "prometheus_client": ("server.admin.metrics",),
    "pytest": (),
    "requests": ("server.admin.client", "cli.init"),
    "rich": ("report.formats.text", "explore.formats.text", "cli.watch", "cli.explore"),
    "secrets": ("core", "run", "server.programs", "server.running"),
    "socket": ("server",),
    "sortedcontainers": ("backends.dynamodb",),
    "subprocess": ("cli", "explore.program"),
    "time": ("clock",),
    "werkzeug": ("server.admin", "server.app"),
    "yaml": ("scenario.nodes", "scenario.hiding"),
}
NEVER = ("botocore",)

MAX_FILE = 500
MAX_FUNCTION = 60


def module_of(path: Path) -> str:
    """ "server.http" for emulator/server/http.py, "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, with its line; those for type checkers alone too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def is_within(module: str, owner: str) -> bool:
    return module == owner or module.startswith(f"{owner}.")


def test_the_top_level_is_seven_modules_and_the_folders_of_the_layers() -> None:
    modules = {"__init__", "__main__", "clock", "core", "messages", "run", "version"}
    assert {path.stem for path in PACKAGE.glob("*.py")} == modules
    folders = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert folders == LAYERS.keys() - modules - {""}


def test_every_module_has_a_layer_and_says_what_it_is() -> None:
    assert not [path for path in FILES if module_of(path).partition(".")[0] not in LAYERS]
    assert not [path for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))]


def test_imports_point_down() -> None:
    offences = []
    for path in FILES:
        home = module_of(path).partition(".")[0]
        for name, line in imports_of(path):
            if name.startswith("emulator."):
                other = name.split(".")[1]
                other = other if other in LAYERS else ""
                if other != home and LAYERS[other] >= LAYERS[home]:
                    offences.append(f"{path}:{line}: {home or 'emulator'} must not import {name}")
    assert not offences


def _imported_files() -> dict[str, set[str]]:
    """Which files each file imports, within the package."""
    files = {module_of(path): path for path in FILES}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        found = {module.removeprefix("emulator").lstrip(".") for module, _ in imports_of(path) if is_within(module, "emulator")}
        graph[name] = {one if one in files else one.rpartition(".")[0] for one in found} - {name}
    return graph


def test_no_files_import_each_other_in_a_circle() -> None:
    """Neither at run time nor for types alone."""
    graph = _imported_files()
    left = dict(graph)
    while leaves := [name for name, imported in left.items() if not imported & left.keys()]:
        for name in leaves:
            del left[name]
    # What is left stands in a circle, or above one
    assert not left, f"a circle among {sorted(left)}"


def test_a_circle_is_seen() -> None:
    assert "core" in _imported_files()["server.connection"]
    assert "faults.rule_set" in _imported_files()["faults"]


def test_outside_modules_have_owners() -> None:
    offences = []
    for path in FILES:
        for name, line in imports_of(path):
            top = name.partition(".")[0]
            owners = OWNERS.get(top)
            if top in NEVER or (owners is not None and not any(is_within(module_of(path), owner) for owner in owners)):
                offences.append(f"{path}:{line}: {top} belongs to {owners or 'nobody at run time'}")
    assert not offences


def test_the_public_package_is_loaded_without_the_emulator() -> None:
    modules = [f"dynafault.{path.stem}" for path in PUBLIC if path.stem != "__init__"]
    source = f"import sys, {', '.join(modules)}\nprint([name for name in sys.modules if name.partition('.')[0] == 'emulator'])"
    assert subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_what_is_loaded_into_programs_needs_nothing_but_python_and_time_machine() -> None:
    known = sys.stdlib_module_names | {"time_machine", "dynafault_time"}
    offences = [f"{path}:{line}: {name}" for path in LOADED for name, line in imports_of(path) if name.partition(".")[0] not in known]
    assert not offences
    assert not [path for path in LOADED if not ast.get_docstring(ast.parse(path.read_text()))]


def test_the_library_stands_on_python_alone() -> None:
    offences = [
        f"{path}:{line}: {name}"
        for path in LIBRARY
        for name, line in imports_of(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not offences


def test_the_public_names_are_those_of_the_emulator() -> None:
    assert dynafault.__all__ == emulator.__all__
    assert all(getattr(dynafault, name) is getattr(emulator, name) for name in dynafault.__all__)
    with pytest.raises(AttributeError, match="'dynafault' has no attribute 'core'"):
        _ = dynafault.core


def test_files_and_functions_stay_small() -> None:
    offences = []
    for path in [*FILES, *PUBLIC, *LOADED, *LIBRARY]:
        text = path.read_text()
        if len(text.splitlines()) > MAX_FILE:
            offences.append(f"{path}: a cut is missing")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > MAX_FUNCTION:
                    offences.append(f"{path}:{node.lineno}: {node.name} has {size} lines")
    assert not offences


# Two languages have these, each of its own
PARALLEL = {"Cursor", "Token"}


def test_a_class_has_its_name_for_itself() -> None:
    places: dict[str, set[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, set()).add(module_of(path))
    twice = {name: sorted(modules) for name, modules in places.items() if len(modules) > 1 and name not in PARALLEL}
    assert not twice


def test_dataclasses_are_made_quickly() -> None:
    """The standard library's take long to make, and there are hundreds."""
    assert not [path for path in FILES for name, _ in imports_of(path) if name == "dataclasses.dataclass"]


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "misc", "manager"}
    assert not [path for path in FILES if path.stem in drawers]
