"""What a run comes down to: a verdict, and why."""

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: throttle-once, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}
expect:
  - {calls: {operation: PutItem}, outcome: success, attempts: 1}
"""


def test_the_report_says_what_failed() -> None:
    with Emulator(SCENARIO) as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        client.close()
        report = emulator.report()
        assert report.verdict == "fail"
        assert not report.passed
        assert "expected 1 attempts" in report.reasons[0]
        assert report.rules[0].fired == 1
        assert report.to_json()["calls"][0]["faults"] == ["ThrottlingException", None]
        print(report.text())
