"""Counts orders. An increment that is repeated counts twice."""

import boto3

client = boto3.client("dynamodb")
for _ in range(3):
    client.update_item(
        TableName="stats",
        Key={"id": {"S": "orders"}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
