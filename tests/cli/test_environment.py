"""Options by environment: their names, what they take, and what is said of a bad one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from emulator.cli.main import dynafault, run
from emulator.cli.variables import PREFIX, variable_names
from emulator.server.environment import client_variables

SCENARIO = "throttling/first-two-attempts"
# Tells of its environment, as a program that `dynafault run` starts
TELL = "import os; print(sorted(name for name in os.environ if name.startswith('DYNAFAULT_')))"


def options() -> Iterator[tuple[click.Context, click.Option]]:
    parent = click.Context(dynafault, info_name="dynafault", auto_envvar_prefix=PREFIX)
    for name in dynafault.list_commands(parent):
        command = dynafault.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield from ((context, one) for one in command.params if isinstance(one, click.Option))


def test_a_variable_is_named_like_its_option() -> None:
    for context, option in options():
        made = f"DYNAFAULT_{context.info_name}{max(option.opts, key=len).replace('-', '_').removeprefix('_')}".upper()
        assert variable_names(option, context)[-1] == made


def test_no_variable_is_one_that_others_set() -> None:
    """`dynafault run` sets some for its COMMAND, Kubernetes some for a Service of that name, and a pinned version goes by another."""
    ours = {name for context, option in options() for name in variable_names(option, context)}
    assert not ours & client_variables("http://127.0.0.1:1", {}).keys()
    assert not {name for name in ours if name.startswith(("DYNAFAULT_PORT", "DYNAFAULT_SERVICE_"))}
    assert "DYNAFAULT_VERSION" not in ours


def test_what_others_set_does_no_harm(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    others = {"DYNAFAULT_PORT": "tcp://192.0.2.1:8000", "DYNAFAULT_SERVICE_PORT": "8000", "DYNAFAULT_VERSION": "0.1.0"}
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    assert run(["check", SCENARIO]) == 1  # which is no file, only a name
    assert run(["explain", SCENARIO]) == 0
    run(["run", "--", sys.executable, "-c", TELL])
    assert str(sorted([*others, "DYNAFAULT_URL"])) in capfd.readouterr().out


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("table=carts", {"table": "carts"}),
        ("table=carts 'message=Too many, wait'", {"table": "carts", "message": "Too many, wait"}),
        ('message="Too many" table=carts', {"table": "carts", "message": "Too many"}),
        ("", {}),
    ],
)
def test_values_of_an_option_that_may_be_repeated(monkeypatch: pytest.MonkeyPatch, text: str, taken: dict[str, str]) -> None:
    assert parsed(monkeypatch, "serve", DYNAFAULT_SERVE_PARAM=text)["param"] == taken


@pytest.mark.parametrize(("text", "taken"), [("true", True), ("1", True), ("yes", True), ("false", False), ("0", False), ("", False)])
def test_a_flag(monkeypatch: pytest.MonkeyPatch, text: str, taken: bool) -> None:
    assert parsed(monkeypatch, "serve", DYNAFAULT_SERVE_WATCH=text)["watch"] is taken


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = parsed(monkeypatch, "serve", "--port", "0", "--param", "a=2", DYNAFAULT_SERVE_PORT="9000", DYNAFAULT_SERVE_PARAM="a=1 b=1")
    assert (taken["port"], taken["param"]) == (0, {"a": "2"})


def test_every_other_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"HOST": "0.0.0.0", "PORT": "9000", "SEED": "7", "JOURNAL": "a b.jsonl", "WORDING": "classic", "TABLE_DELAY": "250ms"}
    taken = parsed(monkeypatch, "serve", **{f"DYNAFAULT_SERVE_{name}": value for name, value in variables.items()})
    assert (taken["host"], taken["port"], taken["seed"], taken["journal"]) == ("0.0.0.0", 9000, 7, Path("a b.jsonl"))
    assert (taken["wording"], taken["table_delay"]) == ("classic", 0.25)


def parsed(monkeypatch: pytest.MonkeyPatch, name: str, *words: str, **variables: str) -> dict[str, object]:
    """What the command would be called with."""
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    parent = click.Context(dynafault, info_name="dynafault", auto_envvar_prefix=PREFIX)
    command = dynafault.get_command(parent, name)
    assert command is not None
    return command.make_context(name, list(words), parent=parent).params


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        ("serve", {"SERVE_PORT": "tcp://192.0.2.1:8000"}, "'tcp://192.0.2.1:8000' is not a valid integer"),
        ("serve", {"SERVE_PORT": "99999"}, "99999 is not in the range 0<=x<=65535"),
        ("serve", {"SERVE_WATCH": "perhaps"}, "'perhaps' is not a valid boolean"),
        ("serve", {"SERVE_PARAM": "table=orders carts"}, "'carts' is not NAME=VALUE"),
        ("serve", {"SERVE_PARAM": "'table=orders"}, "no closing quotation"),
        ("serve", {"SERVE_WORDING": "old"}, "'old' is not one of"),
        ("serve", {"SERVE_TABLE_DELAY": "5"}, "'5' is not a duration"),
        ("serve", {"SERVE_JOURNAL": "/"}, "'/' is a directory"),
        (f"serve {SCENARIO}", {"SERVE_REPLAY": "run.jsonl"}, "--replay brings the journal's own scenario"),
        ("run -- true", {"RUN_REPEAT": "2", "RUN_SEED": "3"}, "--repeat takes the seeds from 1 on"),
        ("report run.jsonl", {"REPORT_FORMAT": "pdf"}, "'pdf' is not one of"),
    ],
)
def test_a_bad_one_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: str, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"DYNAFAULT_{name}", value)
    assert run(words.split()) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert said in line
    named = line.rpartition(" (set by the environment: ")[2].removesuffix(")").split(", ")
    assert set(named) == {f"DYNAFAULT_{name}" for name in variables}


def test_a_typing_error_is_not_blamed_on_the_environment(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DYNAFAULT_SERVE_HOST", "0.0.0.0")
    monkeypatch.setenv("DYNAFAULT_SERVE_PORT", "9000")
    assert run(["serve", "--port", "x"]) == 2
    assert run(["serve", "--prot", "1"]) == 2
    assert "environment" not in capfd.readouterr().err


def test_run_takes_its_options_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DYNAFAULT_RUN_SEED", "77")
    monkeypatch.setenv("DYNAFAULT_RUN_JSON", str(tmp_path / "report.json"))
    assert run(["run", SCENARIO, "--", sys.executable, "-c", TELL]) == 1
    assert "seed: 77" in capfd.readouterr().out
    assert (tmp_path / "report.json").is_file()
