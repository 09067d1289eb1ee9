"""Takes an order and then its payment. An order that is there already is taken for one whose payment is there, too."""

import boto3

client = boto3.client("dynamodb")
for number in range(2):
    try:
        client.put_item(
            TableName="orders",
            Item={"id": {"S": f"new{number}"}, "amount": {"N": "7"}, "status": {"S": "new"}},
            ConditionExpression="attribute_not_exists(id)",
        )
    except client.exceptions.ConditionalCheckFailedException:
        continue
    client.put_item(TableName="payments", Item={"id": {"S": f"new{number}"}, "amount": {"N": "7"}})
