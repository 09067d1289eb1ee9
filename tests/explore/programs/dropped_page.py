"""Sums up open orders. A page that has nothing on it is taken for the last."""

import boto3

client = boto3.client("dynamodb")
request = {
    "TableName": "orders",
    "FilterExpression": "#status = :open",
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": {":open": {"S": "open"}},
}
total, start = 0, {}
while True:
    page = client.scan(**request, **start)
    total += sum(int(item["amount"]["N"]) for item in page["Items"])
    if not page["Items"] or "LastEvaluatedKey" not in page:
        break
    start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
client.put_item(TableName="stats", Item={"id": {"S": "open"}, "total": {"N": str(total)}})
