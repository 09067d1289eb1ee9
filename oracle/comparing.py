"""Two answers to one request: where they differ, once what may differ is set aside (ids, dates, accounts, orders that mean nothing)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oracle.endpoint import Answer, Request

# Members whose value is the endpoint's own; that they are there still counts
_OWN = re.compile(
    r"(DateTime|TableId|Arn|LatestStreamLabel|StreamLabel|NumberOfDecreasesToday|NextToken|ShardId|ShardIterator|SequenceNumber|eventID)$"
)
_ACCOUNT = re.compile(r"arn:aws:dynamodb:[a-z0-9-]*:\d{12}:")
_SETS = frozenset({"SS", "NS", "BS"})
_ENVELOPE = "1 validation error detected: "
# What a difference's text keeps of a long value
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Difference:
    """At `path` ("error" for kind and status, "message", or a path in the body) we say `ours` and the other says `theirs`."""

    operation: str
    path: str
    ours: str
    theirs: str

    @property
    def bucket(self) -> tuple[str, str, str, str]:
        """What two differences share that are the same to a reader: names, numbers and values in them do not count."""
        return (self.operation, re.sub(r"\d+", "#", self.path), _template(self.ours), _template(self.theirs))


def differences(request: Request, ours: Answer, theirs: Answer, *, envelopes: bool) -> list[Difference]:
    """The first thing that matters, or all members of two bodies that differ. Without `envelopes`, the words do not count that
    the service has put before many sentences since 2026."""
    if not envelopes:
        ours, theirs = _unwrapped(ours), _unwrapped(theirs)
    if (ours.status, ours.kind) != (theirs.status, theirs.kind):
        return [Difference(request.operation, "error", _said(ours), _said(theirs))]
    if ours.status != 200:
        left, right = _neutral(ours.message), _neutral(theirs.message)
        found = [] if left == right else [Difference(request.operation, "message", left, right)]
        return found + _of_bodies(request, _without_text(ours), _without_text(theirs))
    return _of_bodies(request, ours.body, theirs.body)


def _of_bodies(request: Request, ours: Any, theirs: Any) -> list[Difference]:
    left, right = _canonical(ours, request.operation), _canonical(theirs, request.operation)
    return [Difference(request.operation, path, _shown(a), _shown(b)) for path, a, b in _walk(left, right, "")]


def _unwrapped(answer: Answer) -> Answer:
    if answer.kind != "ValidationException" or not answer.message.startswith(_ENVELOPE):
        return answer
    return Answer(answer.status, {"__type": answer.body["__type"], "message": answer.message[len(_ENVELOPE) :]})


_ABSENT = object()


def _walk(left: Any, right: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from _walk(left.get(name, _ABSENT), right.get(name, _ABSENT), f"{path}.{name}" if path else name)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for place, (a, b) in enumerate(zip(left, right, strict=True)):
            yield from _walk(a, b, f"{path}.{place}")
    elif type(left) is not type(right) or left != right:
        yield path, left, right


def _canonical(value: Any, operation: str, name: str = "") -> Any:
    """The value with everything that an endpoint may choose made alike."""
    if isinstance(value, dict):
        return {key: "(its own)" if _OWN.search(key) else _canonical(part, operation, key) for key, part in value.items()}
    if isinstance(value, list):
        parts = [_canonical(part, operation) for part in value]
        return sorted(parts, key=_sorting) if _is_unordered(name, operation) else parts
    # 1 and 1.0 are one number in JSON
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else _neutral(value)


def _is_unordered(name: str, operation: str) -> bool:
    """Sets; what a scan or a batch returns from several partitions; descriptions of indexes and attributes."""
    if name in _SETS or name.endswith(("Indexes", "AttributeDefinitions", "NonKeyAttributes", "ConsumedCapacity", "TableNames")):
        return True
    return (operation in ("Scan", "ExecuteStatement") and name == "Items") or operation == "BatchGetItem"


def _sorting(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _neutral(value: Any) -> Any:
    return _ACCOUNT.sub("arn:aws:dynamodb:REGION:ACCOUNT:", value) if isinstance(value, str) else value


def _without_text(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name not in ("__type", "message", "Message")}


def _said(answer: Answer) -> str:
    if answer.status == 0:
        return "(no answer)"
    if answer.status == 200:
        return "200"
    return f"{answer.status} {answer.kind}: {_neutral(answer.message)}"


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "(absent)"
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _template(text: str) -> str:
    """The sentence without what it is about: quoted words, lists, what follows a colon, placeholders, numbers."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}", "*", text)
    return re.sub(r"(?<=: )\S+|[#:]\w+|\d+", "*", text)
