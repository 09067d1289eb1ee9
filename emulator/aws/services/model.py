"""The service data as typed values, each shape built when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import SERVICES


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure. `location` is "header", "querystring", "uri", ... for REST protocols, None for the body;
    `wire_name` is the name that it has there. `token`: SDKs fill it with an idempotency token when it is left out."""

    name: str
    shape: str
    location: str | None = None
    wire_name: str = ""
    token: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of the model. `type` is one of structure, list, map, string, integer, long, float, double, boolean, blob,
    timestamp. `min` and `max` bound a number, or the length of a string, blob, list or map. `key`, `value` and `member`
    name the shapes of a map's keys, its values, a list's elements."""

    name: str
    type: str
    members: Mapping[str, Member]
    required: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    key: str | None = None
    value: str | None = None
    member: str | None = None
    is_error: bool = False
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """`method` and `uri` matter to REST protocols only; `errors` are the declared ones, by name."""

    name: str
    method: str
    uri: str
    input: str | None
    output: str | None
    errors: tuple[str, ...]
    idempotent: bool


class Service:
    """One API. `protocols` in the order of the model, e.g. ("smithy-rpc-v2-cbor", "json")."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.name: str = data["service"]
        self.botocore: str = data["botocore"]
        self.version: str = data["version"]
        self.protocols: tuple[str, ...] = tuple(data["protocols"])
        self.target_prefix: str | None = data["target_prefix"]
        self.signing_name: str = data["signing_name"]
        self._shapes_data: dict[str, Any] = data["shapes"]
        self._shapes: dict[str, Shape] = {}
        self.operations: dict[str, Operation] = {name: _operation(name, row) for name, row in data["operations"].items()}

    def shape(self, name: str) -> Shape:
        """Raises KeyError for a name that the model does not have."""
        shape = self._shapes.get(name)
        if shape is None:
            shape = self._shapes[name] = _shape(name, self._shapes_data[name])
        return shape

    @property
    def shape_names(self) -> Iterable[str]:
        return self._shapes_data.keys()


def _operation(name: str, row: dict[str, Any]) -> Operation:
    method, uri = row["http"]
    return Operation(name, method, uri, row.get("input"), row.get("output"), tuple(row["errors"]), row.get("idempotent", False))


def _member(name: str, row: str | dict[str, Any]) -> Member:
    if isinstance(row, str):
        return Member(name, row, wire_name=name)
    return Member(name, row["shape"], row.get("location"), row.get("locationName", name), row.get("idempotencyToken", False))


def _target(row: str | dict[str, Any] | None) -> str | None:
    return row["shape"] if isinstance(row, dict) else row


# Members that the service takes and no SDK knows. TableThroughputMode stands for BillingMode where that is missing (measured with signed
# requests on 2026-08-21: ExtendDB/extenddb#320).
_UNPUBLISHED = {name: {"TableThroughputMode": "BillingMode"} for name in ("CreateTableInput", "UpdateTableInput")}


def _shape(name: str, row: dict[str, Any]) -> Shape:
    members = {**row.get("members", {}), **_UNPUBLISHED.get(name, {})}
    return Shape(
        name=name,
        type=row["type"],
        members={key: _member(key, value) for key, value in members.items()},
        required=tuple(row.get("required", ())),
        min=row.get("min"),
        max=row.get("max"),
        pattern=row.get("pattern"),
        enum=tuple(row.get("enum", ())),
        key=_target(row.get("key")),
        value=_target(row.get("value")),
        member=_target(row.get("member")),
        is_error=row.get("exception", False),
        is_fault=row.get("fault", False),
    )


_READ_ONLY = re.compile(r"(Get|BatchGet|TransactGet|Query|Scan|Search|Describe|List)")
# Execute..., which are as their statements are
_OF_STATEMENTS = ("Statement", "ExecuteTransaction")
_SELECT = re.compile(r"\s*SELECT\b", re.IGNORECASE)


@cache
def writes_of(operation: str) -> bool | None:
    """Whether calls of an operation may change something, by AWS's naming; None where the statements of each tell."""
    return None if operation.endswith(_OF_STATEMENTS) else _READ_ONLY.match(operation) is None


def is_read_only(operation: str, params: Mapping[str, Any]) -> bool:
    """Whether a call changes nothing: known by its operation, or by its statements where these are PartiQL."""
    writes = writes_of(operation)
    if writes is not None:
        return not writes
    statements = params.get("Statements") or params.get("TransactStatements") or ([params] if "Statement" in params else [])
    return bool(statements) and all(_SELECT.match(entry.get("Statement") or "") for entry in statements)


@cache
def load_service(name: str) -> Service:
    """The service of that name, from `emulator.aws.errors.SERVICES`. Raises FileNotFoundError for another."""
    path = Path(__file__).with_name(f"{name}.json")
    return Service(orjson.loads(path.read_bytes()))


def load_services() -> dict[str, Service]:
    return {name: load_service(name) for name in SERVICES}
