"""Sells pears. How many are left is read with a read that may be old, and written back without a condition."""

import boto3

client = boto3.client("dynamodb")
for _ in range(3):
    left = int(client.get_item(TableName="stock", Key={"sku": {"S": "pear"}})["Item"]["left"]["N"])
    client.update_item(
        TableName="stock",
        Key={"sku": {"S": "pear"}},
        UpdateExpression="SET #left = :left",
        ExpressionAttributeNames={"#left": "left"},
        ExpressionAttributeValues={":left": {"N": str(left - 1)}},
    )
