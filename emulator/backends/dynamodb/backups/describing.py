"""A backup as the service describes it: in full, in short, and as a line of a list.

Shapes: service model. What is left out where the table had no such feature: the examples of the AWS CLI reference.
"""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb.backups.backup import Backup, Snapshot
from emulator.backends.dynamodb.definitions import IndexDefinition, ProvisionedThroughput
from emulator.backends.dynamodb.describing import encryption_description, key_schema, on_demand_maxima, projection


def backup_details(backup: Backup, now: float) -> dict[str, Any]:
    return {"BackupArn": backup.arn, "BackupName": backup.name, **_state(backup, now)}


def backup_summary(backup: Backup, now: float) -> dict[str, Any]:
    source = backup.source
    table = {"TableName": source.name, "TableId": source.id, "TableArn": source.arn}
    return {**table, **backup_details(backup, now)}


def backup_description(backup: Backup, now: float) -> dict[str, Any]:
    return {
        "BackupDetails": backup_details(backup, now),
        "SourceTableDetails": _table(backup.source),
        "SourceTableFeatureDetails": _features(backup.source),
    }


def _state(backup: Backup, now: float) -> dict[str, Any]:
    state = {
        "BackupSizeBytes": backup.source.size,
        "BackupStatus": backup.status,
        "BackupType": backup.kind,
        "BackupCreationDateTime": round(backup.created, 3),
    }
    if backup.expires is not None:
        state["BackupExpiryDateTime"] = round(backup.expires, 3)
    return state


def _table(source: Snapshot) -> dict[str, Any]:
    settings = source.definition.settings
    details: dict[str, Any] = {
        "TableName": source.name,
        "TableId": source.id,
        "TableArn": source.arn,
        "TableSizeBytes": source.size,
        "KeySchema": key_schema(source.definition.key),
        "TableCreationDateTime": round(source.created, 3),
        "ProvisionedThroughput": _throughput(settings.throughput),
        "ItemCount": len(source.records),
        "BillingMode": settings.billing,
    }
    if settings.on_demand is not None:
        details["OnDemandThroughput"] = on_demand_maxima(settings.on_demand)
    return details


def _features(source: Snapshot) -> dict[str, Any]:
    definition = source.definition
    settings = definition.settings
    features: dict[str, Any] = {}
    local = [_index(index) for index in definition.indexes if not index.is_global]
    if local:
        features["LocalSecondaryIndexes"] = local
    global_ = [_global_index(index) for index in definition.indexes if index.is_global]
    if global_:
        features["GlobalSecondaryIndexes"] = global_
    if settings.stream_view is not None:
        features["StreamDescription"] = {"StreamEnabled": True, "StreamViewType": settings.stream_view}
    if source.ttl is not None:
        features["TimeToLiveDescription"] = {"TimeToLiveStatus": "ENABLED", "AttributeName": source.ttl}
    if settings.encryption is not None:
        features["SSEDescription"] = encryption_description(settings.encryption)
    return features


def _index(index: IndexDefinition) -> dict[str, Any]:
    return {"IndexName": index.name, "KeySchema": key_schema(index.key), "Projection": projection(index)}


def _global_index(index: IndexDefinition) -> dict[str, Any]:
    description = {**_index(index), "ProvisionedThroughput": _throughput(index.throughput)}
    if index.on_demand is not None:
        description["OnDemandThroughput"] = on_demand_maxima(index.on_demand)
    return description


def _throughput(throughput: ProvisionedThroughput) -> dict[str, int]:
    return {"ReadCapacityUnits": throughput.read, "WriteCapacityUnits": throughput.write}
