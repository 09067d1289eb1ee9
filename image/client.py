"""What runs in a container beside the emulator: boto3 in its default configuration, pointed there by the environment alone."""

import os

import boto3

# boto3 takes its region from this name only
client = boto3.client("dynamodb", region_name=os.environ["AWS_REGION"])
answer = client.put_item(TableName="orders", Item={"customer": {"S": "ada"}, "order": {"N": "1"}})
print("attempts:", answer["ResponseMetadata"]["RetryAttempts"] + 1)
