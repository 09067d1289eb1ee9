"""Which calls may read with eventual consistency, so that a scenario's `consistency` is about them."""

from __future__ import annotations

from emulator.messages import Call

_WHOLE = frozenset(("GetItem", "Query", "Scan", "ExecuteStatement"))
# Each part says for itself how it is to be read
_IN_PARTS = frozenset(("BatchGetItem", "BatchExecuteStatement"))


def may_lag(call: Call) -> bool:
    """Whether some of what a call reads may be behind; which part of it, the service knows. A transaction never is."""
    if call.service != "dynamodb":
        return False
    if call.operation in _WHOLE:
        return not call.params.get("ConsistentRead", False)
    return call.operation in _IN_PARTS
