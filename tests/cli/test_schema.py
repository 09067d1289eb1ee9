"""`dynafault schema`: what editors are given."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from emulator.cli.main import run
from emulator.scenario import json_schema


def test_the_schema_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capfd.readouterr().out) == json_schema()


def test_a_written_schema_finds_a_slip(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dynafault.schema.json"
    assert run(["schema", "--output", str(path)]) == 0
    assert capfd.readouterr().out == ""
    slip = yaml.safe_load("{version: 1, rules: [{name: a, when: {tabel: orders}, fault: InternalServerError}]}")
    errors = list(jsonschema.Draft202012Validator(json.loads(path.read_text())).iter_errors(slip))
    assert [(error.json_path, "'tabel' was unexpected" in error.message) for error in errors] == [("$.rules[0].when", True)]


def test_a_schema_that_cannot_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--output", str(tmp_path / "nowhere" / "schema.json")]) == 2
    assert capfd.readouterr().err.startswith("dynafault: cannot write ")
