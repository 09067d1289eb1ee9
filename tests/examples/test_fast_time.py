"""Time that does not pass: 26 s of back-off, and a server that never answers."""

import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from dynafault import Emulator

DOWN = """
version: 1
tables: [{name: orders, key: {customer: S, order: N}}]
rules: [{name: down, when: {operation: GetItem}, fault: InternalServerError}]
"""
KEY = {"customer": {"S": "bob"}, "order": {"N": "1"}}


@pytest.mark.dynafault(DOWN, fast_time=True)
def test_half_a_minute_of_back_off(dynafault: Emulator) -> None:
    client = boto3.client("dynamodb", config=Config(retries={"mode": "legacy"}))
    began = time.monotonic()
    with pytest.raises(ClientError):
        client.get_item(TableName="orders", Key=KEY)
    client.close()
    assert time.monotonic() - began == pytest.approx(25.55)
    assert dynafault.calls()[0].gaps_ms == pytest.approx([50 * 2**retry for retry in range(9)], abs=0.01)


def test_a_server_that_never_answers() -> None:
    with Emulator(DOWN.replace("InternalServerError", "{connection: hang}")) as emulator:
        client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 4}), **emulator.boto3_kwargs())
        with emulator.fast_time():
            began = time.monotonic()
            with pytest.raises(ReadTimeoutError):
                client.get_item(TableName="orders", Key=KEY)
            assert time.monotonic() - began >= 4 * 60
        client.close()
