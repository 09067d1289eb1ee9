"""What needs environments of its own: the matrix of Pythons and dependency versions, drift, the locks; and, on Windows, the rest too.

    nox -s tests                       # every declared Python that is there, with the lowest, the locked and the newest versions
    nox -s "tests-3.12(locked)" -- tests/test_calls.py
    nox -s demo check dist             # what the make targets of these names do

Environments are made with uv, which comes with requirements/tools.txt.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "requirements"
FACTS = nox.project.load_toml("pyproject.toml")
DECLARED = nox.project.python_versions(FACTS)
# Not declared before somebody has run them; a workflow does
COMING = ["3.14", "3.15"]
PROJECT = ".[demo,test]"

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["check", "tests"]


def _show_every_pyenv_version() -> None:
    """pyenv shows only the chosen versions on PATH; the others are there as well."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    known = [folder.name for folder in sorted(versions.glob("3.*")) if int(folder.name.split(".")[1]) >= 10]
    current = ".".join(map(str, sys.version_info[:3]))
    if shutil.which("pyenv") and known:
        os.environ.setdefault("PYENV_VERSION", ":".join(sorted(known, key=lambda name: name != current)))


_show_every_pyenv_version()


def _install_locked(session: nox.Session) -> None:
    session.install("--require-hashes", "--requirement", str(LOCKS / "dev.txt"))
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")


@nox.session(python=[*DECLARED, *COMING])
@nox.parametrize("versions", [nox.param(name, id=name) for name in ("lowest", "locked", "newest")])
def tests(session: nox.Session, versions: str) -> None:
    """The tests, with the lowest declared, the locked or the newest versions."""
    if versions == "locked":
        _install_locked(session)
    elif versions == "lowest":
        session.install("--resolution", "lowest-direct", "--editable", PROJECT)
    else:
        session.install("--upgrade", "--editable", PROJECT)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def drift(session: nox.Session) -> None:
    """What has changed in the newest botocore and the other dependencies, and whether the tests pass on them."""
    session.install("--upgrade", "--refresh", "--editable", PROJECT)
    session.run("python", "tools/drift.py", *session.posargs)


@nox.session
def check(session: nox.Session) -> None:
    """Lint, types and data."""
    _install_locked(session)
    session.run("python", "tools/check.py")


@nox.session
def demo(session: nox.Session) -> None:
    """A real boto3 client is throttled, retries, succeeds, and is judged."""
    _install_locked(session)
    session.run("dynafault", "demo")


@nox.session
def dist(session: nox.Session) -> None:
    """The source distribution and the wheel, in dist/."""
    _install_locked(session)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--no-isolation")


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """The locks in requirements/, from pyproject.toml; with `-- --upgrade`, to the newest versions."""
    upgrade = [word for word in session.posargs if word == "--upgrade"]
    project = ["pyproject.toml"]
    dev = "requirements/dev.txt"
    _compile(session, dev, [*project, "--extra", "demo", "--extra", "mcp", "--extra", "test", "--group", "dev", *upgrade])
    as_tested = ["--constraints", dev]
    _compile(session, "requirements/runtime.txt", [*project, "--extra", "upstream", *as_tested])
    backend = Path(session.create_tmp()) / "build.in"
    backend.write_text("\n".join(FACTS["build-system"]["requires"]))
    _compile(session, "requirements/build.txt", [str(backend), *as_tested])
    _compile(session, "requirements/tools.txt", ["--group", "tools", *as_tested, *upgrade])


def _compile(session: nox.Session, target: str, sources: list[str]) -> None:
    how = ["--universal", "--python-version", DECLARED[0], "--generate-hashes", "--no-annotate", "--no-emit-index-url", "--quiet"]
    environment = {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    session.run(sys.executable, "-m", "uv", "pip", "compile", *sources, *how, "--output-file", target, env=environment, external=True)
