"""The examples of docs/python.md as a user's type checker sees them; that they run is told by running them, in tests/examples."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What boto3's stubs have to tell of a client that boto3_kwargs() made
PROBE = """
import boto3

from dynafault import Emulator

with Emulator() as emulator:
    reveal_type(boto3.client("dynamodb", **emulator.boto3_kwargs()))
    reveal_type(boto3.resource("dynamodb", **emulator.boto3_kwargs("eu-west-1")))
    reveal_type(boto3.Session().client("dynamodb", **emulator.boto3_kwargs()))
    emulator.boto3_kwargs(1)
"""

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("mypy", "mypy_boto3_dynamodb"))), reason="mypy and boto3's stubs are not installed"
)


def check_strictly(*files: Path) -> tuple[int, str]:
    """mypy's exit status and what it says, without the exceptions that this project makes for itself."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(ROOT / ".mypy_cache" / "strict")]
    done = subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_examples_are_strictly_typed() -> None:
    status, said = check_strictly(*sorted((ROOT / "tests" / "examples").glob("test_*.py")))
    assert status == 0, said


def test_stubs_know_what_a_client_is_made_of(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(PROBE)
    status, said = check_strictly(probe)
    revealed = ["client.DynamoDBClient", "service_resource.DynamoDBServiceResource", "client.DynamoDBClient"]
    assert [line.split(" is ")[1].strip('"') for line in said.splitlines() if "Revealed" in line] == [
        f"mypy_boto3_dynamodb.{name}" for name in revealed
    ]
    assert (status, said.count("error:")) == (1, 1)
    assert 'probe.py:10: error: Argument 1 to "boto3_kwargs"' in said
