"""Programs in processes of their own, and what they start, in the emulator's time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.fast_time.conftest import gaps, scenario

CLIENT = """
import json, time, boto3, botocore
from botocore.config import Config

def read():
    client = boto3.client("dynamodb", config=Config(retries={"mode": "legacy"}))
    began = time.monotonic()
    try:
        client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    except botocore.exceptions.ClientError:
        pass
    return round(time.monotonic() - began, 3)
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Runs a program in fast time; what it has printed, as JSON."""

    def run_program(emulator: Emulator, source: str, *more: str, **variables: str) -> Any:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(source))
        with emulator.fast_time_environment({**emulator.environment(), **variables}) as environment:
            seen = subprocess.run([sys.executable, *more, str(path)], env=environment, capture_output=True, text=True, timeout=60)
        assert seen.returncode == 0, seen.stderr
        assert not seen.stderr
        return json.loads(seen.stdout)

    return run_program


def test_a_program_waits_in_no_time(start: Callable[..., Emulator], run: Any) -> None:
    emulator = start(scenario("InternalServerError"))
    assert run(emulator, f"{CLIENT}\nprint(json.dumps(read()))") == 25.55
    assert gaps(emulator) == pytest.approx([0.05 * 2**number for number in range(9)])
    assert emulator.fast_programs == 1


def test_time_outs_of_a_minute(start: Callable[..., Emulator], run: Any) -> None:
    emulator = start(scenario({"connection": "hang"}))
    program = """
        import time, json, boto3, botocore
        from botocore.config import Config
        client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 2}))
        began = time.monotonic()
        try:
            client.get_item(TableName="orders", Key={"id": {"S": "a"}})
        except botocore.exceptions.ReadTimeoutError:
            print(json.dumps(time.monotonic() - began))
    """
    assert 120 <= run(emulator, program) <= 121
    assert [exchange.delivery.how for exchange in emulator.journal.entries()] == ["client-closed"] * 2


def test_its_threads_and_what_it_waits_for_at_its_end(start: Callable[..., Emulator], run: Any) -> None:
    program = """
        import json, threading, time
        from concurrent.futures import ThreadPoolExecutor
        began = time.monotonic()
        def late():
            time.sleep(1000)
            print(json.dumps(time.monotonic() - began))
        threading.Thread(target=late).start()
        threading.Thread(target=time.sleep, args=(1e3,), daemon=True).start()
        pool = ThreadPoolExecutor(4)
        pool.submit(time.sleep, 500)
    """
    assert run(start(), program) == pytest.approx(1000)


CHILD = "import time; time.sleep(100)"
CHILDREN = {
    "run": f"subprocess.run([sys.executable, '-c', {CHILD!r}])",
    "captured": f"subprocess.run([sys.executable, '-c', {CHILD!r}], capture_output=True)",
    "by a shell": f"subprocess.run(sys.executable + ' -c {json.dumps(CHILD)}; true', shell=True)",
    "waited for": f"subprocess.Popen([sys.executable, '-c', {CHILD!r}]).wait()",
    "read to the end": f"subprocess.Popen([sys.executable, '-c', {CHILD!r}], stdout=subprocess.PIPE).stdout.read()",
    "by fork and exec": f"os.waitpid(os.spawnl(os.P_NOWAIT, sys.executable, sys.executable, '-c', {CHILD!r}), 0)",
    "forked": "in_processes('fork')",
    "spawned": "in_processes('spawn')",
    "in a pool": "with_pool()",
}


@pytest.mark.parametrize("how", CHILDREN)
def test_children_share_the_time(start: Callable[..., Emulator], run: Any, how: str) -> None:
    program = f"""
        import concurrent.futures, json, multiprocessing, os, subprocess, sys, time

        def in_processes(kind):
            context = multiprocessing.get_context(kind)
            children = [context.Process(target=time.sleep, args=(100,)) for _ in range(3)]
            for child in children:
                child.start()
            for child in children:
                child.join()

        def with_pool():
            with concurrent.futures.ProcessPoolExecutor(2) as pool:
                list(pool.map(time.sleep, [100, 100]))

        if __name__ == "__main__":
            began = time.monotonic()
            {CHILDREN[how]}
            print(json.dumps(time.monotonic() - began))
    """
    assert run(start(), program) == pytest.approx(100)


def test_two_programs_at_once(start: Callable[..., Emulator], run: Any) -> None:
    """Each waits on its own, and time passes for both."""
    program = """
        import json, subprocess, sys, time
        child = "import time; b = time.time(); [time.sleep(7) for _ in range(10)]; print(time.time() - b)"
        began = time.time()
        children = [subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        print(json.dumps([*[float(one.communicate()[0]) for one in children], time.time() - began]))
    """
    one, other, both = run(start(), program)
    assert one == other == pytest.approx(70)
    assert 70 <= both <= 140.1


def test_the_project_s_own_sitecustomize_runs(start: Callable[..., Emulator], run: Any, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    own.joinpath("sitecustomize.py").write_text("import builtins\nbuiltins.own = 'ran'\n")
    program = "import json, sitecustomize, time\ntime.sleep(9)\nprint(json.dumps([own, sitecustomize.__file__]))"
    assert run(start(), program, PYTHONPATH=str(own)) == ["ran", str(own / "sitecustomize.py")]


def test_nothing_of_ours_is_in_the_way(start: Callable[..., Emulator], run: Any, tmp_path: Path) -> None:
    tmp_path.joinpath("emulator.py").write_text("OWN = True\n")
    program = "import json, sys, emulator\nprint(json.dumps([emulator.OWN, 'asyncio' in sys.modules]))"
    assert run(start(), program) == [True, False]


def test_a_pythons_that_cannot_says_so(start: Callable[..., Emulator], tmp_path: Path) -> None:
    """One that has nothing installed: it keeps real time, and its program runs."""
    venv.create(tmp_path / "bare", symlinks=True)
    bare = tmp_path / "bare" / "bin" / "python"
    with start().fast_time_environment() as environment:
        seen = subprocess.run([bare, "-c", "print(1)"], env=environment, capture_output=True, text=True, timeout=60)
    assert seen.stdout == "1\n"
    assert "python keeps real time: fast time needs time-machine, in the Python of the client: pip install" in seen.stderr


def test_who_comes_too_late_keeps_real_time(start: Callable[..., Emulator]) -> None:
    with start().fast_time_environment() as environment:
        pass
    seen = subprocess.run([sys.executable, "-c", "print(1)"], env=environment, capture_output=True, text=True, timeout=60)
    assert seen.stdout == "1\n"
    assert "keeps real time: nobody moves the time any more" in seen.stderr


@pytest.mark.parametrize("said", [b"\xff\n", b'{"token": "wrong", "process": 1, "ancestors": []}\n', b"x" * 2_000_000])
def test_strangers_are_sent_away(start: Callable[..., Emulator], said: bytes) -> None:
    import socket

    emulator = start()
    with emulator.fast_time_environment() as environment:
        host, port, _ = environment["DYNAFAULT_FAST_TIME"].split(":")
        with socket.create_connection((host, int(port)), timeout=20) as stranger:
            try:
                stranger.sendall(said)
                assert stranger.recv(1) == b""
            except ConnectionError:
                pass
    assert emulator.fast_programs == 0
    assert emulator.clock.moves_by_itself


def test_the_emulator_has_real_time_again_when_the_last_one_has_gone(start: Callable[..., Emulator], run: Any) -> None:
    emulator = start()
    before = emulator.clock.monotonic()
    for passed in (1, 2):
        run(emulator, "import time; time.sleep(1000); print(1)")
        assert emulator.clock.moves_by_itself
        assert emulator.clock.monotonic() - before >= passed * 1000
    assert emulator.fast_programs == 2


def test_one_that_is_killed_leaves_the_others_alone(start: Callable[..., Emulator], run: Any) -> None:
    program = """
        import json, subprocess, sys, time
        busy = "print(1, flush=True); [None for _ in iter(int, 1)]"
        child = subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE)
        child.stdout.readline()
        child.kill()
        child.wait()
        began = time.monotonic()
        time.sleep(50)
        print(json.dumps(time.monotonic() - began))
    """
    assert run(start(), program) == pytest.approx(50)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tmp_path.joinpath("down.yaml").write_text(json.dumps(scenario("InternalServerError")))
    tmp_path.joinpath("app.py").write_text(f"{CLIENT}\nprint('waited', read())\n")
    return tmp_path


def dynafault(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "dynafault", *words], cwd=cwd, capture_output=True, text=True, timeout=90)


def test_the_command(project: Path) -> None:
    seen = dynafault("run", "--fast-time", "--repeat", "2", "down.yaml", "--", sys.executable, "app.py", cwd=project)
    assert seen.stdout.splitlines()[::2][:2] == ["waited 25.55"] * 2, seen.stderr
    assert "2 runs, none failed" in seen.stdout
    assert seen.returncode == 0


def test_a_command_that_keeps_real_time_has_failed(project: Path) -> None:
    program = "import boto3; print(boto3.client('dynamodb').list_tables()['TableNames'])"
    path = os.pathsep.join(sys.path)
    project.joinpath("app.py").write_text(f"import sys; sys.path[:] = {path.split(os.pathsep)!r}\n{program}")
    seen = dynafault("run", "--fast-time", "--", sys.executable, "-I", "app.py", cwd=project)
    assert "no program of COMMAND was in fast time" in seen.stderr
    assert seen.returncode == 1
