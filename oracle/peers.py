"""The other emulators: how each is installed into a folder of its own, and started on a port.

Versions are pinned, so that a run today and one next month differ only in what has changed here; raise them by hand.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oracle.endpoint import Endpoint, Request

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".oracle"
_STARTING = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Peer:
    """`runtime` is the program that has to be there; `install` are commands, run in the peer's folder; `start` is the command that
    serves, of the port; `environment` what it needs besides, of the port. `weight`: how much its word counts; two for those that were
    made by observing the live service sentence by sentence."""

    name: str
    version: str
    runtime: str
    install: tuple[tuple[str, ...], ...]
    start: Callable[[int], tuple[str, ...]]
    environment: Callable[[int], Mapping[str, str]] = lambda port: {}
    weight: int = 1

    @property
    def folder(self) -> Path:
        return HOME / f"{self.name}-{self.version}"


def _no_environment(port: int) -> Mapping[str, str]:
    return {}


def _pip(
    name: str,
    version: str,
    package: str,
    start: Callable[[int], tuple[str, ...]],
    environment: Callable[[int], Mapping[str, str]] = _no_environment,
) -> Peer:
    install = ((sys.executable, "-m", "venv", "env"), ("env/bin/pip", "install", "--quiet", f"{package}=={version}"))
    return Peer(name, version, sys.executable, install, start, environment)


PEERS = (
    Peer(
        "dynoxide",
        "3.2.0",
        "cargo",
        (("cargo", "install", "--quiet", "--root", ".", "dynoxide-rs@3.2.0"),),
        lambda port: ("bin/dynoxide", "serve", "--port", str(port), "--log", "quiet"),
        weight=2,
    ),
    Peer(
        "dynalite",
        "4.0.0",
        "npm",
        (("npm", "install", "--silent", "--no-package-lock", "--prefix", ".", "dynalite@4.0.0"),),
        lambda port: (
            "node_modules/.bin/dynalite",
            *("--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"),
        ),
        weight=2,
    ),
    _pip("moto", "5.2.5", "moto[server,dynamodb]", lambda port: ("env/bin/moto_server", "--host", "127.0.0.1", "--port", str(port))),
    _pip("ministack", "1.5.33", "ministack", lambda port: ("env/bin/ministack",), environment=lambda port: {"GATEWAY_PORT": str(port)}),
)


def available(names: list[str]) -> list[Peer]:
    """The named peers whose runtime is here and which can be installed; why the others are left out is said."""
    found = []
    for peer in PEERS:
        if peer.name not in names:
            continue
        if shutil.which(peer.runtime) is None:
            print(f"{peer.name}: left out, there is no {peer.runtime}", file=sys.stderr)
        elif _installed(peer):
            found.append(peer)
    return found


def _installed(peer: Peer) -> bool:
    ready = peer.folder / "ready"
    if ready.exists():
        return True
    print(f"{peer.name}: installing {peer.version} into {peer.folder.relative_to(ROOT)} ...", file=sys.stderr)
    shutil.rmtree(peer.folder, ignore_errors=True)
    peer.folder.mkdir(parents=True)
    for command in peer.install:
        done = subprocess.run(command, cwd=peer.folder, capture_output=True, text=True)
        if done.returncode:
            print(f"{peer.name}: left out, {' '.join(command)} failed:\n{done.stderr[-2000:]}", file=sys.stderr)
            return False
    ready.touch()
    return True


@contextmanager
def serving(peer: Peer) -> Iterator[Endpoint]:
    """The peer, ready to be asked; gone afterwards."""
    port = _free_port()
    # The first word is a path in the peer's folder, which `cwd` alone would not make of it
    program, *words = peer.start(port)
    process = _Process((str(peer.folder / program), *words), peer.folder, peer.environment(port))
    with _served(peer.name, port, process) as endpoint:
        yield endpoint


@contextmanager
def ours(wording: str) -> Iterator[Endpoint]:
    """This emulator, in one of the wordings that `--wording` takes."""
    port = _free_port()
    process = _Process((sys.executable, "-m", "emulator", "serve", "--port", str(port), "--wording", wording), ROOT, {})
    with _served(f"dynafault-{wording}", port, process) as endpoint:
        yield endpoint


@contextmanager
def _served(name: str, port: int, process: _Process) -> Iterator[Endpoint]:
    def restart() -> None:
        endpoint.close()
        process.stop()
        process.start()
        process.wait_for(endpoint)

    endpoint = Endpoint(name, f"http://127.0.0.1:{port}", restart)
    try:
        process.start()
        process.wait_for(endpoint)
        yield endpoint
    finally:
        endpoint.close()
        process.stop()


class _Process:
    """A server that is started, perhaps more than once, and stopped."""

    def __init__(self, command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> None:
        self._command = command
        self._folder = folder
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with open(self._folder / "log", "wb") if self._folder != ROOT else open(os.devnull, "wb") as log:
            environment = {**os.environ, **self._environment}
            self._process = subprocess.Popen(self._command, cwd=self._folder, env=environment, stdout=log, stderr=log)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_for(self, endpoint: Endpoint) -> None:
        """Raises RuntimeError for a server that ends, or does not get ready in time."""
        assert self._process is not None
        began = time.monotonic()
        while endpoint.ask(Request("ListTables", {})).status != 200:
            if self._process.poll() is not None or time.monotonic() > began + _STARTING:
                raise RuntimeError(f"{endpoint.name} does not answer")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
