"""Saves payments in a batch, and sends the whole of it again as long as something was left."""

import boto3

client = boto3.client("dynamodb")
requests = [{"PutRequest": {"Item": {"id": {"S": f"p{number}"}, "amount": {"N": "5"}}}} for number in range(4)]
while client.batch_write_item(RequestItems={"payments": requests})["UnprocessedItems"]:
    print("something was left")
