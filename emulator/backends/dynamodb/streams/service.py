"""DynamoDB Streams as its callers see it. Its data are those of the tables' engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.streams.operations import describe_stream, get_records, get_shard_iterator, list_streams
from emulator.messages import AS_USUAL, Call, ExecutionContext, Outcome

_OPERATIONS: dict[str, Callable[[State, Call], dict[str, Any]]] = {
    "DescribeStream": describe_stream,
    "GetRecords": get_records,
    "GetShardIterator": get_shard_iterator,
    "ListStreams": list_streams,
}


class StreamsEngine:
    """The service that reads the streams of an `Engine`'s tables."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.operations = frozenset(_OPERATIONS)

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome:
        """As `Engine.execute`."""
        operation = _OPERATIONS.get(call.operation)
        if operation is None:
            raise ServiceError("UnknownOperationException")
        return Outcome(operation(self._state, call))

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """The names of a table's key attributes, partition key first; None for a table that is not there."""
        return self._state.key_names(call, table)
