"""The plugin's marker and setting, in real pytest runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules: [{name: down, when: {operation: GetItem}, fault: InternalServerError}]
"""

TESTS = """
import time
import boto3, botocore, pytest
from botocore.config import Config

def read():
    client = boto3.client("dynamodb", config=Config(retries={"mode": "legacy"}))
    began = time.monotonic()
    with pytest.raises(botocore.exceptions.ClientError):
        client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    client.close()
    return round(time.monotonic() - began, 3)

def is_real():
    return abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1 and time.sleep.__module__ == "time"
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    pytester.path.joinpath("down.yaml").write_text(SCENARIO)

    def run_tests(source: str, *arguments: str, ini: str = "") -> pytest.RunResult:
        pytester.makepyfile(test_orders=TESTS + source)
        pytester.makeini(f"[pytest]\n{ini}")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    return run_tests


MARKED = """
@pytest.mark.dynafault("down.yaml", fast_time=True)
@pytest.mark.parametrize("turn", range(4))
def test_back_off(dynafault, turn):
    assert read() == 25.55
    assert dynafault.calls()[0].gaps_ms[-1] == pytest.approx(12800)
    assert not is_real()

def test_real_again():
    assert is_real()
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_marker(run: Callable[..., pytest.RunResult], arguments: tuple[str, ...]) -> None:
    run(MARKED, *arguments).assert_outcomes(passed=5)


def test_the_setting_is_for_all_tests_that_do_not_say_otherwise(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
import unittest

@pytest.mark.dynafault("down.yaml")
def test_fast():
    assert read() == 25.55

@pytest.mark.dynafault("down.yaml", fast_time=False, judge=False)
def test_slow():
    assert is_real()

@pytest.mark.dynafault("down.yaml")
class TestOrders(unittest.TestCase):
    def test_unittest(self):
        self.assertEqual(read(), 25.55)
""",
        ini="dynafault_fast_time = true",
    )
    result.assert_outcomes(passed=3)


def test_tests_that_fail_leave_real_clocks_behind(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
@pytest.mark.dynafault("down.yaml", fast_time=True)
def test_fails():
    time.sleep(1000)
    assert False

@pytest.mark.dynafault("down.yaml", fast_time=True, judge=False)
def test_skips():
    pytest.skip("no")

def test_real_again():
    assert is_real()
"""
    )
    result.assert_outcomes(failed=1, skipped=1, passed=1)


def test_a_time_out_of_pytest_ends_it(run: Callable[..., pytest.RunResult]) -> None:
    """One that nobody can wait out: the plugin's own alarm is of the machine's time."""
    result = run(
        """
import threading

@pytest.mark.timeout(3)
@pytest.mark.dynafault("down.yaml", fast_time=True, judge=False)
def test_never_ends():
    threading.Event().wait()

def test_real_again():
    assert is_real()
"""
    )
    result.assert_outcomes(failed=1, passed=1)


def test_without_the_library_the_test_says_what_to_install(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
import sys

sys.modules["time_machine"] = None

@pytest.mark.dynafault("down.yaml", fast_time=True)
def test_orders():
    pass
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pip install 'dynafault?fast-time?'*"])
