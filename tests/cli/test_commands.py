"""The command line as typed by hand: what it prints, and with what status it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator, __version__
from emulator.cli.main import run
from emulator.server.admin.client import AdminClient

PUT = """
import boto3
client = boto3.client("dynamodb")
client.put_item(TableName="orders", Item={"customer": {"S": "ada"}, "order": {"N": "7"}})
"""
BAD = "version: 1\nrules:\n  - name: x\n    when: {tabel: orders}\n    fault: InternalServerErr\n"


def dynafault(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator", *words], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def bad_file(tmp_path: Path) -> str:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    return str(path)


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `dynafault serve`; gives the process and its address once it says that it is ready."""
    processes = []

    def start(*words: str, command: str = "serve", folder: Path | None = None) -> tuple[subprocess.Popen[str], str]:
        whole = [sys.executable, "-m", "emulator", command, "--port", "0", *words]
        process = subprocess.Popen(whole, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("dynafault is ready on http://127.0.0.1:"), process.communicate()
        return process, ready.split()[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_serve_writes_replays_and_watches(serve: Any, tmp_path: Path) -> None:
    journal, scenario = tmp_path / "run.jsonl", tmp_path / "one.yaml"
    scenario.write_text("version: 1\nname: one\n")
    process, url = serve(str(scenario), "--seed", "5", "--journal", str(journal), "--watch")
    AdminClient(url).load("version: 1\nname: two\n")
    scenario.write_text("version: 1\nname: three\n")
    assert process.stderr is not None
    assert process.stderr.readline() == "loaded again: three   seed: 5\n"
    process.terminate()
    process.communicate(timeout=20)
    saved = dynafault("report", str(journal))
    assert "scenario: three   seed: 5" in saved.stdout
    _, url = serve("--replay", str(journal))
    assert (AdminClient(url).scenario()["name"], AdminClient(url).scenario()["seed"]) == ("three", 5)


@pytest.mark.parametrize("scenario", ["throttling/first-two-attempts", "one.yaml", "one", "./one.yaml", "folder/two"])
def test_a_scenario_for_a_command_is_served(serve: Any, tmp_path: Path, scenario: str) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("one.yaml", "folder/two.yaml"):
        (tmp_path / name).write_text(f"version: 1\nname: {name}\n")
    _, url = serve("--seed", "5", command=scenario, folder=tmp_path)
    served = AdminClient(url).scenario()
    assert served["seed"] == 5
    assert Path(served["files"][0]).match(f"{scenario.removesuffix('.yaml')}.yaml")


def test_a_command_is_one_even_beside_a_file_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad_file: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "check").write_text("version: 1\n")
    assert run(["check", bad_file]) == 1


def test_the_address_is_in_a_file_while_requests_are_answered(serve: Any, tmp_path: Path) -> None:
    file = tmp_path / "address"
    process, url = serve("--address-file", str(file))
    assert file.read_text() == f"{url}\n"
    assert dynafault("serve", "--port", url.rpartition(":")[2], "--address-file", str(file)).returncode == 2
    assert file.read_text() == f"{url}\n"
    process.terminate()
    process.communicate(timeout=20)
    assert not file.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_cleanly_on_a_signal(serve: Any, number: signal.Signals) -> None:
    process, url = serve("throttling/first-two-attempts", "--seed", "42")
    report = dynafault("report", url)
    assert "seed: 42" in report.stdout
    assert process.stdout is not None
    assert process.stdout.readline() == "scenario: Writes survive throttling   seed: 42\n"
    assert process.stdout.readline() == f"live page: {url}/_emulator/\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_report_of_a_running_server_says_fail_where_it_fails(serve: Any, tmp_path: Path) -> None:
    _, url = serve("throttling/first-two-attempts")
    failed = dynafault("report", url)
    assert (failed.returncode, failed.stdout.splitlines()[-1]) == (1, "verdict: fail")
    output = tmp_path / "report.json"
    dynafault("report", url, "--format", "json", "--output", str(output))
    assert json.loads(output.read_text())["verdict"] == "fail"


def test_report_of_a_healthy_server_passes(serve: Any) -> None:
    _, url = serve()
    assert dynafault("report", url.removeprefix("http://")).returncode == 0


def test_a_port_in_use_is_one_line_and_two(start: Callable[..., Emulator]) -> None:
    port = start().port
    refused = dynafault("serve", "--port", str(port))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"dynafault: port {port} on 127.0.0.1 is in use; choose another with --port, or --port 0 for a free one\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serve", "--prot", "1"], "No such option"),
        (["serve", "--port", "99999"], "not in the range"),
        (["serve", "--param", "x"], "'x' is not NAME=VALUE"),
        (["serve", "--table-delay", "5"], "'5' is not a duration"),
        (["serve", "--wording", "old"], "'old' is not one of '2026-10', '2026-05', 'classic', '2026'"),
        (["serve", "--watch"], "--watch needs a scenario file"),
        (["serve", "--replay", "/no/journal"], "cannot read /no/journal"),
        (["serve", "a.yaml", "--replay", "/no/journal"], "--replay brings the journal's own scenario"),
        (["serve", "--journal", "/no/folder/run.jsonl"], "cannot write the journal"),
        (["serve", "nowhere.yaml"], "nowhere.yaml:1:1: cannot be read"),
        (["serve", "throttling/first-two-attempts", "--param", "tabel=x"], "tabel"),
        (["nonsense"], "No such command 'nonsense'"),
        (["nowhere.yaml"], "nowhere.yaml:1:1: cannot be read"),
        (["/no/where"], "where:1:1: cannot be read"),
        (["serve", "a" * 300], "cannot use "),
        (["serve", "--port", "0", "--address-file", "/no/folder/address"], "cannot write /no/folder/address"),
        (["run", "throttling/first-two-attempts"], "Put it behind '--'"),
        (["run", "throttling/first-two-attempts", "--", "/no/such/program"], "cannot run '/no/such/program'"),
        (["check", "/no/such/file.yaml"], "cannot be read"),
        (["report", "http://127.0.0.1:1"], "no emulator answers"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(words: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    status = run(words)
    shown = capfd.readouterr()
    assert status == (1 if words[0] == "check" else 2)
    assert said in shown.err + shown.out


def test_a_bad_scenario_is_shown_like_a_compiler_error(bad_file: str) -> None:
    refused = dynafault("serve", bad_file)
    assert refused.returncode == 2
    assert f"{bad_file}:4:12: unknown key 'tabel' in 'when'; did you mean 'table'?" in refused.stderr
    assert f"{bad_file}:5:12: unknown error 'InternalServerErr'; did you mean 'InternalServerError'?" in refused.stderr
    assert "2 problems; nothing was loaded" in refused.stderr


def test_check_goes_through_folders(bad_file: str) -> None:
    checked = dynafault("check", str(Path(bad_file).parent))
    assert checked.returncode == 1
    assert checked.stdout.splitlines()[-1] == "1 file checked: 2 problems"
    problems = json.loads(dynafault("check", bad_file, "--json").stdout)["problems"]
    assert [(problem["line"], problem["column"]) for problem in problems] == [(4, 12), (5, 12)]


def test_check_finds_what_the_service_refuses(tmp_path: Path) -> None:
    path = tmp_path / "local.yaml"
    path.write_text("version: 1\ntables:\n  - {name: orders, key: {id: S}, indexes: [{name: idx, type: local, key: {day: S}}]}\n")
    checked = dynafault("check", str(path))
    assert checked.returncode == 1
    place, line, caret, count = checked.stdout.splitlines()
    assert place.startswith(f"{path}:3:5: the service refuses table 'orders': One or more parameter values were invalid")
    assert (line, caret) == ("  - {name: orders, key: {id: S}, indexes: [{name: idx, type: local, key: {day: S}}]}", "    ^")
    assert count == "1 file checked: 1 problem"


def test_check_passes_good_files() -> None:
    assert dynafault("check", "scenarios").returncode == 0


def test_run_judges_a_command(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    done = dynafault(
        "run",
        "throttling/first-two-attempts",
        "--json",
        str(facts),
        "--",
        sys.executable,
        "-c",
        PUT,
        AWS_PROFILE="mine",
        AWS_REGION="eu-west-1",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "verdict: pass"
    (call,) = json.loads(facts.read_text())["calls"]
    assert (call["operation"], call["attempts"], call["applied"]) == ("PutItem", 3, 1)


def test_run_gives_the_command_s_own_status_back() -> None:
    assert dynafault("run", "throttling/first-two-attempts", "--", sys.executable, "-c", f"{PUT}\nraise SystemExit(7)").returncode == 7


def test_run_fails_where_an_expectation_fails() -> None:
    once = PUT.replace('"dynamodb")', '"dynamodb", config=boto3.session.Config(retries={"total_max_attempts": 1}))')
    done = dynafault("run", "throttling/first-two-attempts", "--", sys.executable, "-c", f"try:\n  exec({once!r})\nexcept Exception: pass")
    assert done.returncode == 1
    assert "verdict: fail" in done.stdout


def test_run_does_not_take_silence_for_success() -> None:
    silent = dynafault("run", "--", sys.executable, "-c", "")
    assert silent.returncode == 1
    assert "never contacted the emulator" in silent.stderr
    assert "JavaScript v2, Java v1 and Go v1 do not read that" in silent.stderr


def test_run_passes_signals_on() -> None:
    program = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(9)); print('up', flush=True); signal.pause()"
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "run", "--", sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 9


def test_the_demo_shows_each_attempt_and_the_verdict() -> None:
    shown = dynafault("demo")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.count("ProvisionedThroughputExceededException") >= 12
    assert shown.stdout.splitlines()[-1] == "verdict: pass"


@pytest.mark.parametrize("command", ["serve", "run", "check", "schema", "report", "explain", "demo"])
def test_help_lists_and_explains_every_command(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert f"  {command} " in capfd.readouterr().out
    assert run([command, "--help"]) == 0
    assert f"Usage: dynafault {command}" in capfd.readouterr().out


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"dynafault, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["srve"], "no such command 'srve'; did you mean 'serve'?"),
        (
            ["serve", "throttling/first-two"],
            "there is no file 'throttling/first-two'; did you mean the ready scenario 'throttling/first-two-attempts'?",
        ),
        (["serve", "nowhere.yaml"], "nowhere.yaml:1:1: cannot be read: No such file or directory"),
        (
            ["throttling/first-two"],
            "there is no file 'throttling/first-two'; did you mean the ready scenario 'throttling/first-two-attempts'?",
        ),
    ],
)
def test_a_name_that_is_nearly_right(words: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert capfd.readouterr().err.splitlines()[0] == f"dynafault: {said}"
