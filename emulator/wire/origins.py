"""What browsers ask for and are given: cross-origin requests, as the live service grants them to everybody."""

from __future__ import annotations

from emulator.messages import HttpRequest

Headers = tuple[tuple[str, str], ...]

_GRANTED: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
)


def origin_headers(request: HttpRequest) -> Headers:
    """What an answer carries where the request names its origin."""
    return _GRANTED if "origin" in request.headers else ()


def preflight_headers(request: HttpRequest) -> Headers:
    """What the answer to an OPTIONS request carries besides: whatever was asked for is allowed."""
    echoed = (("Allow-Headers", "headers"), ("Allow-Methods", "method"))
    wanted = ((ours, request.headers.get(f"access-control-request-{theirs}")) for ours, theirs in echoed)
    return (("Access-Control-Max-Age", "172800"), *((f"Access-Control-{name}", value) for name, value in wanted if value))
