"""Counts the changes of a table by its stream, and gets another iterator where one has expired."""

import boto3

client, streams = boto3.client("dynamodb"), boto3.client("dynamodbstreams")
arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
for number in range(6):
    client.put_item(TableName="orders", Item={"id": {"S": f"n{number}"}, "amount": {"N": "1"}})


def iterator_after(last):
    place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last} if last else {"ShardIteratorType": "TRIM_HORIZON"}
    return streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **place)["ShardIterator"]


seen, last, expired = set(), None, 0
iterator = iterator_after(last)
while iterator:
    try:
        page = streams.get_records(ShardIterator=iterator, Limit=2)
    except streams.exceptions.ExpiredIteratorException:
        expired += 1
        if expired > 5:
            raise
        iterator = iterator_after(last)
        continue
    if not page["Records"]:
        break
    seen.update(record["dynamodb"]["Keys"]["id"]["S"] for record in page["Records"])
    last = page["Records"][-1]["dynamodb"]["SequenceNumber"]
    iterator = page.get("NextShardIterator")
client.put_item(TableName="stats", Item={"id": {"S": "changes"}, "n": {"N": str(len(seen))}})
