"""The image that ours is built upon: the published one, or where no image registry is reachable, one with the same Python that
debootstrap makes.

The latter takes over this machine's pip settings and certificates, so that pip reaches the package index from inside as it does outside.
It has a name of its own, and never stands in for the published one elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUBSTITUTE = "dynafault-substitute-base"
# The Debian release whose Python is that of the published image
_RELEASE = "trixie"
_PACKAGES = ("ca-certificates", "python-is-python3", "python3-pip", "python3-venv")
_PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "cert")
_CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_PULL_TIMEOUT = 120.0


class Missing(Exception):
    """What this machine lacks, and what to do about it."""


def base_image() -> str:
    """The name of an image to build upon; makes it where need be. Raises Missing."""
    published = published_base()
    if _has(published) or _pulled(published):
        return published
    if not _has(SUBSTITUTE):
        _make_substitute(published)
    return SUBSTITUTE


def published_base() -> str:
    """The base that the Dockerfile names."""
    named = re.search(r"^ARG BASE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert named is not None
    return named[1]


def _has(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def _pulled(image: str) -> bool:
    try:
        return subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False, timeout=_PULL_TIMEOUT).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _make_substitute(published: str) -> None:
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise Missing(f"{published} is neither here nor to be pulled, and making a base instead needs debootstrap and root")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _call("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _RELEASE, str(root))
        _fit(root)
        archive = Path(folder) / "root.tar"
        _call("tar", "--create", "--numeric-owner", "--one-file-system", f"--file={archive}", f"--directory={root}", ".")
        _call("docker", "import", str(archive), SUBSTITUTE)


def _fit(root: Path) -> None:
    """Lets pip install as in the published image, and reach the index as this machine does."""
    for mark in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
        mark.unlink()
    settings = _pip_settings()
    if "cert" in settings:
        shutil.copyfile(settings["cert"], root / _CERTIFICATES)
        settings["cert"] = f"/{_CERTIFICATES}"
    (root / "etc/pip.conf").write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))


def _pip_settings() -> dict[str, str]:
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^[^\n=]*\.([a-z-]+)='([^'\n]*)'$", listed, re.MULTILINE)
    return {name: value for name, value in found if name in _PIP_SETTINGS}


def _call(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{words[0]} failed with {done.returncode}: {(done.stdout + done.stderr).strip()[-2000:]}")


if __name__ == "__main__":
    print(base_image())
