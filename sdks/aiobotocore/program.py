"""What aiobotocore is asked to do: `python program.py DOES WORKERS CALLS TIMEOUT` (see ../README.md)."""

import asyncio
import json
import os
import platform
import random
import sys
from contextlib import AsyncExitStack

import aiobotocore
import botocore.exceptions
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

DOES, WORKERS, CALLS, TIMEOUT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
BACKUP = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc"
CONFIG = AioConfig(connect_timeout=TIMEOUT, read_timeout=TIMEOUT) if TIMEOUT else AioConfig()
CLIENTS = {}


async def get(key):
    answer = await CLIENTS["dynamodb"].get_item(TableName="orders", Key={"id": {"S": key}}, ConsistentRead=True)
    return "the item" if answer.get("Item", {}).get("amount") == {"N": "3"} else "an answer without the item"


async def get_known(key):
    return await get("known")


async def put(key):
    await CLIENTS["dynamodb"].put_item(TableName="orders", Item={"id": {"S": key}, "amount": {"N": "1"}})


async def add(key):
    await CLIENTS["dynamodb"].update_item(
        TableName="orders", Key={"id": {"S": key}}, UpdateExpression="ADD amount :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )


async def conditional(key):
    await CLIENTS["dynamodb"].update_item(
        TableName="orders",
        Key={"id": {"S": key}},
        UpdateExpression="SET amount = :one",
        ConditionExpression="attribute_not_exists(id)",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


async def transact(key):
    await CLIENTS["dynamodb"].transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": key}}}}])


async def batch(key):
    """aiobotocore's client leaves unprocessed items to its caller."""
    left = {"orders": [{"PutRequest": {"Item": {"id": {"S": f"{key}-{number}"}}}} for number in range(4)]}
    for tries in range(8):
        left = (await CLIENTS["dynamodb"].batch_write_item(RequestItems=left))["UnprocessedItems"]
        if not left:
            return "all written"
        await asyncio.sleep(random.uniform(0.05, 0.1) * 2**tries)
    return "some left"


async def create_table(key):
    await CLIENTS["dynamodb"].create_table(
        TableName=f"table-{key}",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


async def restore(key):
    await CLIENTS["dynamodb"].restore_table_from_backup(TargetTableName=f"restored-{key}", BackupArn=BACKUP)


async def gateways(key):
    await CLIENTS["backup-gateway"].list_gateways()


async def records(key):
    for number in range(2):
        await put(f"{key}-{number}")
    streams = CLIENTS["dynamodbstreams"]
    arn = (await streams.list_streams(TableName="orders"))["Streams"][0]["StreamArn"]
    shard = (await streams.describe_stream(StreamArn=arn))["StreamDescription"]["Shards"][0]["ShardId"]
    where = {"StreamArn": arn, "ShardId": shard}
    iterator = (await streams.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON"))["ShardIterator"]
    answer = await streams.get_records(ShardIterator=iterator, Limit=1)
    reached = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
    try:
        await streams.get_records(ShardIterator=answer["NextShardIterator"])
        return "no error"
    except streams.exceptions.ExpiredIteratorException:
        again = await streams.get_shard_iterator(**where, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=reached)
        rest = (await streams.get_records(ShardIterator=again["ShardIterator"]))["Records"]
        return f"ExpiredIteratorException, then {len(rest)} more"


async def work(worker):
    do = globals()[DOES.replace("-", "_")]
    for call in range(CALLS):
        try:
            said = {"saw": await do(f"{worker}-{call}") or "success"}
        except botocore.exceptions.ClientError as error:
            said = {"error": type(error).__name__, "code": error.response["Error"]["Code"]}
        except Exception as error:
            said = {"error": type(error).__name__}
        print(json.dumps({"worker": worker, "call": call, **said}), flush=True)


async def main():
    session = get_session()
    async with AsyncExitStack() as stack:
        for service in ("dynamodb", "dynamodbstreams", "backup-gateway"):
            client = session.create_client(service, endpoint_url=os.environ["DYNAFAULT_URL"], config=CONFIG)
            CLIENTS[service] = await stack.enter_async_context(client)
        await asyncio.gather(*map(work, range(WORKERS)))


print(json.dumps({"sdk": "aiobotocore", "version": aiobotocore.__version__, "runtime": f"Python {platform.python_version()}"}), flush=True)
asyncio.run(main())
