"""The calls of a program as points at which something can go wrong: which operation, on which tables, in which shape, and which of the
calls of that kind.

Two calls are of one kind if they ask for the same, whatever the values: the same operation on the same tables, the same parameters,
expressions and names of attributes, from the same place in the program where the client tells that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from hashlib import sha256
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.journal.invocations import LogicalCall
from emulator.messages import Call

# The header in which a client says where in its program a call is made: see `dynafault.call_sites`
SITE_HEADER = "x-dynafault-call-site"
_MAX_SITE = 200
# Parameters whose text says what is asked, and not with which values
_EXPRESSIONS = frozenset(
    (
        "ConditionExpression",
        "FilterExpression",
        "IndexName",
        "KeyConditionExpression",
        "ProjectionExpression",
        "ReturnValues",
        "Select",
        "ShardIteratorType",
        "Statement",
        "TableName",
        "UpdateExpression",
    )
)
# Different each time, or only on later pages
_PASSING = frozenset(("ClientRequestToken", "ExclusiveStartKey"))
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class CallKind:
    """What calls have in common that are explored together. `shape` is a digest; `site` is "" where the client tells none."""

    service: str
    operation: str
    tables: tuple[str, ...]
    shape: str
    site: str = ""

    @property
    def about(self) -> str:
        """For people, e.g. "PutItem on payments"."""
        return f"{self.operation} on {' and '.join(self.tables)}" if self.tables else self.operation


@dataclass(frozen=True, slots=True)
class Point:
    """A call of the clean run. `nth` counts from 1 among the calls of its kind, `ordinal` among those that a rule on its operation and
    first table counts; `position` among all calls of the run. `call` is how it went without a fault; `is_read_on`: its client went on
    with the next page."""

    kind: CallKind
    nth: int
    ordinal: int
    position: int
    call: LogicalCall = field(compare=False, repr=False)
    is_read_on: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        """The same in every exploration of the same program, e.g. "PutItem payments #2"."""
        return " ".join([self.kind.operation, *self.kind.tables, f"#{self.ordinal}"])

    @property
    def params(self) -> Mapping[str, Any]:
        call = self.call.first.call
        assert call is not None
        return call.params


def points_of(calls: Iterable[LogicalCall]) -> list[Point]:
    """A point for each call of the services whose faults are known, in order of arrival."""
    calls = list(calls)
    starts = {text for logical in calls if logical.first.call and (text := _key_text(logical.first.call.params.get("ExclusiveStartKey")))}
    kinds: Counter[CallKind] = Counter()
    counted: Counter[tuple[str, str, str]] = Counter()
    points = []
    for position, logical in enumerate(calls, 1):
        call = logical.first.call
        if call is None or call.service not in ("dynamodb", "streams"):
            continue
        kind = kind_of(call)
        kinds[kind] += 1
        # As rules count: each call that touches a table, whichever others it touches
        names = call.tables or ("",)
        ordinal = counted[call.service, call.operation, names[0]] + 1
        for name in names:
            counted[call.service, call.operation, name] += 1
        points.append(Point(kind, kinds[kind], ordinal, position, logical, _last_key(logical) in starts))
    return points


def _key_text(key: Any) -> str:
    return orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode() if isinstance(key, dict) else ""


def _last_key(call: LogicalCall) -> str:
    """The LastEvaluatedKey of a page, "" where it has none."""
    body = call.last.reply.body
    if b'"LastEvaluatedKey"' not in body:
        return ""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return _key_text(answer.get("LastEvaluatedKey")) if isinstance(answer, dict) else ""


def kind_of(call: Call) -> CallKind:
    shape = orjson.dumps(_shape(call.params), option=orjson.OPT_SORT_KEYS)
    site = call.request.headers.get(SITE_HEADER, "")[:_MAX_SITE]
    return CallKind(call.service, call.operation, call.tables, sha256(shape).hexdigest()[:12], site)


def _shape(value: Any, depth: int = 0) -> Any:
    """What is asked without the values: names, expressions, and how lists are made up."""
    if depth == _MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {name: _named(name, one, depth) for name, one in value.items() if name not in _PASSING}
    if isinstance(value, list):
        # A batch of three is like one of five, if its entries are alike
        shapes = {orjson.dumps(_shape(one, depth + 1), option=orjson.OPT_SORT_KEYS).decode() for one in value}
        return sorted(shapes)
    return type(value).__name__ if isinstance(value, bool) else None


def _named(name: str, value: Any, depth: int) -> Any:
    return value if name in _EXPRESSIONS and isinstance(value, str) else _shape(value, depth + 1)
