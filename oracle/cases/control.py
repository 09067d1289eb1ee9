"""What is set and asked about tables besides their items: tags, time to live, limits, lists, streams."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oracle.cases import definitions
from oracle.cases.breaking import faults, perhaps_broken
from oracle.cases.tables import Case
from oracle.endpoint import Request, Taken

NAME = definitions.NAME
_ARN = Taken(0, "TableDescription.TableArn")
_STREAM = Taken(0, "TableDescription.LatestStreamArn")
_VIEWS = st.sampled_from(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
_tags = st.lists(
    st.fixed_dictionaries({"Key": st.sampled_from(["a", "b", "aws:x", "", "k" * 129]), "Value": st.sampled_from(["x", "", "v" * 257])}),
    max_size=3,
)
_times = st.sampled_from(["ttl", "other", "", "a" * 256])


def _created(**others: Any) -> Request:
    params = {
        "TableName": NAME,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return Request("CreateTable", {**params, **others})


def _tagging(draw: st.DrawFn) -> Request:
    arn: Any = draw(st.sampled_from([_ARN, _ARN, _ARN, NAME, "arn:aws:dynamodb:us-east-1:000000000000:table/nowhere"]))
    kind = draw(st.sampled_from(["TagResource", "TagResource", "UntagResource", "ListTagsOfResource"]))
    if kind == "TagResource":
        return Request(kind, {"ResourceArn": arn, "Tags": draw(_tags)})
    if kind == "UntagResource":
        return Request(kind, {"ResourceArn": arn, "TagKeys": draw(st.lists(st.sampled_from(["a", "b", "c"]), max_size=2))})
    return Request(kind, {"ResourceArn": arn})


def _expiry(draw: st.DrawFn) -> Request:
    if draw(st.integers(0, 3)) == 0:
        return Request("DescribeTimeToLive", {"TableName": NAME})
    specification = {"Enabled": draw(st.booleans()), "AttributeName": draw(_times)}
    return Request("UpdateTimeToLive", {"TableName": NAME, "TimeToLiveSpecification": specification})


def _question(draw: st.DrawFn) -> Request:
    name = draw(st.sampled_from([NAME, "nowhere", "no", "wrong name!"]))
    return draw(
        st.sampled_from(
            [
                Request("DescribeTable", {"TableName": name}),
                Request("DescribeTimeToLive", {"TableName": name}),
                Request("DeleteTable", {"TableName": "nowhere"}),
                Request("DescribeLimits", {}),
                Request("ListTables", {"Limit": 2}),
                Request("ListTables", {"ExclusiveStartTableName": "hashed"}),
                Request("ListTables", {"ExclusiveStartTableName": "i", "Limit": 1}),
                Request("DescribeContinuousBackups", {"TableName": name}),
                Request("DescribeEndpoints", {}),
                Request("ListStreams", {}),
                Request("ListStreams", {"TableName": name, "Limit": 1}),
            ]
        )
    )


@st.composite
def control_cases(draw: st.DrawFn) -> Case:
    fault = draw(faults)
    tags = {"Tags": draw(_tags)} if draw(st.integers(0, 3)) == 0 else {}
    kinds = draw(st.lists(st.sampled_from([_tagging, _tagging, _expiry, _question]), min_size=1, max_size=3))
    requests = [kind(draw) for kind in kinds]
    requests[-1] = perhaps_broken(draw, requests[-1], fault)
    return [_created(**tags), *requests, Request("ListTagsOfResource", {"ResourceArn": _ARN})]


@st.composite
def stream_cases(draw: st.DrawFn) -> Case:
    """A table with a stream, some writes, and the records that come of them."""
    fault = draw(faults)
    key = {"pk": {"S": "k"}}
    writes = [
        Request("PutItem", {"TableName": NAME, "Item": {**key, "a": {"S": draw(st.sampled_from(["x", "y"]))}}})
        if draw(st.booleans())
        else Request(
            "UpdateItem", {"TableName": NAME, "Key": key, "UpdateExpression": "SET b = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
        )
        if draw(st.booleans())
        else Request("DeleteItem", {"TableName": NAME, "Key": key})
        for _ in range(draw(st.integers(0, 4)))
    ]
    described = Request("DescribeStream", {"StreamArn": _STREAM})
    shard: dict[str, Any] = {"StreamArn": _STREAM, "ShardId": Taken(1 + len(writes), "StreamDescription.Shards.0.ShardId")}
    kind = draw(st.sampled_from(["TRIM_HORIZON", "TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"]))
    if kind.endswith("NUMBER"):
        shard["SequenceNumber"] = draw(
            st.sampled_from([Taken(1 + len(writes), "StreamDescription.Shards.0.SequenceNumberRange.StartingSequenceNumber"), "x", "1"])
        )
    iterator = perhaps_broken(draw, Request("GetShardIterator", {**shard, "ShardIteratorType": kind}), fault)
    records = Request("GetRecords", {"ShardIterator": Taken(2 + len(writes), "ShardIterator"), **draw(st.sampled_from([{}, {"Limit": 2}]))})
    view = {"StreamEnabled": True, "StreamViewType": draw(_VIEWS)}
    return [_created(StreamSpecification=view), *writes, described, iterator, records]
