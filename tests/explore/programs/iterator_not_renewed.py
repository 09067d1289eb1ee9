"""Counts the changes of a table by its stream. When the iterator has expired, it stops."""

import boto3

client, streams = boto3.client("dynamodb"), boto3.client("dynamodbstreams")
arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
for number in range(6):
    client.put_item(TableName="orders", Item={"id": {"S": f"n{number}"}, "amount": {"N": "1"}})
iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
seen = set()
while iterator:
    try:
        page = streams.get_records(ShardIterator=iterator, Limit=2)
    except streams.exceptions.ExpiredIteratorException:
        break
    if not page["Records"]:
        break
    seen.update(record["dynamodb"]["Keys"]["id"]["S"] for record in page["Records"])
    iterator = page.get("NextShardIterator")
client.put_item(TableName="stats", Item={"id": {"S": "changes"}, "n": {"N": str(len(seen))}})
