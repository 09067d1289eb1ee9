"""The operations as the language names them: single names, globs, and groups.

A group is a list of (service, operation) pairs. What is not on the data plane of DynamoDB is control plane, so that an
operation that AWS adds belongs to a group from its first day.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from emulator.aws.errors import SERVICES
from emulator.aws.services import load_services
from emulator.scenario.reading import suggestion

Names = frozenset[tuple[str, str]]

DEFAULT_SERVICE = "dynamodb"

_READS = ("GetItem", "BatchGetItem", "Query", "Scan", "SearchVectors", "TransactGetItems")
_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_BATCH = ("BatchGetItem", "BatchWriteItem", "BatchExecuteStatement")
_TRANSACTIONS = ("TransactGetItems", "TransactWriteItems", "ExecuteTransaction")
_PARTIQL = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
_BACKUPS = (
    "CreateBackup",
    "DeleteBackup",
    "DescribeBackup",
    "DescribeContinuousBackups",
    "ListBackups",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "UpdateContinuousBackups",
)

GROUPS = ("reads", "writes", "batch", "transactions", "partiql", "control", "backups", "streams")


@cache
def every_operation() -> Names:
    return frozenset((service.name, name) for service in load_services().values() for name in service.operations)


@cache
def groups() -> dict[str, Names]:
    everything = every_operation()
    data = frozenset(("dynamodb", name) for name in {*_READS, *_WRITES, *_BATCH, *_TRANSACTIONS, *_PARTIQL})
    named = {"reads": _READS, "writes": _WRITES, "batch": _BATCH, "transactions": _TRANSACTIONS, "partiql": _PARTIQL, "backups": _BACKUPS}
    found = {group: frozenset(("dynamodb", name) for name in names) for group, names in named.items()}
    found["control"] = frozenset(pair for pair in everything if pair[0] == "dynamodb") - data
    found["streams"] = frozenset(pair for pair in everything if pair[0] == "streams")
    return found


class NoSuchOperation(ValueError):
    """A name, glob or group that stands for nothing. `hint` says what might be meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def all_of(service: str | None) -> Names:
    return frozenset(pair for pair in every_operation() if pair[0] == (service or DEFAULT_SERVICE))


def resolve(written: str, service: str | None) -> Names:
    """What a name, glob or group stands for. With `service` None, names and globs are DynamoDB's, and a group brings its own
    service. Raises NoSuchOperation where that is nothing."""
    if written in GROUPS:
        return _group(written, service)
    found = frozenset(pair for pair in all_of(service) if fnmatchcase(pair[1], written))
    if not found:
        raise NoSuchOperation(f"unknown operation '{written[:64]}' of the service {service or DEFAULT_SERVICE}", _hint(written, service))
    return found


def _group(written: str, service: str | None) -> Names:
    group = groups()[written]
    found = group if service is None else frozenset(pair for pair in group if pair[0] == service)
    if not found:
        owner = min(group)[0]
        raise NoSuchOperation(f"the group '{written}' has no operation of the service {service}", f"its operations are those of {owner}")
    return found


def _hint(written: str, service: str | None) -> str:
    for other in SERVICES:
        if other != (service or DEFAULT_SERVICE) and (other, written) in every_operation():
            return f"it belongs to the service {other}: write 'service: {other}'"
    return suggestion(written, [*(name for _, name in sorted(all_of(service))), *GROUPS])
