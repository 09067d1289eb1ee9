"""Saves payments. One that cannot be saved is printed, and the program says that all is well."""

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
for number in range(3):
    try:
        client.put_item(TableName="payments", Item={"id": {"S": f"p{number}"}, "amount": {"N": "5"}})
    except ClientError as error:
        print(f"payment {number}: {error}")
