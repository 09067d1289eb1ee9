"""Which reads are eventually consistent, so that a scenario's `consistency` applies to them."""

from __future__ import annotations

from emulator.messages import Call

_READS = frozenset(("GetItem", "Query", "Scan"))


def is_eventually_consistent(call: Call) -> bool:
    """A batch counts if none of its tables is to be read consistently; a transaction never does."""
    if call.service != "dynamodb":
        return False
    if call.operation in _READS:
        return not call.params.get("ConsistentRead", False)
    if call.operation == "BatchGetItem":
        return not any(wanted.get("ConsistentRead", False) for wanted in call.params.get("RequestItems", {}).values())
    return call.operation == "ExecuteStatement" and not call.params.get("ConsistentRead", False)
