"""With asyncio: the emulator serves in a thread of its own, and so never stands in the way of the test's event loop."""

import asyncio

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: slow, when: {operation: PutItem}, fault: {delay: 50ms}}
"""


async def save_all(emulator: Emulator, names: list[str]) -> None:
    client = boto3.client("dynamodb", **emulator.boto3_kwargs())
    await asyncio.gather(*(asyncio.to_thread(client.put_item, TableName="orders", Item={"id": {"S": name}}) for name in names))
    client.close()


def test_many_at_once() -> None:
    with Emulator(SCENARIO) as emulator:
        asyncio.run(save_all(emulator, ["a", "b", "c"]))
        assert [call.outcome for call in emulator.calls()] == ["success"] * 3
