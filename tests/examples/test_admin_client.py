"""An emulator in another process, or in a container: everything over its admin API."""

import boto3
import pytest

from dynafault import AdminClient, Emulator, EmulatorError

SCENARIO = """
version: 1
parameters: {table: orders}
tables: [{name: "${table}", key: {id: S}}]
"""


def test_an_emulator_elsewhere() -> None:
    with Emulator() as elsewhere, AdminClient(elsewhere.url) as admin:
        assert admin.health()["status"] == "ready"
        admin.load(SCENARIO, table="invoices")
        admin.add_rule({"name": "brief", "when": {"operation": "PutItem", "attempt": 1}, "fault": "ThrottlingException"}, ttl=60)
        client = boto3.client("dynamodb", **elsewhere.boto3_kwargs())
        client.put_item(TableName="invoices", Item={"id": {"S": "a"}})
        client.close()
        assert [call["attempts"] for call in admin.calls(operation="PutItem")] == [2]
        assert admin.journal(error="ThrottlingException")[0]["applied"] is False
        assert admin.report()["verdict"] == "pass"
        admin.advance_clock(3600)  # seconds
        admin.reset("data", "journal")
        with pytest.raises(EmulatorError, match="there is no rule 'other'"):
            admin.remove_rule("other")
