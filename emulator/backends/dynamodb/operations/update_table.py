"""UpdateTable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import settings_rules
from emulator.backends.dynamodb.describing import on_demand_maxima, table_description
from emulator.backends.dynamodb.operations.delete_table import refuse_while_changing
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.table_changes import Plan, check_request, plan
from emulator.messages import Call

_UNSUPPORTED = (
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "GlobalTableSettingsReplicationMode",
    "DisassociationProtectionEnabled",
    "VectorIndexUpdates",
)
_CHANGES = (
    "ProvisionedThroughput",
    "BillingMode",
    "TableThroughputMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
)
_FREE_DECREASES = 4
_HOUR = 3600


def update_table(state: State, call: Call) -> dict[str, Any]:
    settings_rules.refuse_unsupported(call.params, _UNSUPPORTED)
    if not any(call.params.get(name) not in (None, [], {}) for name in _CHANGES):
        raise refusal(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification "
            "or ReplicaUpdates is required"
        )
    check_request(call.params)
    with state.lock:
        table = state.described_table(call, call.params["TableName"])
        refuse_while_changing(table)
        now = state.clock.now()
        planned = plan(table, call)
        decreases = _is_decrease(table, planned)
        if decreases:
            _check_decrease(table, now)
        _begin_stream(state, call, table, planned)
        _begin(table, planned)
        _date(table, planned, now)
        done = now + state.table_delay
        table.after(state.table_delay, lambda table: _finish(table, planned, now, decreases=decreases))
        table.after(state.table_delay, lambda table: _finish_stream(table, done))
        description = table_description(table)
        _echo_maxima(description, call.params, table)
        return {"TableDescription": description}


def _echo_maxima(description: dict[str, Any], params: Mapping[str, Any], table: Table) -> None:
    """The answer has the on-demand maxima as the request leaves them, a -1 included (nubo-db/dynoxide#161, 2026-07-24, eu-west-2)."""
    given = params.get("OnDemandThroughput")
    if given:
        old = table.settings.on_demand
        description["OnDemandThroughput"] = {**({} if old is None else on_demand_maxima(old)), **given}


def _is_decrease(table: Table, planned: Plan) -> bool:
    if not (table.settings.is_provisioned and planned.settings.is_provisioned):
        return False
    old, new = table.settings.throughput, planned.settings.throughput
    return new.read < old.read or new.write < old.write


def _check_decrease(table: Table, now: float) -> None:
    """Four decreases a UTC day are free, each further one has to wait an hour (Developer Guide, quotas)."""
    last = table.dates.decreased
    if last is not None and table.decreases_today >= _FREE_DECREASES and now < last + _HOUR:
        raise ServiceError(
            "LimitExceededException",
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
            f"After the first {_FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be performed at most "
            f"once every {_HOUR} seconds. Number of decreases today: {table.decreases_today}.",
        )


def _begin(table: Table, planned: Plan) -> None:
    table.status = "UPDATING"
    # These two take effect at once
    settings = planned.settings
    table.settings = replace(table.settings, stream_view=settings.stream_view, deletion_protection=settings.deletion_protection)
    table.attribute_types.update(planned.types)
    if planned.created is not None:
        index = table.add_index(planned.created)
        index.status = "CREATING"
        index.backfilling = True
    if planned.deleted is not None:
        table.indexes[planned.deleted].status = "DELETING"
    for definition in planned.redefined:
        table.indexes[definition.name].status = "UPDATING"


def _date(table: Table, planned: Plan, now: float) -> None:
    """The dates are those of the request, and the answer to it has them already (weak: two peers agree on it, 2026)."""
    old, new = table.settings.throughput, planned.settings.throughput
    if _is_decrease(table, planned):
        table.dates.decreased = now
    if planned.settings.is_provisioned and (new.read > old.read or new.write > old.write):
        table.dates.increased = now


def _finish(table: Table, planned: Plan, now: float, *, decreases: bool) -> None:
    old, new = table.settings, planned.settings
    table.settings = new
    table.attribute_types = planned.types
    table.status = "ACTIVE"
    if planned.deleted is not None:
        del table.indexes[planned.deleted]
    for definition in planned.redefined:
        table.indexes[definition.name].definition = definition
    for index in table.indexes.values():
        index.status = "ACTIVE"
        index.backfilling = False
    dates = table.dates
    if decreases:
        table.decreases_today += 1
    if old.is_provisioned and not new.is_provisioned:
        dates.on_demand = now
    if new.table_class != old.table_class:
        dates.table_class = now


def _begin_stream(state: State, call: Call, table: Table, planned: Plan) -> None:
    old, new = table.settings.stream_view, planned.settings.stream_view
    if old is None and new is not None:
        table.stream = state.streams.open(call, state.clock, table.arn, table.key.schema, new)
    elif old is not None and new is None:
        assert table.stream is not None
        table.stream.status = "DISABLING"


def _finish_stream(table: Table, now: float) -> None:
    if table.stream is None:
        return
    if table.stream.status == "ENABLING":
        table.stream.enable(now)
    elif table.stream.status == "DISABLING":
        table.stream.disable(now)
