"""Sells pears in a transaction that has a record of itself, under a token of its own; repeats it when it met another."""

import random
import time

import boto3

client = boto3.client("dynamodb")
actions = [
    {"Put": {"TableName": "payments", "Item": {"id": {"S": "sale-1"}}, "ConditionExpression": "attribute_not_exists(id)"}},
    {
        "Update": {
            "TableName": "stock",
            "Key": {"sku": {"S": "pear"}},
            "UpdateExpression": "ADD #left :minus",
            "ExpressionAttributeNames": {"#left": "left"},
            "ExpressionAttributeValues": {":minus": {"N": "-1"}},
        }
    },
]
for attempt in range(5):
    try:
        client.transact_write_items(TransactItems=actions, ClientRequestToken="sale-1")
        break
    except client.exceptions.TransactionCanceledException as error:
        codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if codes[0] == "ConditionalCheckFailed":
            break
        if attempt == 4 or "TransactionConflict" not in codes:
            raise
        time.sleep(random.uniform(0, 0.05 * 2**attempt))
