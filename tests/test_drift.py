"""What `make drift` says of service models that changed, and of distributions that are not the locked ones."""

from __future__ import annotations

import copy
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest
from drift import failed_tests, moved_distributions
from generate_services import FOLDER, SOURCES
from model_changes import model_changes


@pytest.fixture(scope="module", params=SOURCES)
def model(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{request.param}.json").read_text("utf-8")))


def changed(model: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two copies: one to change, the other to compare it with."""
    return copy.deepcopy(model), copy.deepcopy(model)


def test_nothing_has_changed_in_what_is_the_same(model: dict[str, Any]) -> None:
    assert model_changes(*changed(model)) == []


def test_another_botocore_alone_is_no_change(model: dict[str, Any]) -> None:
    assert model_changes(model, {**model, "botocore": "99.0.0"}) == []


DYNAMODB = json.loads((FOLDER / "dynamodb.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("operations", "Boil"), {"http": ["POST", "/"], "errors": []}, "new operation Boil"),
        (("operations", "ListTables", "errors"), ["InternalServerError", "Scalded"], "operation ListTables: new error Scalded"),
        (("operations", "ListTables", "errors"), [], "operation ListTables: error InternalServerError is gone"),
        (
            ("operations", "ListTables", "http"),
            ["GET", "/tables"],
            'operation ListTables: method and path was ["POST", "/"], is ["GET", "/tables"]',
        ),
        (("shapes", "ListTablesInput", "members", "Boiling"), "String", "ListTablesInput: new member Boiling"),
        (
            ("shapes", "ListTablesInput", "members", "Limit"),
            "PositiveIntegerObject",
            "ListTablesInput.Limit: type or place was ListTablesInputLimit, is PositiveIntegerObject",
        ),
        (("shapes", "ListTablesInput", "required"), ["Limit"], "ListTablesInput: new required member Limit"),
        (("shapes", "ListTablesInputLimit", "max"), 1000, "ListTablesInputLimit: upper limit was 100, is 1000"),
        (("shapes", "ListTablesInputLimit", "pattern"), "[0-9]", "ListTablesInputLimit: pattern was not there, is [0-9]"),
        (("shapes", "BillingMode", "enum"), ["PROVISIONED"], "BillingMode: value PAY_PER_REQUEST is gone"),
        (("shapes", "InternalServerError", "retryable"), {"throttling": False}, "retryable was not there"),
        (("shapes", "Steam"), {"type": "string"}, "new shape Steam"),
        (("retry", "max_attempts"), 4, "retry data: attempts was 10, is 4"),
        (("retry", "policies", "steam"), {}, "retry data: new policy steam"),
        (("retry", "policies", "crc32"), {}, "retry data: policy crc32 was"),
        (("protocols",), ["rpc"], 'the service: protocols was ["json"], is ["rpc"]'),
    ],
)
def test_a_change_is_told_in_words(path: tuple[str, ...], value: Any, line: str) -> None:
    before, after = changed(DYNAMODB)
    place = after
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(line in told for told in model_changes(before, after)), model_changes(before, after)


def test_what_went_is_told_too() -> None:
    before, after = changed(DYNAMODB)
    del after["operations"]["PutItem"], after["shapes"]["PutItemInput"], after["shapes"]["GetItemInput"]["members"]["Key"]
    assert model_changes(before, after) == [
        "operation PutItem is gone",
        "shape PutItemInput is gone",
        "GetItemInput: member Key is gone",
    ]


def test_a_distribution_that_is_not_the_locked_one_is_named() -> None:
    installed = importlib.metadata.version("botocore")
    lock = (
        f"boto3=={importlib.metadata.version('boto3')} \\\n    --hash=sha256:00\n"
        "botocore==1.0.0 \\\n    --hash=sha256:00\n"
        "click==1.0.0 ; python_full_version < '3.8' \\\n    --hash=sha256:00\n"
        "nobody-has-this==1.0.0 \\\n    --hash=sha256:00\n"
    )
    assert list(moved_distributions(lock)) == [f"botocore 1.0.0 -> {installed}"]


def test_what_fails_is_named(tmp_path: Path) -> None:
    tests = tmp_path / "test_some.py"
    tests.write_text("def test_good():\n    pass\n\ndef test_bad():\n    assert False\n")
    how = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    assert failed_tests([str(tests), *how]) == ["test_some.test_bad failed"]
    assert failed_tests([str(tests), *how, "-k", "good"]) == []
    assert failed_tests([str(tmp_path / "nothing"), *how]) == ["pytest ended with 4"]
