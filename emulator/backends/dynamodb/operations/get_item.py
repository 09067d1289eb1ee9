"""GetItem."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb import parameters
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units, reporting_mode
from emulator.backends.dynamodb.records import decode, size_of, splice
from emulator.backends.dynamodb.state import State
from emulator.messages import Call, Outcome


def get_item(state: State, call: Call) -> Outcome:
    params = call.params
    context = state.parser_context(call)
    projection = None
    if parameters.GET.related.isdisjoint(params):
        key = parameters.normal_key(params["Key"], context)
    else:
        parameters.check_family(params, parameters.GET, context)
        key = parameters.normal_key(params["Key"], context)
        projection = parameters.projection(params, context)
    consistent = params.get("ConsistentRead", False)
    table = state.seen(call, params["TableName"], consistent=consistent)
    # One look into a dictionary, which needs no lock
    record = table.get(table.key.of_key(key))
    if projection is not None and projection.nested_names:
        table.check_scalars(projection.nested_names)
    answer: dict[str, Any] = {}
    if record is not None:
        answer["Item"] = splice(record) if projection is None else projection.apply(decode(record))
    if "ReturnConsumedCapacity" in params and (mode := reporting_mode(params)) is not None:
        units = read_units(0 if record is None else size_of(record), consistent=consistent)
        answer["ConsumedCapacity"] = consumed(params["TableName"], Usage(units), mode)
    return Outcome(answer)
