"""Requests that are not quite requests: bodies that are no JSON, headers that are missing or wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import strategies as st

from oracle.cases.tables import Case, items
from oracle.endpoint import Request

_BODIES = st.sampled_from(
    [
        b"",
        b" ",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{'TableName': 'hashed'}",
        b'{"TableName": "hashed",}',
        b'{"TableName": "hashed"} x',
        b'{"TableName": "hashed", "TableName": "paired"}',
        b'{"TableName": "\xff"}',
        b'{"TableName": "\\ud800"}',
        b'{"TableName": "hashed", "Key": {"pk": {"S": "\\u0000"}}}',
        b'\xef\xbb\xbf{"TableName": "hashed"}',
        b'{"tableName": "hashed", "key": {"pk": {"S": "k"}}}',
        b'{"TableName": "hashed", "Key": {"pk": {"S": "k", "S": "l"}}}',
        b'{"TableName": "hashed", "Key": {"pk": {"s": "k"}}}',
        b'{"TableName": "hashed", "Key": {"pk": {"S": null}}}',
        b'{"TableName": "hashed", "Key": {"pk": {"S": "k", "N": null}}}',
        b'{"TableName": "hashed", "Key": {"pk": {"S": "k"}}, "Unknown": [1, {"x": null}]}',
        b'{"TableName": NaN}',
        b'{"TableName": "hashed", "Key": null}',
        b'{"TableName": "hashed", "Key": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    ]
)
_HEADERS: st.SearchStrategy[Mapping[str, str | None]] = st.sampled_from(
    [
        {},
        {"X-Amz-Target": None},
        {"X-Amz-Target": ""},
        {"X-Amz-Target": "GetItem"},
        {"X-Amz-Target": "DynamoDB_20120810.getItem"},
        {"X-Amz-Target": "DynamoDB_20120810.Nothing"},
        {"X-Amz-Target": "DynamoDB_20111205.GetItem"},
        {"X-Amz-Target": "DynamoDB_20120810.GetItem "},
        {"X-Amz-Target": "DynamoDB_20120810.GetItem.x"},
        {"Content-Type": None},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "application/x-amz-json-1.1"},
        {"Content-Type": "text/plain"},
        {"Authorization": None},
        {"Authorization": "Bearer x"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=x"},
        {"X-Amz-Date": None},
    ]
)


@st.composite
def wire_cases(draw: st.DrawFn) -> Case:
    """One thing wrong mostly: the body, the headers, or a member's kind deep within an item."""
    operation = draw(st.sampled_from(["GetItem", "PutItem", "Query", "BatchGetItem", "ListTables", "TransactWriteItems"]))
    kind = draw(st.sampled_from(["body", "body", "headers", "headers", "both", "cut"]))
    good = json.dumps({"TableName": "hashed", "Key": {"pk": {"S": "k"}}}).encode()
    if kind == "cut":
        whole = json.dumps({"TableName": "hashed", "Item": draw(items("hashed"))}).encode()
        return [Request("PutItem", {}, whole[: draw(st.integers(0, len(whole)))])]
    data = good if kind == "headers" else draw(_BODIES)
    headers = {} if kind == "body" else draw(_HEADERS)
    return [Request("GetItem" if kind == "headers" else operation, {}, data, headers)]
