"""The wheel as users get it: built from the source distribution, installed without a compiler into environments that have nothing else.

Dependencies come from the package index, in the locked versions.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from dynafault import __version__

ROOT = Path(__file__).resolve().parent.parent
# An environment takes ten seconds or more to make, and much longer on a busy machine; so each is made by one test, which asks it everything
pytestmark = pytest.mark.timeout(600)

NO_NETWORK = re.compile("Failed to establish a new connection|name resolution|Failed to resolve|ConnectTimeout")

CLIENT = """
import json, os, requests, time

url = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
head = {"X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x",
        "X-Amz-Date": "20260101T000000Z"}
body = {"TableName": "orders", "Item": {"customer": {"S": "ada"}, "order": {"N": "1"}}}
seen = [requests.post(url, json.dumps(body), headers=head).status_code]
for wait in (0.1, 0.3):
    time.sleep(wait)
    seen.append(requests.post(url, json.dumps(body), headers=head).status_code)
print(seen)
"""

ORDERS_TEST = """
import boto3
import emulator

def test_the_project_has_its_own_package():
    assert emulator.OWN

def test_orders(dynafault):
    boto3.client("dynamodb").list_tables()
"""


def run(*command: str | Path, cwd: Path, expected: int = 0, **environment: str) -> str:
    """What a command wrote, to both streams; it must end with `expected`. It sees nothing of the environment of these tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "VIRTUAL_ENV", "COV"))}
    done = subprocess.run(
        command, cwd=cwd, env={**inherited, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == expected, done.stdout
    return done.stdout


class Environment:
    """A virtual environment."""

    def __init__(self, folder: Path) -> None:
        run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self.folder = folder

    def python(self, *words: str | Path, cwd: Path, expected: int = 0, **environment: str) -> str:
        return run(self.bin / "python", *words, cwd=cwd, expected=expected, **environment)

    def dynafault(self, *words: str | Path, cwd: Path, expected: int = 0, **environment: str) -> str:
        return run(self.bin / "dynafault", *words, cwd=cwd, expected=expected, **environment)

    def install(self, *requirements: str) -> None:
        """In the locked versions, and nothing that would have to be compiled."""
        pins = self.folder / "pins.txt"
        lock = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
        pins.write_text("\n".join(re.findall(r"^([\w.-]+==[^\\\n]+)", lock, re.MULTILINE)))
        command = [str(self.bin / "python"), "-m", "pip", "install", "--only-binary", ":all:", "--constraint", str(pins), *requirements]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if NO_NETWORK.search(done.stderr + done.stdout) and not os.environ.get("CI"):
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stderr


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder with the source distribution and the wheel."""
    folder = tmp_path / "dist"
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=tmp_path)
    return folder


@pytest.fixture
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a package `emulator` of its own, and tests that use the plugin."""
    folder = tmp_path / "project"
    own = folder / "emulator"
    own.mkdir(parents=True)
    own.joinpath("__init__.py").write_text("OWN = True\n")
    folder.joinpath("test_orders.py").write_text(ORDERS_TEST)
    return folder


def test_the_archives_hold_what_they_should(built: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = {"dynafault", "dynafault_dataclass", "dynafault_time", "emulator"}
    assert {name.partition("/")[0] for name in names} == packages | {f"dynafault-{__version__}.dist-info"}
    shipped = {f"emulator/shipped_scenarios/{path.relative_to(ROOT / 'scenarios').as_posix()}" for path in ROOT.glob("scenarios/*/*.yaml")}
    assert shipped <= names
    beside = {path.relative_to(ROOT).as_posix() for ending in ("css", "html", "js", "svg") for path in ROOT.glob(f"emulator/**/*.{ending}")}
    assert beside
    assert beside <= names
    # Type checkers look into a package only where it says that it is typed
    assert {name.partition("/")[0] for name in names if name.endswith("/py.typed")} == packages
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        members = {name.partition("/")[2] for name in source.getnames()}
    assert {"noxfile.py", "requirements/dev.txt", "tests/conftest.py", "LICENSE", "CHANGELOG.md", "Makefile"} <= members


def test_the_wheel_alone(wheel: Path, project: Path, tmp_path: Path) -> None:
    bare = Environment(tmp_path / "venv")
    bare.install(str(wheel))
    assert_nothing_is_missing(bare, tmp_path)
    assert_a_program_is_run_against_a_shipped_scenario(bare, tmp_path)
    assert "pip install boto3" in bare.dynafault("demo", cwd=tmp_path, expected=2)
    assert_the_command_says_who_hides_it(bare, project)


def test_the_wheel_beside_pytest(wheel: Path, project: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install(f"{wheel}[demo]", "pytest")
    assert "verdict: pass" in environment.dynafault("demo", cwd=tmp_path)
    assert_the_plugin_loads_and_the_fixture_says_who_hides_it(environment, project)
    tmp_path.joinpath("test_orders.py").write_text(ORDERS_TEST.replace("assert emulator.OWN", "assert emulator.Emulator"))
    assert "2 passed" in environment.python("-m", "pytest", "-q", "test_orders.py", cwd=tmp_path)


def assert_nothing_is_missing(bare: Environment, tmp_path: Path) -> None:
    bare.python("-m", "pip", "check", cwd=tmp_path)
    source = "import importlib, pkgutil, emulator\n"
    source += "for module in pkgutil.walk_packages(emulator.__path__, 'emulator.'):\n"
    source += "    if not module.name.endswith('__main__'): importlib.import_module(module.name)\n"
    source += "from dynafault import Emulator, EmulatorError, ScenarioError, load_scenario\n"
    bare.python("-W", "error", "-c", source, cwd=tmp_path)


def assert_a_program_is_run_against_a_shipped_scenario(bare: Environment, tmp_path: Path) -> None:
    assert bare.dynafault("--version", cwd=tmp_path) == f"dynafault, version {__version__}\n"
    tmp_path.joinpath("client.py").write_text(CLIENT)
    words = ("run", "throttling/first-two-attempts", "--json", "report.json", "--html", "report.html", "--junit", "report.xml")
    seen = bare.dynafault(*words, "--", bare.bin / "python", "client.py", cwd=tmp_path)
    assert "[400, 400, 200]" in seen
    assert "#3 200" in seen
    assert all(tmp_path.joinpath(f"report.{form}").stat().st_size for form in ("json", "html", "xml"))


def assert_the_plugin_loads_and_the_fixture_says_who_hides_it(environment: Environment, project: Path) -> None:
    seen = environment.python("-m", "pytest", "-q", cwd=project, expected=1)
    assert "1 passed, 1 error" in seen
    hidden = f"{project / 'emulator'} hides the package 'emulator' of dynafault"
    assert next(line for line in seen.splitlines() if hidden in line).startswith(hidden)
    assert "Traceback" not in seen


def assert_the_command_says_who_hides_it(bare: Environment, project: Path) -> None:
    seen = bare.python("-m", "dynafault", "--version", cwd=project, expected=2)
    assert seen.startswith(f"dynafault: {project / 'emulator'} hides the package 'emulator' of dynafault")
    assert seen.count("\n") == 1
    assert "version" in bare.dynafault("--version", cwd=project)


def test_the_image_is_built_from_all_that_the_wheel_is_made_of() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    wheel = re.search(r"\[tool\.hatch\.build\.targets\.wheel\]\npackages = \[(.*)\]", project)
    assert wheel is not None
    parts = {*re.findall(r'"(\w+)"', wheel[1]), *re.findall(r'^"(\w+)" = "emulator/', project, re.MULTILINE)}
    assert {"dynafault", "emulator", "scenarios"} < parts
    copied = {
        word for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if line.startswith("COPY ") for word in line.split()[1:-1]
    }
    assert parts <= copied
    admitted = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied - {"--from=build", "/opt/dynafault"} <= admitted
