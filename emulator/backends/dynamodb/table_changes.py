"""What UpdateTable changes of a table, settings and global indexes, checked against the table as it is.

A plan is made and checked as a whole before anything happens; carrying it out cannot fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import billing_rules, schema_rules, settings_rules
from emulator.backends.dynamodb.definitions import IndexDefinition, ProvisionedThroughput, Settings, used_types
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

_ACTIONS = ("Update", "Create", "Delete")


@dataclass(slots=True)
class Plan:
    """`settings` are those at the end. `created` is a new index, `deleted` the name of one; `redefined` are indexes with other
    throughput. `types` are the attribute definitions at the end."""

    settings: Settings
    types: dict[str, str]
    created: IndexDefinition | None = None
    deleted: str | None = None
    redefined: list[IndexDefinition] = field(default_factory=list)


def check_request(params: Mapping[str, Any]) -> None:
    """What UpdateTable refuses before it looks for the table (recordings up to October 2026). Raises ServiceError."""
    if "ProvisionedThroughput" in params:
        billing_rules.throughput(params["ProvisionedThroughput"])
    actions = _index_actions(params)
    for name, _, details in actions:
        if "ProvisionedThroughput" in details:
            billing_rules.throughput(details["ProvisionedThroughput"], f" for index {name}")
    schema_rules.attribute_types(params.get("AttributeDefinitions", ()))
    for _, action, details in actions:
        if action == "Create":
            schema_rules.projection(details["Projection"])
    if sum(action != "Update" for _, action, _ in actions) > 1:
        text = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise ServiceError("LimitExceededException", text)


def plan(table: Table, call: Call) -> Plan:
    """Raises ServiceError for changes that contradict the table. The request has been checked."""
    params = call.params
    settings = _settings(table, call)
    result = Plan(settings, dict(table.attribute_types))
    for name, action, details in _index_actions(params):
        if action == "Create":
            _plan_creation(table, params, settings, details, result)
        elif name not in table.indexes or not table.indexes[name].is_global:
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")
        elif action == "Delete":
            result.deleted = name
        else:
            result.redefined.append(_redefined(table.indexes[name].definition, details, settings))
    _plan_billing_of_indexes(table, result)
    _plan_types(table, result)
    return result


def _settings(table: Table, call: Call) -> Settings:
    params, old = call.params, table.settings
    billing = billing_rules.billing_mode(params, old.billing)
    if billing_rules.billing_mode(params, "") == "PROVISIONED" and "ProvisionedThroughput" not in params:
        # Other words than in CreateTable (weak: two peers agree on them, November 2026)
        raise invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    settings = replace(old, billing=billing)
    if "ProvisionedThroughput" in params or billing != old.billing:
        settings = replace(settings, throughput=billing_rules.table_throughput(params, billing))
        if billing == old.billing:
            _check_differs(old.throughput, settings.throughput, "the table", "for the table")
    maxima = billing_rules.on_demand_throughput(params, billing, is_update=True)
    if maxima:
        settings = replace(settings, on_demand=billing_rules.with_maxima(old.on_demand, maxima))
    elif billing == "PROVISIONED":
        settings = replace(settings, on_demand=None)
    if "WarmThroughput" in params:
        settings = replace(settings, warm=billing_rules.warm_throughput(params))
    if "StreamSpecification" in params:
        settings = replace(settings, stream_view=_stream_view(table, params["StreamSpecification"]))
    if "SSESpecification" in params:
        settings = replace(settings, encryption=settings_rules.encryption(params["SSESpecification"], call))
    if "TableClass" in params:
        settings = replace(settings, table_class=params["TableClass"])
    if "DeletionProtectionEnabled" in params:
        settings = replace(settings, deletion_protection=params["DeletionProtectionEnabled"])
    return settings


def _stream_view(table: Table, specification: Mapping[str, Any]) -> str | None:
    if not specification["StreamEnabled"] and "StreamViewType" in specification:
        raise invalid("StreamViewType cannot be specified when StreamEnabled is set to false")
    view = settings_rules.stream_view(specification)
    # The first sentence as in scylladb/scylladb#6939; the other has not been seen
    if view is not None and table.settings.stream_view is not None:
        raise refusal(f"Table already has an enabled stream: TableName: {table.name}")
    if view is None and table.settings.stream_view is None:
        raise refusal(f"Table has no stream to disable: TableName: {table.name}")
    return view


def _index_actions(params: Mapping[str, Any]) -> Sequence[tuple[str, str, dict[str, Any]]]:
    actions = []
    for update in params.get("GlobalSecondaryIndexUpdates", ()):
        given = [action for action in _ACTIONS if action in update]
        if len(given) != 1:
            number = "One" if not given else "Only one"
            what = "GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete"
            raise invalid(f"{number} of {what} {'must not be null' if not given else 'can be specified'}")
        details = update[given[0]]
        actions.append((details["IndexName"], given[0], details))
    names = [name for name, _, _ in actions]
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"Only one global secondary index update per index is allowed simultaneously. Index: {name}")
    return actions


def _plan_creation(table: Table, params: Mapping[str, Any], settings: Settings, details: dict[str, Any], result: Plan) -> None:
    given = schema_rules.attribute_types(params.get("AttributeDefinitions", ()))
    if details["IndexName"] in table.indexes:
        raise invalid("Attempting to create an index which already exists")
    # The request has to define them again, also where the table has them already (alexdebrie/dynamodbguide.com#16)
    result.created = schema_rules.global_index(details, given, settings.billing)
    _refuse_redefinition(table, given, result.created)
    # Another type of an attribute that the new index has no use for changes nothing (paritysuite/dynamodb-conformance#78)
    result.types = {**given, **result.types}
    schema_rules.check_index_counts([*_definitions(table), result.created])


def _refuse_redefinition(table: Table, given: Mapping[str, str], created: IndexDefinition) -> None:
    """Recordings up to October 2026; in which form the schemas are printed has not been seen."""
    known = table.attribute_types
    if any(known.get(name, given[name]) != given[name] for name in created.key.names):
        old = ", ".join(f"{name}:{kind}" for name, kind in known.items())
        new = ", ".join(f"{name}:{kind}" for name, kind in given.items())
        raise invalid(
            "Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. "
            f"Existing schema: Schema:[{old}] New schema: Schema:[{new}]"
        )


def _redefined(old: IndexDefinition, details: dict[str, Any], settings: Settings) -> IndexDefinition:
    new = old
    if "ProvisionedThroughput" in details:
        new = replace(new, throughput=billing_rules.index_throughput(details, settings.billing))
        _check_differs(old.throughput, new.throughput, f"the index {old.name}", "for the index")
    maxima = billing_rules.on_demand_throughput(details, settings.billing, is_update=True)
    if maxima:
        new = replace(new, on_demand=billing_rules.with_maxima(new.on_demand, maxima))
    if "WarmThroughput" in details:
        new = replace(new, warm=billing_rules.warm_throughput(details))
    return new


def _plan_billing_of_indexes(table: Table, result: Plan) -> None:
    """Where the billing mode changes, every global index has to follow."""
    if result.settings.billing == table.settings.billing:
        return
    redefined = {index.name: index for index in result.redefined}
    indexes = [index for index in table.indexes.values() if index.is_global and index.name != result.deleted]
    if result.settings.is_provisioned:
        without = [index.name for index in indexes if not redefined.get(index.name, index.definition).throughput.read]
        if without:  # not in the words of CreateTable (awslabs/dynein#228); weak: that all are named, as Dynalite has it
            raise invalid(f"ProvisionedThroughput must be specified for index: {','.join(without)}")
    for index in indexes:
        if result.settings.is_provisioned:
            redefined[index.name] = replace(redefined[index.name], on_demand=None)
        else:
            redefined[index.name] = replace(redefined.get(index.name, index.definition), throughput=ProvisionedThroughput(0, 0))
    result.redefined = list(redefined.values())


def _plan_types(table: Table, result: Plan) -> None:
    """Attribute definitions are those of the keys that there are at the end; one that the request brings for none of them is dropped,
    unlike in CreateTable (nubo-db/dynoxide#129, 2026-07-02, eu-west-2)."""
    indexes = [index for index in _definitions(table) if index.name != result.deleted]
    if result.created is not None:
        indexes.append(result.created)
    result.types = used_types(result.types, table.key.schema, indexes)


def _definitions(table: Table) -> list[IndexDefinition]:
    return [index.definition for index in table.indexes.values()]


def _check_differs(old: ProvisionedThroughput, new: ProvisionedThroughput, what: str, where: str) -> None:
    if old == new:
        raise refusal(
            f"The provisioned throughput for {what} will not change. The requested value equals the current value. "
            f"Current ReadCapacityUnits provisioned {where}: {old.read}. Requested ReadCapacityUnits: {new.read}. "
            f"Current WriteCapacityUnits provisioned {where}: {old.write}. Requested WriteCapacityUnits: {new.write}. "
            "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
        )
