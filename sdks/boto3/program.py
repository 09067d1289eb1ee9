"""What boto3 is asked to do: `python program.py DOES WORKERS CALLS TIMEOUT` (see ../README.md)."""

import json
import os
import platform
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.exceptions
from botocore.config import Config

DOES, WORKERS, CALLS, TIMEOUT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
BACKUP = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc"
CONFIG = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT) if TIMEOUT else Config()


def client_for(service):
    return boto3.client(service, endpoint_url=os.environ["DYNAFAULT_URL"], config=CONFIG)


CLIENTS = {service: client_for(service) for service in ("dynamodb", "dynamodbstreams", "backup-gateway")}
dynamodb, streams, gateway = CLIENTS.values()


def get(key):
    answer = dynamodb.get_item(TableName="orders", Key={"id": {"S": key}}, ConsistentRead=True)
    return "the item" if answer.get("Item", {}).get("amount") == {"N": "3"} else "an answer without the item"


def get_known(key):
    return get("known")


def put(key):
    dynamodb.put_item(TableName="orders", Item={"id": {"S": key}, "amount": {"N": "1"}})


def add(key):
    dynamodb.update_item(
        TableName="orders", Key={"id": {"S": key}}, UpdateExpression="ADD amount :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )


def conditional(key):
    dynamodb.update_item(
        TableName="orders",
        Key={"id": {"S": key}},
        UpdateExpression="SET amount = :one",
        ConditionExpression="attribute_not_exists(id)",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def transact(key):
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": key}}}}])


def batch(key):
    """boto3's client leaves unprocessed items to its caller."""
    left = {"orders": [{"PutRequest": {"Item": {"id": {"S": f"{key}-{number}"}}}} for number in range(4)]}
    for tries in range(8):
        left = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
        if not left:
            return "all written"
        time.sleep(random.uniform(0.05, 0.1) * 2**tries)
    return "some left"


def create_table(key):
    dynamodb.create_table(
        TableName=f"table-{key}",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def restore(key):
    dynamodb.restore_table_from_backup(TargetTableName=f"restored-{key}", BackupArn=BACKUP)


def gateways(key):
    gateway.list_gateways()


def records(key):
    for number in range(2):
        put(f"{key}-{number}")
    arn = streams.list_streams(TableName="orders")["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    where = {"StreamArn": arn, "ShardId": shard}
    iterator = streams.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    answer = streams.get_records(ShardIterator=iterator, Limit=1)
    reached = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
    try:
        streams.get_records(ShardIterator=answer["NextShardIterator"])
        return "no error"
    except streams.exceptions.ExpiredIteratorException:
        iterator = streams.get_shard_iterator(**where, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=reached)["ShardIterator"]
        rest = streams.get_records(ShardIterator=iterator)["Records"]
        return f"ExpiredIteratorException, then {len(rest)} more"


def work(worker):
    do = globals()[DOES.replace("-", "_")]
    for call in range(CALLS):
        try:
            said = {"saw": do(f"{worker}-{call}") or "success"}
        except botocore.exceptions.ClientError as error:
            said = {"error": type(error).__name__, "code": error.response["Error"]["Code"]}
        except Exception as error:
            said = {"error": type(error).__name__}
        print(json.dumps({"worker": worker, "call": call, **said}), flush=True)


print(json.dumps({"sdk": "boto3", "version": boto3.__version__, "runtime": f"Python {platform.python_version()}"}), flush=True)
with ThreadPoolExecutor(WORKERS) as pool:
    list(pool.map(work, range(WORKERS)))
