"""What a server loads until it is ready, and has answered its first health check: each module takes its time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from urllib.request import urlopen

import pytest

from emulator import __version__

# Of the packages that it depends on, those without which no request can be answered or no scenario read
NEEDED = {"click", "httptools", "jmespath", "orjson", "sortedcontainers", "yaml"}
# Measuring coverage begins with the interpreter
OURS = {"coverage", "dynafault_dataclass", "dynafault_time", "emulator", "sitecustomize", "usercustomize"}
# Rooms and files of ours that nobody needs before somebody asks for what they do
LATER = (
    "emulator.audit",
    "emulator.backends.backup",
    "emulator.backends.backup_gateway",
    "emulator.backends.dynamodb.partiql",
    "emulator.backends.upstream",
    "emulator.explore",
    "emulator.journal.disk",
    "emulator.report",
    "emulator.sdks.measured",
    "emulator.server.admin.client",
    "emulator.server.admin.routes",
    "emulator.server.app",
    "emulator.server.fast_time",
    "emulator.server.page",
    "emulator.server.watching",
    "emulator.wire.rest_json",
    "emulator.wire.rpc_v2_cbor",
)
# Of the standard library, large ones that one import too many would bring
LARGE = {
    "ctypes",
    "difflib",
    "email.message",
    "http.client",
    "multiprocessing",
    "pickle",
    "sqlite3",
    "statistics",
    "tempfile",
    "unittest",
    "xml",
}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a server with a scenario, by Python's own account of imports."""
    command = [sys.executable, "-X", "importtime", "-m", "emulator", "serve", "--port", "0", "throttling/first-two-attempts"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().split()[-1]
            with urlopen(f"{url}/_emulator/health", timeout=30) as answer:
                assert answer.status == 200
        finally:
            server.terminate()
        _, account = server.communicate()
    return modules_in(account)


def test_of_other_packages_only_those_are_loaded_that_every_server_needs(loaded: set[str]) -> None:
    strange = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - OURS
    # What was looked for in vain stands in the account, too
    assert {name for name in strange if not name.startswith("_") and importlib.util.find_spec(name)} == NEEDED


@pytest.mark.parametrize("module", LATER)
def test_what_few_ask_for_is_loaded_when_they_ask(loaded: set[str], module: str) -> None:
    assert importlib.util.find_spec(module) is not None
    assert not [name for name in loaded if name == module or name.startswith(f"{module}.")]


def test_large_modules_of_python_are_not_loaded(loaded: set[str]) -> None:
    assert loaded & LARGE == set()


def test_the_version_is_told_without_an_emulator() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "emulator", "--version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout == f"dynafault, version {__version__}\n"
    assert not [name for name in modules_in(told.stderr) if name.startswith(("emulator.scenario", "emulator.server"))]


def modules_in(account: str) -> set[str]:
    return {line.rpartition("|")[2].strip() for line in account.splitlines() if line.startswith("import time:")}
