"""Saves payments in batches, and sends again what comes back, some times and after a wait."""

import random
import sys
import time

import boto3

client = boto3.client("dynamodb")
requests = [{"PutRequest": {"Item": {"id": {"S": f"p{number}"}, "amount": {"N": "5"}}}} for number in range(6)]
left = {"payments": requests}
for attempt in range(6):
    left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
    if not left:
        break
    time.sleep(random.uniform(0, 0.1 * 2**attempt))
if left:
    sys.exit(f"not saved: {left}")
