"""Sums up open orders, page by page."""

from datetime import datetime, timezone

import boto3

client = boto3.client("dynamodb")
pages = client.get_paginator("scan").paginate(
    TableName="orders",
    FilterExpression="#status = :open",
    ExpressionAttributeNames={"#status": "status"},
    ExpressionAttributeValues={":open": {"S": "open"}},
    ConsistentRead=True,
)
total = sum(int(item["amount"]["N"]) for page in pages for item in page["Items"])
client.put_item(
    TableName="stats",
    Item={"id": {"S": "open"}, "total": {"N": str(total)}, "made": {"S": datetime.now(timezone.utc).isoformat()}},
)
