"""Reserves a name. A reservation that is there must be another's, it thinks."""

import sys

import boto3

client = boto3.client("dynamodb")
try:
    client.put_item(
        TableName="users",
        Item={"name": {"S": "bob"}, "owner": {"S": "me"}},
        ConditionExpression="attribute_not_exists(#name)",
        ExpressionAttributeNames={"#name": "name"},
    )
except client.exceptions.ConditionalCheckFailedException:
    sys.exit("the name is taken by somebody else")
