"""DescribeLimits and DescribeEndpoints: what the service says of itself."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb.state import State
from emulator.messages import Call

# The initial quotas of an account outside us-east-1 and inside it alike (Developer Guide, "Quotas in Amazon DynamoDB")
_LIMITS = {
    "AccountMaxReadCapacityUnits": 80_000,
    "AccountMaxWriteCapacityUnits": 80_000,
    "TableMaxReadCapacityUnits": 40_000,
    "TableMaxWriteCapacityUnits": 40_000,
}
_CACHE_MINUTES = 1440


def describe_limits(state: State, call: Call) -> dict[str, Any]:
    return dict(_LIMITS)


def describe_endpoints(state: State, call: Call) -> dict[str, Any]:
    """The address that the client has used, so that endpoint discovery does not lead it to the real service."""
    address = call.request.headers.get("host") or f"dynamodb.{call.region}.amazonaws.com"
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": _CACHE_MINUTES}]}
