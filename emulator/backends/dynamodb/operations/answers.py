"""The members that the answers of several write operations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item
from emulator.backends.dynamodb.capacity import consumed, reporting_mode
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.table import Table


def add_usage(answer: dict[str, Any], params: Mapping[str, Any], change: Change) -> None:
    """ConsumedCapacity, where the request asks for it."""
    if "ReturnConsumedCapacity" in params and (mode := reporting_mode(params)) is not None:
        answer["ConsumedCapacity"] = consumed(params["TableName"], change.usage(), mode)


def add_collection(answer: dict[str, Any], params: Mapping[str, Any], table: Table, item: Item) -> None:
    """ItemCollectionMetrics, where the request asks for it and the table has local indexes. `item` has the key."""
    if params.get("ReturnItemCollectionMetrics") == "SIZE" and table.has_local_index:
        answer["ItemCollectionMetrics"] = collection_metrics(table, item)


def collection_metrics(table: Table, item: Item) -> dict[str, Any]:
    """The item collection of an item: its hash key, and lower and upper bound of its size in gigabytes."""
    name = table.key.names[0]
    gigabytes = table.collection_gigabytes(item)
    return {"ItemCollectionKey": {name: item[name]}, "SizeEstimateRangeGB": [float(gigabytes), float(gigabytes + 1)]}


def duplicate_keys() -> ServiceError:
    """One key named twice in a batch."""
    return refusal("Provided list of item keys contains duplicates")
