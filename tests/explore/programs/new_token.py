"""Moves stock in a transaction. Its own loop repeats one that failed with a new token, which makes it another transaction."""

import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))
actions = [
    {
        "Update": {
            "TableName": table,
            "Key": {key: {"S": name}},
            "UpdateExpression": "ADD sold :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    for table, key, name in (("stock", "sku", "pear"), ("stats", "id", "pears"))
]
for attempt in range(4):
    try:
        client.transact_write_items(TransactItems=actions, ClientRequestToken=str(uuid.uuid4()))
        break
    except (BotoCoreError, ClientError):
        if attempt == 3:
            raise
