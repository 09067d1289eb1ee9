import asyncio

import pytest
from aiobotocore.session import get_session


async def place_order(number):
    async with get_session().create_client("dynamodb") as client:
        await client.put_item(TableName="orders", Item={"customer": {"S": "bob"}, "order": {"N": str(number)}})


@pytest.mark.dynafault("throttling/first-two-attempts")
def test_orders_survive_throttling(dynafault):
    async def place_some():
        await asyncio.gather(*map(place_order, range(1, 4)))

    asyncio.run(place_some())
    assert [call.attempts for call in dynafault.calls(operation="PutItem")] == [3, 3, 3]
