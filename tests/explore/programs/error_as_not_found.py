"""Greets a user. Whatever goes wrong when the profile is read, a new one is made."""

import boto3
from botocore.exceptions import ClientError

client = boto3.client("dynamodb")
try:
    profile = client.get_item(TableName="users", Key={"name": {"S": "ada"}}, ConsistentRead=True).get("Item")
except ClientError:
    profile = None
client.put_item(TableName="users", Item={**(profile or {"name": {"S": "ada"}, "plan": {"S": "free"}}), "seen": {"BOOL": True}})
