"""What web pages of other origins are granted: nothing, unless the emulator's user names their origin.

The live service grants every page everything (`Access-Control-Allow-Origin: *`), since none has a secret without its user. A local server
that grants as much lends its data to every page that a developer has open."""

from __future__ import annotations

from collections.abc import Collection

from emulator.messages import HttpRequest

Headers = tuple[tuple[str, str], ...]

EVERYBODY = "*"
_EXPOSED = ("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")


class Origins:
    """`granted` are origins as browsers send them (`http://localhost:3000`), or "*" for every one."""

    def __init__(self, granted: Collection[str] = ()) -> None:
        self._granted = frozenset(granted)

    def headers(self, request: HttpRequest) -> Headers:
        """What an answer carries where the request names an origin that is granted."""
        origin = request.headers.get("origin")
        if origin is None or not self._granted:
            return ()
        if EVERYBODY in self._granted:
            return (("Access-Control-Allow-Origin", EVERYBODY), _EXPOSED)
        return (("Access-Control-Allow-Origin", origin), _EXPOSED, ("Vary", "Origin")) if origin in self._granted else ()

    def preflight(self, request: HttpRequest) -> Headers:
        """What the answer to an OPTIONS request carries besides: whatever was asked for is allowed."""
        echoed = (("Allow-Headers", "headers"), ("Allow-Methods", "method"))
        wanted = ((ours, request.headers.get(f"access-control-request-{theirs}")) for ours, theirs in echoed)
        return (("Access-Control-Max-Age", "172800"), *((f"Access-Control-{name}", value) for name, value in wanted if value))
