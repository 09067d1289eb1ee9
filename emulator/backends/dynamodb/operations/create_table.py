"""CreateTable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.aws.arns import table_name
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import billing_rules, creation, schema_rules, settings_rules
from emulator.backends.dynamodb.definitions import IndexDefinition, Settings, TableDefinition
from emulator.backends.dynamodb.describing import table_description
from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.operations import resource_policies
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Policy, Table
from emulator.messages import Call

_UNSUPPORTED = ("VectorIndexes", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode")


def create_table(state: State, call: Call) -> dict[str, Any]:
    definition = _definition(call)
    tags = settings_rules.tags(call.params.get("Tags", ()))
    policy = call.params.get("ResourcePolicy")
    if policy is not None:
        resource_policies.check_policy(policy)

    def prepare(table: Table) -> None:
        table.tags = tags
        if policy is not None:
            table.policies[table.arn] = Policy(policy, resource_policies.revision(state, None))

    with state.lock:
        now = state.clock.now()
        if state.catalog.find(call, definition.name, now) is not None:
            raise ServiceError("ResourceInUseException", f"Table already exists: {definition.name}")
        creation.check_room(state, call, now)
        description = table_description(creation.create(state, call, definition, now, prepare))
        _leave_out_warm_throughput(description, call.params)
        return {"TableDescription": description}


def _leave_out_warm_throughput(description: dict[str, Any], params: Mapping[str, Any]) -> None:
    """The answer has none that the request did not ask for, unlike that of DescribeTable (recordings up to October 2026)."""
    if "WarmThroughput" not in params:
        del description["WarmThroughput"]
    asked = {index["IndexName"] for index in params.get("GlobalSecondaryIndexes", ()) if "WarmThroughput" in index}
    for index in description.get("GlobalSecondaryIndexes", ()):
        if index["IndexName"] not in asked:
            del index["WarmThroughput"]


def _definition(call: Call) -> TableDefinition:
    params = call.params
    settings_rules.refuse_unsupported(params, _UNSUPPORTED)
    _check_present(params)
    billing = billing_rules.billing_mode(params, "PROVISIONED")
    settings = Settings(
        billing,
        billing_rules.table_throughput(params, billing),
        on_demand=billing_rules.with_maxima(None, billing_rules.on_demand_throughput(params, billing)),
        warm=billing_rules.warm_throughput(params),
        table_class=params.get("TableClass"),
        deletion_protection=params.get("DeletionProtectionEnabled", False),
    )
    types = schema_rules.attribute_types(params["AttributeDefinitions"])
    key = schema_rules.table_key(params["KeySchema"], types)
    indexes = (*_local_indexes(params, types, key), *_global_indexes(params, types, billing))
    schema_rules.check_index_counts(indexes)
    schema_rules.check_all_used(types, key, indexes)
    if "StreamSpecification" in params:
        settings = replace(settings, stream_view=settings_rules.stream_view(params["StreamSpecification"]))
    if "SSESpecification" in params:
        settings = replace(settings, encryption=settings_rules.encryption(params["SSESpecification"], call))
    return TableDefinition(table_name(params["TableName"]), types, key, settings, indexes)


def _check_present(params: Mapping[str, Any]) -> None:
    """The model has these two optional for the sake of global tables; for any other table they are not."""
    missing = [path for path, name in (("attributeDefinitions", "AttributeDefinitions"), ("keySchema", "KeySchema")) if name not in params]
    if missing:
        sentences = "; ".join(f"Value null at '{path}' failed to satisfy constraint: Member must not be null" for path in missing)
        raise refusal(f"{len(missing)} validation error{'s' if len(missing) > 1 else ''} detected: {sentences}")


def _local_indexes(params: Mapping[str, Any], types: Mapping[str, str], key: KeySchema) -> Sequence[IndexDefinition]:
    given = params.get("LocalSecondaryIndexes")
    if given is None:
        return ()
    if not given:
        raise invalid("List of LocalSecondaryIndexes is empty")
    if not key.range:
        raise invalid("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
    return [schema_rules.local_index(index, types, key) for index in given]


def _global_indexes(params: Mapping[str, Any], types: Mapping[str, str], billing: str) -> Sequence[IndexDefinition]:
    given = params.get("GlobalSecondaryIndexes")
    if given is None:
        return ()
    if not given:
        raise invalid("List of GlobalSecondaryIndexes is empty")
    return [schema_rules.global_index(index, types, billing) for index in given]
