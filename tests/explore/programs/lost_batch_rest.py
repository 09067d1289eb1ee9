"""Saves payments in batches. What comes back unprocessed is forgotten."""

import boto3

client = boto3.client("dynamodb")
requests = [{"PutRequest": {"Item": {"id": {"S": f"p{number}"}, "amount": {"N": "5"}}}} for number in range(6)]
client.batch_write_item(RequestItems={"payments": requests})
