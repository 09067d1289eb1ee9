"""What travels between the layers: plain values without behaviour.

    HttpRequest --wire--> Call --faults--> Decision --engine--> answer --wire--> HttpReply (+ WirePlan) --server--> socket

They are slotted and treated as frozen once built; `frozen=True` would cost the request path several microseconds each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(slots=True)
class HttpRequest:
    """One HTTP request, complete. `target` is the path and query as sent; header names are lower-case, values of repeated
    headers are joined by ", "; `connection` numbers the client's connections from 1; `arrived` is `Clock.monotonic()`
    in seconds at the first byte; `peer` is "address:port". Inside a sandbox, `prefix` is what stood before `target`, and `sent` the
    whole of it, as the client signed it; "" outside."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int = 0
    peer: str = ""
    arrived: float = 0.0
    prefix: str = ""
    sent: str = ""


@dataclass(slots=True)
class Call:
    """A request understood: which operation of which service, on what, by whom.

    `service` is one of "dynamodb", "streams", "backup-gateway", "backup". `params` is the decoded input, its types and
    constraints already checked. `tables` are names (never ARNs) in order of first mention. `invocation` is the SDK's
    invocation id, or "" where it sends none."""

    service: str
    operation: str
    params: dict[str, Any]
    tables: tuple[str, ...]
    region: str
    account: str
    access_key: str
    invocation: str
    request: HttpRequest


@dataclass(slots=True)
class HttpReply:
    """One HTTP answer. `headers` are in the order in which they are sent, Content-Length included."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Ending(Enum):
    """How the connection goes on after what was sent of an answer."""

    KEEP = "keep"  # as HTTP has it: the next request may follow
    FINISH = "finish"  # FIN after a complete answer
    CLOSE = "close"  # FIN, whatever is still missing
    RESET = "reset"  # RST
    HANG = "hang"  # nothing more, the connection stays open


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of an answer goes out. One of: nothing, the head alone, a share (0..1) of the body after the head, or a number of
    bytes of the whole answer; everything where neither is given."""

    nothing: bool = False
    head_only: bool = False
    share: float | None = None
    size: int | None = None


EVERYTHING = Portion()
NOTHING = Portion(nothing=True)


@dataclass(frozen=True, slots=True)
class WirePlan:
    """What a server does with an answer other than sending it at once. Durations are seconds, rates bytes per second.

    The order is fixed: wait `delay`, send `portion` (at `drip` bytes per second if given), then `ending`. A hang lasts
    `hang_for` (None: until the client gives up) and ends with FIN. `refuse_for`: the listener is closed for so long."""

    delay: float = 0.0
    portion: Portion = EVERYTHING
    drip: float | None = None
    ending: Ending = Ending.KEEP
    hang_for: float | None = None
    refuse_for: float | None = None

    @property
    def needs_socket(self) -> bool:
        """False where a plain WSGI server can do it: only a delay."""
        return self.portion != EVERYTHING or self.drip is not None or self.ending is not Ending.KEEP or self.refuse_for is not None
