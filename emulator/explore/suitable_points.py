"""Which calls a fault is for: what each of these says of a point is asked before the fault is tried there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.explore.points import Point
from emulator.scenario.operations import groups
from emulator.sdks.detection import client_of

_READS = ("GetItem", "BatchGetItem", "Query", "Scan")


def is_write(point: Point) -> bool:
    """Whether the call writes items. Creating a table does not count: done twice it is refused, which tells the program what happened."""
    return point.call.first.applied is not None and is_of_data(point)


def is_of_data(point: Point) -> bool:
    return (point.kind.service, point.kind.operation) not in groups()["control"]


def is_of_items(point: Point) -> bool:
    return point.kind.service == "dynamodb" and is_of_data(point)


def is_of_dynamodb(point: Point) -> bool:
    return point.kind.service == "dynamodb"


def always(point: Point) -> bool:
    return True


def reads_eventually(point: Point) -> bool:
    params = point.params
    if point.kind.service != "dynamodb":
        return False
    if point.kind.operation == "BatchGetItem":
        tables = params.get("RequestItems") or {}
        return any(not batch.get("ConsistentRead") for batch in tables.values())
    is_read = point.kind.operation in _READS or (point.kind.operation == "ExecuteStatement" and not is_write(point))
    return is_read and not params.get("ConsistentRead")


def _entries(point: Point) -> int:
    if point.kind.operation not in ("BatchWriteItem", "BatchGetItem"):
        return 0
    tables = point.params.get("RequestItems") or {}
    return sum(len(batch.get("Keys", ())) if isinstance(batch, Mapping) else len(batch) for batch in tables.values())


def has_entries(point: Point) -> bool:
    return _entries(point) > 1


def is_paged(point: Point) -> bool:
    """Whether the answer is a page of several items whose client reads on where there are more. A client that leaves the rest of the pages
    unread wanted no more than these items."""
    if point.kind.operation not in ("Query", "Scan"):
        return False
    answer = _answer(point)
    return int(answer.get("Count") or 0) > 1 and (not answer.get("LastEvaluatedKey") or point.is_read_on)


def may_be_empty(point: Point) -> bool:
    """Whether the answer may be an empty page: where everything that was read for it may have been filtered out. Without a filter, the
    call must have found several items, since a program that looks up one item does not expect pages."""
    has_filter = any(name in point.params for name in ("FilterExpression", "QueryFilter", "ScanFilter"))
    answer = _answer(point)
    return (
        point.kind.operation in ("Query", "Scan")
        and int(answer.get("ScannedCount" if has_filter else "Count") or 0) > 1
        and (not answer.get("LastEvaluatedKey") or point.is_read_on)
    )


def _answer(point: Point) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(point.call.last.reply.body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def is_transaction(point: Point) -> bool:
    return (point.kind.service, point.kind.operation) in groups()["transactions"]


def has_token(point: Point) -> bool:
    return point.kind.operation in ("TransactWriteItems", "ExecuteTransaction") and "ClientRequestToken" in point.params


def reads_stream(point: Point) -> bool:
    return point.kind.operation == "GetRecords"


def corrects_clock(point: Point) -> bool:
    sdk = client_of(point.call.first.request.headers).sdk
    return sdk is not None and sdk.corrects_clock
