"""Rules that come and go while the emulator runs."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dynafault import Emulator, EmulatorError

TABLES = "{version: 1, tables: [{name: orders, key: {id: S}}]}"
DOWN = {"name": "down", "when": {"operation": "writes"}, "fault": "InternalServerError"}


def test_the_service_goes_down_and_comes_back() -> None:
    with Emulator(TABLES) as emulator:
        once = Config(retries={"total_max_attempts": 1})
        client = boto3.client("dynamodb", config=once, **emulator.boto3_kwargs())
        emulator.rules.add(DOWN)
        with pytest.raises(ClientError, match="InternalServerError"):
            client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        emulator.rules.enable("down", False)
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        client.close()
        (rule,) = emulator.rules.list()
        assert (rule.name, rule.fired, rule.enabled) == ("down", 1, False)
        emulator.rules.remove("down")
        with pytest.raises(EmulatorError, match="there is no rule 'down'"):
            emulator.rules.remove("down")
