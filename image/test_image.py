"""The image, built and run by a real Docker daemon: `make docker-test`. What this machine lacks for it is said, and is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from emulator import __version__
from emulator.server.admin.client import AdminClient
from image.base import ROOT, Missing, base_image

IMAGE = "dynafault-test"
SCENARIO = "throttling/first-two-attempts"
PACKAGES = sysconfig.get_path("purelib")
CLIENT = ("--volume", f"{PACKAGES}:/packages:ro", "--volume", f"{ROOT}/image:/app:ro", "--env", "AWS_REGION=us-east-1")
# Far longer than anything takes; so that nothing hangs for ever
_BOUND = 600.0


def docker(*words: str, status: int = 0) -> str:
    return call(["docker", *words], status=status)


def call(words: Sequence[str], status: int = 0, **environment: str) -> str:
    """What it prints, on either stream."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_BOUND, cwd=ROOT, env={**os.environ, **environment})
    assert done.returncode == status, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def compose_words() -> list[str]:
    """Compose as a plug-in of the client, or as a program of its own. Raises Missing."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose") is None:
        raise Missing("docker compose is not installed, neither as a plug-in nor as docker-compose")
    return ["docker-compose"]


@pytest.fixture(scope="session")
def compose() -> Iterator[Callable[..., str]]:
    """Runs docker compose over the published file, its image built; what it started is gone at the end."""
    try:
        if shutil.which("docker") is None:
            raise Missing("docker is not installed")
        reached = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False)
        if reached.returncode:
            raise Missing(f"no Docker daemon is reached: {reached.stderr.strip()}")
        words, base = compose_words(), base_image()
    except Missing as error:
        pytest.exit(f"the image cannot be tested here: {error}", returncode=2)
    files = ["-f", "docker-compose.yml", "-f", "image/compose.test.yml", "-p", f"dynafault-{uuid.uuid4().hex[:8]}"]

    def run(*arguments: str) -> str:
        return call([*words, *files, *arguments], IMAGE=IMAGE, BASE=base, PACKAGES=PACKAGES, HOST_PORT="0")

    run("build", "dynamodb")
    yield run
    run("down", "--volumes", "--remove-orphans")


@pytest.fixture
def start(compose: object) -> Iterator[Callable[..., str]]:
    """Starts a container of the image in the background; gives its id."""
    started: list[str] = []

    def run(*words: str, options: Sequence[str] = ()) -> str:
        started.append(docker("run", "--detach", *options, IMAGE, *words).strip())
        return started[-1]

    yield run
    for container in started:
        docker("rm", "--force", "--volumes", container)


def health_of(container: str) -> str:
    """The first word of the health check on it, waited for."""
    words = ["docker", "events", "--since", "0", "--filter", f"container={container}", "--filter", "event=health_status"]
    with subprocess.Popen([*words, "--format", "{{.Status}}"], stdout=subprocess.PIPE, text=True) as events:
        bound = threading.Timer(_BOUND, events.kill)
        bound.start()
        assert events.stdout is not None
        told = events.stdout.readline()
        bound.cancel()
        events.kill()
    return told.strip().removeprefix("health_status: ")


def stopped(container: str) -> str:
    """The exit status after `docker stop`, which kills (137) what does not end by itself within ten seconds."""
    docker("stop", container)
    return docker("inspect", "--format", "{{.State.ExitCode}}", container).strip()


def test_a_service_beside_it_finds_it_by_name_once_it_is_healthy(compose: Callable[..., str]) -> None:
    compose("up", "--detach")
    server, app = (compose("ps", "--all", "--quiet", name).strip() for name in ("dynamodb", "app"))
    assert docker("wait", app).strip() == "0", docker("logs", app)
    assert "attempts: 3" in docker("logs", app)
    assert docker("inspect", "--format", "{{.State.Health.Status}}", server).strip() == "healthy"
    report = AdminClient(f"http://{compose('port', 'dynamodb', '8000').strip()}").report()
    assert (report["verdict"], len(report["calls"])) == ("pass", 1)
    assert stopped(server) == "0"
    saved = docker("run", "--rm", "--volumes-from", server, IMAGE, "report", "/data/journal.jsonl")
    assert "PutItem" in saved


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ()),
        ((), ("serve", "--port", "9000")),
        ((), (SCENARIO, "--port", "0")),
        (("--env", "DYNAFAULT_SERVE_PORT=9001"), (SCENARIO,)),
        (("--env", "DYNAFAULT_SERVE_PORT=9001"), (SCENARIO, "--port", "9002")),
        (("--env", "HTTP_PROXY=http://192.0.2.1:1", "--env", "http_proxy=http://192.0.2.1:1"), (SCENARIO,)),
        (("--read-only", "--user", "4711", "--cap-drop", "ALL"), (SCENARIO,)),
        # What Kubernetes sets for a Service of that name
        (("--env", "DYNAFAULT_PORT=tcp://192.0.2.1:8000", "--env", "DYNAFAULT_SERVICE_PORT=8000"), (SCENARIO,)),
    ],
)
def test_it_is_healthy_wherever_it_listens_and_ends_when_told(
    start: Callable[..., str], options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    container = start(*words, options=options)
    assert health_of(container) == "healthy", docker("logs", container)
    assert stopped(container) == "0"


def test_it_is_not_healthy_without_a_server(start: Callable[..., str]) -> None:
    container = start("run", "--", "python", "-c", "input()", options=("--interactive",))
    assert health_of(container) == "unhealthy"


def test_the_other_commands_work(compose: object, tmp_path: Path) -> None:
    assert __version__ in docker("run", "--rm", IMAGE, "--version")
    assert "1 file checked: 0 problems" in docker("run", "--rm", *_mounted(tmp_path, "version: 1\n"), IMAGE, "check", ".")
    assert "one.yaml:2:1" in docker("run", "--rm", *_mounted(tmp_path, "version: 1\nrule: []\n"), IMAGE, "check", ".", status=1)
    ran = docker("run", "--rm", *CLIENT, IMAGE, "run", SCENARIO, "--", "env", "PYTHONPATH=/packages", "python", "/app/client.py")
    assert "attempts: 3" in ran
    assert "/scenarios/order.yaml:1:1: cannot be read" in docker("run", "--rm", IMAGE, "/scenarios/order.yaml", status=2)


def test_a_folder_that_its_user_may_not_read_is_said_in_one_line(compose: object, tmp_path: Path) -> None:
    mounted = _mounted(tmp_path, "version: 1\n")
    tmp_path.chmod(0o700)
    for words in (("check", "."), ("one",), ("one.yaml",), ("serve", "one.yaml")):
        refused = docker("run", "--rm", *mounted, "--user", "4711", IMAGE, *words, status=2)
        assert refused.startswith("dynafault: cannot use ")
        assert refused.endswith(": Permission denied\n")


def _mounted(folder: Path, scenario: str) -> tuple[str, ...]:
    folder.chmod(0o755)
    (folder / "one.yaml").write_text(scenario)
    return "--volume", f"{folder}:/scenarios:ro"


@pytest.mark.parametrize("user", ["10001", "4711"])
def test_a_journal_is_kept_on_a_volume(start: Callable[..., str], user: str) -> None:
    options = ("--volume", "/data", "--user", user, "--env", "DYNAFAULT_SERVE_JOURNAL=/data/journal.jsonl")
    container = start(SCENARIO, options=options)
    assert health_of(container) == "healthy", docker("logs", container)
    assert stopped(container) == "0"
    assert SCENARIO in docker("run", "--rm", "--volumes-from", container, IMAGE, "report", "/data/journal.jsonl", status=1)
