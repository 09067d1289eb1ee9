"""Takes pears out of stock under a version. When the condition fails, it reads again and takes them once more."""

import boto3

client = boto3.client("dynamodb")
for _ in range(2):
    for _ in range(5):
        item = client.get_item(TableName="stock", Key={"sku": {"S": "pear"}}, ConsistentRead=True)["Item"]
        version = int(item["version"]["N"])
        try:
            client.put_item(
                TableName="stock",
                Item={"sku": {"S": "pear"}, "left": {"N": str(int(item["left"]["N"]) - 1)}, "version": {"N": str(version + 1)}},
                ConditionExpression="version = :version",
                ExpressionAttributeValues={":version": {"N": str(version)}},
            )
            break
        except client.exceptions.ConditionalCheckFailedException:
            continue
