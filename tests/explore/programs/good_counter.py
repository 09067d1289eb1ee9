"""Counts orders, each under its number: one that was counted is not counted again."""

import boto3

client = boto3.client("dynamodb")
for number in range(3):
    try:
        client.update_item(
            TableName="stats",
            Key={"id": {"S": "orders"}},
            UpdateExpression="ADD n :one, counted :order",
            ConditionExpression="NOT contains(counted, :number)",
            ExpressionAttributeValues={":one": {"N": "1"}, ":order": {"SS": [f"o{number}"]}, ":number": {"S": f"o{number}"}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        print(f"o{number} was counted before")
