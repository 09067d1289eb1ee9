"""Tests that are explored, in real pytest runs of their own."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.timeout(300)

HEAD = """
import boto3
import pytest

SCENARIO = {"version": 1, "tables": [{"name": "stats", "key": {"id": "S"}}]}
KEY = {"id": {"S": "orders"}}

def client():
    return boto3.client("dynamodb")

def put():
    client().put_item(TableName="stats", Item={**KEY, "n": {"N": "1"}})

def count():
    client().update_item(
        TableName="stats", Key=KEY, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )
"""
MARKED = "@pytest.mark.dynafault_explore(lasting=False)\n@pytest.mark.dynafault(SCENARIO)\n"


@pytest.fixture(autouse=True)
def _few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the clients in the tests below, so that they do not wait for long."""
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    return {match[1]: match[2] for line in result.outlines if (match := re.match(r"\S+::(\S+) (PASSED|FAILED|SKIPPED)", line))}


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test_stats=HEAD + source)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-v", *arguments)


def test_each_cell_is_a_test_with_a_name(pytester: pytest.Pytester) -> None:
    found = outcomes(run(pytester, f"{MARKED}def test_put():\n    put()\n\ndef test_other():\n    pass\n"))
    assert found.pop("test_other") == "PASSED"
    assert {"test_put[clean]", "test_put[PutItem-stats-1-throttled]", "test_put[PutItem-stats-1-reset-after]"} <= found.keys()
    assert set(found.values()) == {"PASSED"}
    assert not any("always" in name for name in found)


def test_what_is_not_stood_fails_and_says_what_and_how(pytester: pytest.Pytester) -> None:
    result = run(pytester, f"{MARKED}def test_count():\n    count()\n")
    found = outcomes(result)
    assert {name for name, outcome in found.items() if outcome == "FAILED"} == {
        f"test_count[UpdateItem-stats-1-{fault}]" for fault in ("500-after", "reset-after", "time-out", "wrong-checksum")
    }
    result.stdout.fnmatch_lines(
        [
            "doubled: the UpdateItem on stats, lost after it was applied, is repeated without a condition: "
            "n of stats id=orders is 2 instead of 1",
            "*dynafault scenario*",
            "  - {name: explored, when: {operation: UpdateItem, table: stats, call: 1, attempt: 1}, fault: *applied: true}*",
        ]
    )


def test_one_cell_can_be_run_by_its_name(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_stats=HEAD + f"{MARKED}def test_count():\n    count()\n")
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "test_stats.py::test_count[UpdateItem-stats-1-throttled]", "test_stats.py::test_count[clean]"
    )
    result.assert_outcomes(passed=2)


def test_a_lasting_fault_has_to_be_told(pytester: pytest.Pytester) -> None:
    source = """
@pytest.mark.dynafault_explore
@pytest.mark.dynafault(SCENARIO)
def test_told():
    put()

@pytest.mark.dynafault_explore
@pytest.mark.dynafault(SCENARIO)
def test_swallowed():
    try:
        put()
    except Exception:
        pass
"""
    result = run(pytester, source, "-k", "denied or clean")
    assert outcomes(result) == {
        "test_told[clean]": "PASSED",
        "test_told[PutItem-stats-1-denied]": "PASSED",
        "test_swallowed[clean]": "PASSED",
        "test_swallowed[PutItem-stats-1-denied]": "FAILED",
    }
    result.stdout.fnmatch_lines(["lost: the PutItem on stats, failing for good (denied): the error is swallowed: stats has 0 items*"])


def test_all_that_use_an_emulator_and_other_parameters(pytester: pytest.Pytester) -> None:
    source = """
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.dynafault(SCENARIO)
def test_put(times):
    for _ in range(times):
        put()
"""
    words = ("--dynafault-explore", "--dynafault-explore-transient", "-n", "2", "-k", "throttled or clean")
    result = run(pytester, source, *words)
    result.assert_outcomes(passed=5, skipped=1)


def test_a_test_that_is_about_faults_of_its_own_is_explored_only_if_it_is_marked(pytester: pytest.Pytester) -> None:
    source = """
RULES = [{"name": "once", "when": {"operation": "PutItem", "attempt": 1}, "fault": "ThrottlingException"}]

@pytest.mark.dynafault({**SCENARIO, "rules": RULES})
def test_put(dynafault):
    put()
    assert dynafault.calls(operation="PutItem")[0].attempts == 2
"""
    assert outcomes(run(pytester, source, "--dynafault-explore")) == {"test_put[clean]": "PASSED"}


def test_calls_from_two_places_are_of_two_kinds(pytester: pytest.Pytester) -> None:
    source = """
def put_again():
    client().put_item(TableName="stats", Item={**KEY, "n": {"N": "1"}})

@pytest.mark.dynafault_explore(lasting=False)
@pytest.mark.dynafault(SCENARIO)
def test_put(dynafault):
    put()
    put_again()
    sites = [call.first.request.headers["x-dynafault-call-site"] for call in dynafault.calls(operation="PutItem")]
    assert sites == ["test_stats.py:put", "test_stats.py:put_again"]
"""
    found = outcomes(run(pytester, source))
    assert set(found.values()) == {"PASSED"}
    assert {"test_put[PutItem-stats-1-reset-after]", "test_put[PutItem-stats-2-reset-after]"} <= found.keys()


def test_a_test_that_fails_without_a_fault_is_not_explored(pytester: pytest.Pytester) -> None:
    found = outcomes(run(pytester, f"{MARKED}def test_put():\n    put()\n    assert False\n"))
    assert found == {"test_put[clean]": "FAILED"}
