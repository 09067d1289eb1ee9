"""The definition of a table that is restored from a snapshot: that of its source, with the request's overrides, and without what the
service does not restore: stream, time to live, tags, deletion protection (Developer Guide, "Restores")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.backends.dynamodb import billing_rules, schema_rules, settings_rules
from emulator.backends.dynamodb.backups.backup import Snapshot
from emulator.backends.dynamodb.definitions import IndexDefinition, Settings, TableDefinition, used_types
from emulator.backends.dynamodb.refusals import invalid
from emulator.messages import Call


def restored_definition(source: Snapshot, name: str, call: Call) -> TableDefinition:
    """The definition of the new table. Raises ServiceError (ValidationException) for overrides that contradict each other or
    the source."""
    params = call.params
    settings_rules.refuse_unsupported(params, ("VectorIndexOverride",))
    definition = source.definition
    settings = _settings(definition.settings, call)
    indexes = (
        *_local_indexes(definition, params.get("LocalSecondaryIndexOverride")),
        *_global_indexes(definition, params.get("GlobalSecondaryIndexOverride"), settings.billing),
    )
    schema_rules.check_index_counts(indexes)
    types = used_types(definition.attribute_types, definition.key, indexes)
    return TableDefinition(name, types, definition.key, settings, indexes)


def _settings(old: Settings, call: Call) -> Settings:
    params = call.params
    billing = params.get("BillingModeOverride", old.billing)
    settings = Settings(billing, old.throughput, encryption=old.encryption, table_class=old.table_class)
    if "ProvisionedThroughputOverride" in params or billing != old.billing:
        given = _as_of_a_table(params, "ProvisionedThroughput")
        settings = replace(settings, throughput=billing_rules.table_throughput(given, billing))
    if "OnDemandThroughputOverride" in params:
        given = _as_of_a_table(params, "OnDemandThroughput")
        settings = replace(settings, on_demand=billing_rules.with_maxima(None, billing_rules.on_demand_throughput(given, billing)))
    elif billing == old.billing:
        settings = replace(settings, on_demand=old.on_demand)
    if "SSESpecificationOverride" in params:
        settings = replace(settings, encryption=settings_rules.encryption(params["SSESpecificationOverride"], call))
    return settings


def _as_of_a_table(params: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An override under the name that the same parameter has in CreateTable."""
    override = params.get(f"{name}Override")
    return {} if override is None else {name: override}


def _local_indexes(definition: TableDefinition, wanted: Sequence[dict[str, Any]] | None) -> list[IndexDefinition]:
    existing = {index.name: index for index in definition.indexes if not index.is_global}
    if wanted is None:
        return list(existing.values())
    new = [schema_rules.local_index(index, definition.attribute_types, definition.key) for index in wanted]
    for index in new:
        _check_matches(existing.get(index.name), index)
    return new


def _global_indexes(definition: TableDefinition, wanted: Sequence[dict[str, Any]] | None, billing: str) -> list[IndexDefinition]:
    existing = {index.name: index for index in definition.indexes if index.is_global}
    if wanted is None:
        return [_rebilled(index, definition.settings.billing, billing) for index in existing.values()]
    new = [schema_rules.global_index(index, definition.attribute_types, billing) for index in wanted]
    for index in new:
        _check_matches(existing.get(index.name), index)
    return new


def _rebilled(index: IndexDefinition, old: str, new: str) -> IndexDefinition:
    if old == new:
        return replace(index, warm=None)
    # Its throughput can only come with the index's own override
    return replace(index, throughput=billing_rules.index_throughput({"IndexName": index.name}, new), on_demand=None, warm=None)


def _check_matches(existing: IndexDefinition | None, wanted: IndexDefinition) -> None:
    """An index may be left out, or have other throughput; it cannot be another (API reference of RestoreTableFromBackup; the
    sentence has not been seen)."""
    if existing is None or _shape(existing) != _shape(wanted):
        raise invalid(f"The index does not match an index of the source table: {wanted.name}")


def _shape(index: IndexDefinition) -> tuple[Any, ...]:
    return index.key, index.projection, frozenset(index.included)
