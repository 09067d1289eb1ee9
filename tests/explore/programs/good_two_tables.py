"""Takes orders and their payments: either is there in the end, however often it is run. Each order says when it came and under which id."""

import uuid
from datetime import datetime, timezone

import boto3

dynamodb = boto3.resource("dynamodb")
orders, payments = dynamodb.Table("orders"), dynamodb.Table("payments")
for number in range(2):
    name = f"new{number}"
    found = orders.get_item(Key={"id": name}, ConsistentRead=True).get("Item")
    if found is None:
        found = {"id": name, "amount": 7, "trace": str(uuid.uuid4()), "at": datetime.now(timezone.utc).isoformat()}
        orders.put_item(Item=found)
    payments.put_item(Item={"id": name, "amount": found["amount"], "at": found["at"]})
with payments.batch_writer() as batch:
    for number in range(3):
        batch.put_item(Item={"id": f"fee{number}", "amount": 1})
