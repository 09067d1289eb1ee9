"""SDKs installed, each version in a folder of its own, from its lock."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from sdks.work import FOLDER, Sdk

# Where programs are built; git does not see it
BUILDS = FOLDER.parent / ".sdks"
# All that a program or an installer may know of this machine: no AWS variable that would choose a mode, no profile, no credentials
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_KEPT_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "GO", "CARGO_", "RUSTUP_", "MAVEN_", "SYSTEMROOT")
_DONE = ".installed"


class InstallError(Exception):
    """An SDK could not be installed; says which command failed, and how it ended."""


def clean_environment() -> dict[str, str]:
    """This process's environment without anything that an AWS SDK reads."""
    return {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}


def missing(sdk: Sdk) -> list[str]:
    """The programs that are not there and that this SDK needs."""
    return [program for program in sdk.needs if shutil.which(program) is None]


def build_of(sdk: Sdk, version: str, *, newest: bool = False) -> Path:
    """The folder that a version of an SDK, or its newest release, is installed in."""
    return BUILDS / (f"{sdk.name}-newest" if newest else f"{sdk.name}-{version}")


def install(sdk: Sdk, version: str, *, newest: bool = False) -> Path:
    """The folder in which the program of this version runs; with `newest` that of the newest release, whatever `version` is. What is
    installed already stays. Raises InstallError."""
    folder = build_of(sdk, version, newest=newest)
    sources = list(_sources(sdk, version))
    digest = _digest(sources, [*(sdk.newest if newest else sdk.install)])
    done = folder / _DONE
    if not newest and done.exists() and done.read_text("utf-8") == digest:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    done.unlink(missing_ok=True)
    for source, place in sources:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / place)
    for command in sdk.newest if newest else sdk.install:
        _run(command.format(python=sys.executable, version=version), folder)
    done.write_text(digest, "utf-8")
    return folder


def _sources(sdk: Sdk, version: str) -> Iterable[tuple[Path, Path]]:
    """(file, its place in the folder of the build): the program, and the lock of its version."""
    home = FOLDER / sdk.name
    for path in sorted(home.rglob("*")):
        place = path.relative_to(home)
        if path.is_file() and place.parts[0] == version:
            yield path, place.relative_to(version)
        elif path.is_file() and place.parts[0] not in sdk.versions:
            yield path, place


def _digest(sources: Iterable[tuple[Path, Path]], commands: list[str]) -> str:
    digest = hashlib.sha256("\n".join(commands).encode())
    for source, place in sources:
        digest.update(f"\n{place.as_posix()}\n".encode() + source.read_bytes())
    return digest.hexdigest()


def _run(command: str, folder: Path) -> None:
    ended = subprocess.run(shlex.split(command), cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise InstallError(f"{command}: exit {ended.returncode}\n{(ended.stderr or ended.stdout).strip()[-2000:]}")
