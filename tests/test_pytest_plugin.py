"""The plugin in real pytest runs, in this process or, where that matters, in one of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIO = """
version: 1
parameters: {attempts: 1..2}
tables:
  - {name: orders, key: {id: S}}
rules:
  - name: trouble
    when: {operation: PutItem, attempt: "${attempts}"}
    fault: InternalServerError
expect:
  - {calls: {operation: PutItem}, outcome: success, attempts: 3}
"""

HEAD = """
import os
import boto3
import pytest

def put(name="a", **settings):
    client = boto3.client("dynamodb", **settings)
    client.put_item(TableName="orders", Item={"id": {"S": name}})
    count = client.scan(TableName="orders", Select="COUNT")["Count"]
    client.close()
    return count
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> object:
    """Runs pytest on a test file with a scenario beside it."""
    pytester.path.joinpath("trouble.yaml").write_text(SCENARIO)

    def run_tests(source: str, *arguments: str, ini: str = "", apart: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_orders=HEAD + source)
        pytester.makeini(f"[pytest]\n{ini}")
        how = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        return how("-p", "no:cacheprovider", *arguments)

    return run_tests


def test_each_test_has_its_own_data_counters_and_journal(run) -> None:
    result = run(
        """
@pytest.mark.dynafault("trouble.yaml")
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_orders(dynafault, turn):
    assert put() == 1
    assert [call.attempts for call in dynafault.calls(operation="PutItem")] == [3]
    dynafault.clock.advance(3600)
"""
    )
    result.assert_outcomes(passed=3)


def test_a_test_without_a_marker_gets_a_healthy_service(run) -> None:
    result = run(
        """
def test_healthy(dynafault):
    client = boto3.client("dynamodb")
    assert client.list_tables()["TableNames"] == []
    client.close()
"""
    )
    result.assert_outcomes(passed=1)


def test_a_failed_expectation_fails_a_test_that_passed(run) -> None:
    result = run(
        """
@pytest.mark.dynafault("trouble.yaml", parameters={"attempts": 1})
def test_orders(dynafault):
    put()
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*the test passed, but dynafault's verdict is fail:",
            "*trouble.yaml:11:5: {calls: {operation: PutItem}, outcome: success, attempts: 3}",
            "*expected 3 attempts, but 1 of 1 calls differ*",
            "*dynafault report*",
            "*#1 InternalServerError*#2 200*success, applied once",
            "*dynafault journal*",
            "*1 PutItem*attempt 1 InternalServerError*500 InternalServerError not applied",
        ]
    )


def test_a_rule_that_never_fired_fails_the_test(run) -> None:
    result = run(
        """
@pytest.mark.dynafault({"version": 1, "rules": [{"name": "never", "when": {"operation": "PutItem"}, "fault": "ok"}]})
def test_nothing(dynafault):
    pass
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*rule 'never' fires", "*no request matched it*"])


@pytest.mark.parametrize(("mark", "ini"), [("judge=False", ""), ("", "dynafault_judge = false")])
def test_the_verdict_can_be_left_to_the_test(run, mark: str, ini: str) -> None:
    result = run(f'@pytest.mark.dynafault("trouble.yaml", {mark})\ndef test_nothing(dynafault):\n    pass\n', ini=ini)
    result.assert_outcomes(passed=1)


def test_a_failing_test_keeps_its_own_failure_and_shows_the_journal(run) -> None:
    result = run('@pytest.mark.dynafault("trouble.yaml")\ndef test_orders(dynafault):\n    put()\n    assert 1 == 2\n')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2", "*dynafault journal*"])
    result.stdout.no_fnmatch_line("*dynafault's verdict*")


def test_the_environment_is_put_back(run) -> None:
    result = run(
        """
os.environ["AWS_PROFILE"] = "mine"
os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)

def test_pointed(dynafault):
    assert os.environ["AWS_ENDPOINT_URL_DYNAMODB"] == os.environ["DYNAFAULT_URL"] == dynafault.url
    assert os.environ["AWS_REGION"] == "eu-north-1"
    assert "AWS_PROFILE" not in os.environ

def test_not_pointed():
    assert "AWS_ENDPOINT_URL_DYNAMODB" not in os.environ
    assert os.environ["AWS_PROFILE"] == "mine"
""",
        ini="dynafault_region = eu-north-1",
        apart=True,
    )
    result.assert_outcomes(passed=2)


def test_scenarios_are_found_beside_the_test_in_the_folder_and_among_the_shipped(run, pytester: pytest.Pytester) -> None:
    folder = Path(pytester.path, "faults")
    folder.mkdir()
    (folder / "elsewhere.yaml").write_text(SCENARIO.replace("name: trouble", "name: elsewhere"))
    result = run(
        """
@pytest.mark.parametrize("turn", [1])
class TestNames:
    @pytest.mark.dynafault("trouble", judge=False)
    def test_beside(self, dynafault, turn):
        assert [rule.name for rule in dynafault.rules.list()] == ["trouble"]

    @pytest.mark.dynafault("elsewhere.yaml", judge=False)
    def test_folder(self, dynafault, turn):
        assert [rule.name for rule in dynafault.rules.list()] == ["elsewhere"]

    @pytest.mark.dynafault("throttling/first-two-attempts", judge=False, seed=9)
    def test_shipped(self, dynafault, turn):
        assert dynafault.seed == 9
        assert [rule.name for rule in dynafault.rules.list()] == ["throttle-first-two-attempts"]
""",
        ini="dynafault_scenarios = faults",
    )
    result.assert_outcomes(passed=3)


def test_a_bad_scenario_is_shown_without_a_traceback(run) -> None:
    result = run('@pytest.mark.dynafault("version: 1\\nrulez: []\\n")\ndef test_bad(dynafault):\n    pass\n')
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown key 'rulez'*did you mean 'rules'*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_misspelt_argument_of_the_marker_is_refused(run) -> None:
    result = run('@pytest.mark.dynafault("trouble.yaml", param={})\ndef test_bad(dynafault):\n    pass\n')
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown argument 'param' of the marker dynafault*"])


def test_the_seed_can_be_given_for_all(run) -> None:
    result = run(
        "@pytest.mark.dynafault(judge=False)\ndef test_seed(dynafault):\n    assert dynafault.seed == 77\n", "--dynafault-seed", "77"
    )
    result.assert_outcomes(passed=1)


def test_workers_have_servers_of_their_own(run) -> None:
    result = run(
        """
@pytest.mark.dynafault("trouble.yaml")
@pytest.mark.parametrize("turn", range(6))
def test_orders(dynafault, turn):
    assert put(str(turn)) == 1
""",
        "-n",
        "2",
        apart=True,
    )
    result.assert_outcomes(passed=6)


def test_the_plugin_imports_nothing_of_the_emulator_until_it_is_asked(run) -> None:
    result = run(
        """
import sys

def test_nothing():
    assert "emulator.core" not in sys.modules
    assert "flask" not in sys.modules
""",
        apart=True,
    )
    result.assert_outcomes(passed=1)


def test_a_marked_test_gets_the_fixture_without_naming_it(run) -> None:
    result = run('@pytest.mark.dynafault("trouble.yaml", parameters={"attempts": 1})\ndef test_orders():\n    put()\n')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the test passed, but dynafault's verdict is fail:", "*expected 3 attempts*"])


def test_a_method_of_a_test_case_is_judged(run) -> None:
    result = run(
        """
import unittest

@pytest.mark.dynafault("trouble.yaml")
class TestOrders(unittest.TestCase):
    def test_retried(self):
        self.assertEqual(put(), 1)

    def test_forgotten(self):
        pass
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*test_forgotten*", "*the test passed, but dynafault's verdict is fail:"])


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ('CLIENT = boto3.client("dynamodb", **ELSEWHERE)', "CLIENT"),
        ('TABLE = boto3.resource("dynamodb", **ELSEWHERE).Table("orders")', "TABLE"),
        ('class Shop:\n    client = boto3.client("dynamodb", **ELSEWHERE)', "Shop.client"),
        ('class Shop:\n    def __init__(self):\n        self.client = boto3.client("dynamodb", **ELSEWHERE)\nSHOP = Shop()', "SHOP.client"),
    ],
)
def test_a_client_made_on_import_is_named(run, made: str, name: str) -> None:
    result = run(
        f"""
ELSEWHERE = dict(endpoint_url="http://127.0.0.1:1", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s")
{made}
OTHER = boto3.client("s3", **ELSEWHERE)

@pytest.mark.dynafault("trouble.yaml")
def test_orders():
    pass
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*test_orders.{name} (http://127.0.0.1:1) was made when its module was imported*"])
    result.stdout.no_fnmatch_line("*test_orders.OTHER*")


def test_a_client_made_on_import_is_named_where_another_one_came(run) -> None:
    """As where a fixture fills the tables, and the code under test has its own client."""
    result = run(
        """
CLIENT = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:1", region_name="us-east-1")

@pytest.mark.dynafault("trouble.yaml")
def test_orders(dynafault):
    client = boto3.client("dynamodb")
    client.scan(TableName="orders")
    client.close()
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_orders.CLIENT (http://127.0.0.1:1) was made when its module was imported*"])


def test_where_no_client_came_and_none_was_made_too_early_the_endpoint_is_asked_after(run) -> None:
    result = run('@pytest.mark.dynafault("trouble.yaml")\ndef test_orders():\n    pass\n')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no client has contacted the emulator*"])


def test_a_wrong_name_gets_suggestions_and_where_it_was_looked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.dynafault("throttling/hotkey")
        def test_it(dynafault):
            pass
    """)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(
        ["*there is no scenario 'throttling/hotkey': looked in *among the shipped ones*did you mean 'throttling/hot-key'?*"]
    )


TWO_TESTS = """
@pytest.mark.dynafault("trouble.yaml")
def test_good():
    put()

@pytest.mark.dynafault("trouble.yaml")
@pytest.mark.parametrize("one", ["<i>/.."])
def test_bad(one):
    put()
    assert False

def test_without():
    pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_page_for_each_test_and_one_over_all(run, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    folder = pytester.path / "pages"
    folder.mkdir()
    (folder / "mine.html").write_text("mine")
    for _ in range(2):
        result = run(TWO_TESTS, "--dynafault-html", "pages", *workers)
    result.assert_outcomes(passed=2, failed=1)
    index = (folder / "index.html").read_text()
    pages = sorted(page.name for page in folder.glob("*.html"))
    assert len(pages) == 4
    assert "mine.html" in pages
    assert "<h1>2 runs</h1>" in index
    assert index.index("test_bad") < index.index("test_good")
    assert all(f'href="{page}"' in index for page in pages if page.startswith("test"))
    assert "&lt;i&gt;" in index
    result.stdout.fnmatch_lines(["*pages*test_bad*.html"])


def test_a_folder_that_cannot_be_is_said_plainly(run, pytester: pytest.Pytester) -> None:
    (pytester.path / "taken").write_text("")
    result = run(TWO_TESTS, "--dynafault-html", "taken")
    assert "--dynafault-html: " in "\n".join(result.errlines + result.outlines)
    assert "cannot be written" in "\n".join(result.errlines + result.outlines)
