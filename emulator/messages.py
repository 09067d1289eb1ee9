"""What travels between the layers: plain values without behaviour.

    HttpRequest --wire--> Call --faults--> Decision --backend--> Outcome --wire--> HttpReply (+ WirePlan) --server--> socket

They are slotted and treated as frozen once built; `frozen=True` would cost the request path several microseconds each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import orjson

from dynafault_dataclass import dataclass

if TYPE_CHECKING:
    from emulator.aws.errors import ServiceError

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}

# Whether a write was carried out: None for an operation that writes nothing, "unknown" where its backend never said
Applied = bool | Literal["unknown"] | None
# An item that was written: its table's name, and its key in wire form, as JSON text with sorted names
WrittenKey = tuple[str, str]
# The same before anybody asks: its table's name, the names of the key's attributes, and attributes among which these are
WrittenItem = tuple[str, tuple[str, ...], Mapping[str, Any]]


@dataclass(slots=True)
class HttpRequest:
    """One HTTP request, complete. `target` is the path and query as sent; header names are lower-case, values of repeated
    headers are joined by ", "; `connection` numbers the client's connections from 1; `arrived` is `Clock.monotonic()`
    in seconds at the first byte; `peer` is "address:port". Inside a sandbox, `prefix` is what stood before `target`, and `sent` the
    whole of it, as the client signed it; "" outside. `too_large`: its body is above the service's limit, and has not been read.
    `keep_alive`: its connection goes on after the answer.
    `opened` is when its connection was opened, and `idle_since` when the last request before it was done with there, both as `arrived`;
    None where the server does not know its connections. `late`: how late the server's own timers ran then, in seconds; None where nobody
    measured. `early` is what the faults decided when no more than its head was there, None for nothing."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int = 0
    peer: str = ""
    arrived: float = 0.0
    prefix: str = ""
    sent: str = ""
    too_large: bool = False
    keep_alive: bool = True
    opened: float | None = None
    idle_since: float | None = None
    late: float | None = None
    early: Any = None


@dataclass(slots=True)
class Call:
    """A request understood: which `operation` of which service, on what, by whom: from which `region` and `account`, with which
    `access_key`; `request` is how it came.

    `service` is one of "dynamodb", "streams", "backup-gateway", "backup". `params` is the decoded input. `tables` are names (never
    ARNs) in order of first mention. `invocation` is the SDK's invocation id, or "" where it sends none.

    `refusal` is what the service says to a request whose types or constraints are wrong, or which was not signed right: then `params`
    and `tables` hold as much as could be read. None: types and constraints are right. `is_admitted`: who asks may ask."""

    service: str
    operation: str
    params: dict[str, Any]
    tables: tuple[str, ...]
    region: str
    account: str
    access_key: str
    invocation: str
    request: HttpRequest
    refusal: ServiceError | None = None
    is_admitted: bool = True


class Attempt(NamedTuple):
    """A request's place: the `ordinal`-th attempt, from 1, of a logical call, and the `tries`-th request, from 1, for a piece of work that
    is named after its first call (see `tracking`). 0: nobody can tell. `tries_by_item` tells those of a batch's entries apart, where
    they differ: by table and key."""

    call_id: str
    ordinal: int
    work: str = ""
    tries: int = 1
    tries_by_item: Mapping[tuple[str, bytes], int] | None = None

    def tries_of(self, table: str, key: bytes) -> int:
        """The try of one entry of a batch; `key` in canonical form."""
        if self.tries_by_item is None or self.tries == 0:
            return self.tries
        return self.tries_by_item.get((table, key), 1)

    @property
    def is_ambiguous(self) -> bool:
        return self.tries == 0


class _KeysAsJson(NamedTuple):
    """Items that were written: their tables, the names of those tables' key attributes, and their values for these, as a list of lists."""

    tables: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    values: bytes

    def items(self) -> Iterator[WrittenItem]:
        for table, names, values in zip(self.tables, self.names, orjson.loads(self.values), strict=True):
            yield table, names, dict(zip(names, values, strict=True))


class Written:
    """What an operation that may write did write.

    `keys`: the items, once for each time that they were written. A write that leaves its item as it was, or deletes an item that is not
    there, counts, too: it was carried out. `other`: it wrote something that is no item, such as a table or a tag. `replayed`: the service
    had done this before under the request's idempotency token, and only answered again. `known`: False where the backend may have written
    and never said. In place of keys a backend may give `items`, each with its table and the names of the table's key attributes: their keys
    are made when somebody asks, and of most writes nobody does."""

    __slots__ = ("_items", "_keys", "known", "other", "replayed")

    def __init__(
        self,
        keys: tuple[WrittenKey, ...] = (),
        other: bool = False,
        replayed: bool = False,
        known: bool = True,
        items: tuple[WrittenItem, ...] = (),
    ) -> None:
        self._keys = keys
        self._items: tuple[WrittenItem, ...] | _KeysAsJson = items
        self.other = other
        self.replayed = replayed
        self.known = known

    @property
    def keys(self) -> tuple[WrittenKey, ...]:
        items = self._items
        if items:
            # In this order, since another thread may ask meanwhile
            self._keys = tuple([_key_of(*item) for item in (items.items() if isinstance(items, _KeysAsJson) else items)])
            self._items = ()
        return self._keys

    def slim(self) -> None:
        """Let go of the items, and keep their keys, in as little memory as there may be."""
        items = self._items
        if items and not isinstance(items, _KeysAsJson):
            values = orjson.dumps([[item[name] for name in names] for _, names, item in items])
            tables, names, _ = zip(*items, strict=True)
            self._items = _KeysAsJson(tables, names, bytes(memoryview(values)))

    @property
    def has_items(self) -> bool:
        return bool(self._items or self._keys)

    @property
    def applied(self) -> bool | Literal["unknown"]:
        return (self.has_items or self.other) if self.known else "unknown"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Written):
            return NotImplemented
        return (self.keys, self.other, self.replayed, self.known) == (other.keys, other.other, other.replayed, other.known)

    def __hash__(self) -> int:
        return hash((self.keys, self.other, self.replayed, self.known))

    def __repr__(self) -> str:
        return f"Written({self.keys}, other={self.other}, replayed={self.replayed}, known={self.known})"


def _key_of(table: str, names: tuple[str, ...], item: Mapping[str, Any]) -> WrittenKey:
    return table, orjson.dumps({name: item[name] for name in names}, option=orjson.OPT_SORT_KEYS).decode()


NOTHING_WRITTEN = Written()
OTHER_WRITTEN = Written(other=True)
REPLAYED = Written(replayed=True)


class Upstream(NamedTuple):
    """What became of a request that was sent on to a service on the far side of a network. `how`: "answered"; "broken" where its answer is
    none of the protocol, or not what its checksum says; "timed out" or "reset" where no whole answer came; "unreachable" where the
    request never got there. `seconds` is how long that took."""

    how: str
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What a backend made of a call: the members of its answer (None: an empty body) or the error, and what it wrote; `written` None
    is an operation that writes nothing. A backend on the far side of a network says what became of the request there (`upstream`), and
    may bring the answer as it came (`raw`), which then goes out as it is."""

    output: dict[str, Any] | None = None
    written: Written | None = None
    error: ServiceError | None = None
    raw: HttpReply | None = None
    upstream: Upstream | None = None

    @property
    def applied(self) -> Applied:
        return None if self.written is None else self.written.applied


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """How a call is to be carried out, where that is not as usual. `consistent_age` and `eventual_age`: how many seconds ago it was that
    strongly and eventually consistent reads see, 0: now. `table_delay`: how many seconds a table takes to change its state, None:
    as the backend has it. `as_sent`: the call asks what its `request` asks, byte for byte. `is_edited`: something in the answer will be
    looked for or changed."""

    consistent_age: float = 0.0
    eventual_age: float = 0.0
    table_delay: float | None = None
    as_sent: bool = True
    is_edited: bool = False

    @property
    def is_present(self) -> bool:
        """Whether it is about the data as they are, and nothing takes its time."""
        return not self.consistent_age and not self.eventual_age and self.table_delay is None


AS_USUAL = ExecutionContext()


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a table, or an index of it, is billed for by now. `read` and `write` are units per second: provisioned ones, or the maxima of a
    table on demand, None where it has none."""

    is_on_demand: bool
    read: int | None = None
    write: int | None = None


class HttpReply:
    """One HTTP answer. `headers` are in the order in which they are sent, Content-Length included."""

    __slots__ = ("_headers", "body", "status")
    __hash__ = None  # type: ignore[assignment]  # as any value that could be changed

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self._headers = headers
        self.body = body

    @property
    def headers(self) -> list[tuple[str, str]]:
        return self._headers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HttpReply) and (self.status, self.headers, self.body) == (other.status, other.headers, other.body)

    def __repr__(self) -> str:
        return f"HttpReply({self.status}, {self.headers}, {self.body!r})"

    def head(self, keep_alive: bool) -> bytes:
        """The status line and the headers, up to and with the empty line. Whether the connection goes on is the server's to say."""
        status_line = _STATUS_LINES.get(self.status) or f"HTTP/1.1 {self.status} "
        if keep_alive:
            lines = [f"{name}: {value}" for name, value in self.headers]
        else:
            lines = [f"{name}: {value}" for name, value in self.headers if name != "Connection"]
            lines.append("Connection: close")
        return "\r\n".join([status_line, *lines, "\r\n"]).encode("latin-1", "replace")


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
