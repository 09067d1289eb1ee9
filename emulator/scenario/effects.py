"""The values of those effects that say more than a word: parts of a batch, cancellations, pages, states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import one_way
from emulator.scenario.items import StoredItem
from emulator.scenario.nodes import MappingNode, Node, ScalarNode
from emulator.scenario.reading import ListOf, Reading, Schema, or_parameter, read_pairs, refuse
from emulator.scenario.sections import Fields, Key, KeysConstraint, Section, key, keys_of, section
from emulator.scenario.values import PASSING, Number, Whole, one_of, scalar_text

# Codes of CancellationReason, from the service model's documentation of TransactWriteItems
CANCELLATIONS = (
    "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceeded",
    "TransactionConflict",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "ValidationError",
)

# Codes of BatchStatementError, from the service model, each with the error whose text it has
STATEMENT_ERRORS = {
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "ItemCollectionSizeLimitExceeded": "ItemCollectionSizeLimitExceededException",
    "RequestLimitExceeded": "RequestLimitExceeded",
    "ValidationError": "ValidationException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
    "TransactionConflict": "TransactionConflictException",
    "ThrottlingError": "ThrottlingException",
    "InternalServerError": "InternalServerError",
    "ResourceNotFound": "ResourceNotFoundException",
    "AccessDenied": "AccessDeniedException",
    "DuplicateItem": "DuplicateItemException",
}

# Which states an operation leaves a table in
TABLE_STATUSES = {
    "CREATING": ("CreateTable", "RestoreTableFromBackup", "RestoreTableToPointInTime"),
    "UPDATING": ("UpdateTable",),
    "DELETING": ("DeleteTable",),
}


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """Which entries of a batch come back unprocessed; one of these. `indexes` count from 0; `fraction` is a share of the
    entries, drawn from the seed; `all_but` that many are processed; `keys` are in wire form."""

    every: int | None = key(Whole(1, 1000), "every n-th entry: 2 means the second, fourth, ...; 1 means all", example="2", default=None)
    indexes: tuple[int, ...] | None = key(
        ListOf(Whole(0, 999), 1000, 1), "the entries at these positions, from 0", example="[0, 3]", default=None
    )
    fraction: float | None = key(
        Number(0.0, 1.0, "a share from 0 to 1"), "this share of the entries, drawn from the seed", example="0.5", default=None
    )
    all_but: int | None = key(Whole(0, 1000), "all entries but the first so many", example="1", default=None)
    keys: tuple[Mapping[str, Any], ...] | None = key(
        ListOf(StoredItem(), 1000, 1), "the entries for items with these attributes in their key", example="[{customer: ada}]", default=None
    )


def _selects(what: str, others: int = 0) -> KeysConstraint:
    return one_way(
        *(row.name for row in keys_of(Unprocessed)),
        says=f"'{what}' selects in one way, not {{count}}",
        hint="every, indexes, fraction, all_but or keys",
        others=others,
    )


UNPROCESSED = section("'unprocessed'", Unprocessed, _selects("unprocessed"))


@dataclass(frozen=True)
class ByPosition:
    """Codes by position in the request. DynamoDB takes at most 100 actions in a transaction."""

    codes: tuple[str, ...]
    what: str
    shape: str

    def read(self, node: Node, reading: Reading) -> tuple[tuple[int, str], ...]:
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return read_pairs(node, _Position(), one_of(*self.codes, what=self.what), reading)

    def schema(self) -> Schema:
        positions = {"pattern": r"^(?:0|[1-9][0-9]?)$|\$\{"}
        code = one_of(*self.codes).schema()
        return {"type": "object", "propertyNames": positions, "additionalProperties": code, "minProperties": 1}


class _Position:
    shape = "a position from 0 to 99"

    def read(self, node: Node, reading: Reading) -> int:
        # JSON has no numbers as keys, so the text "0" is a position too.
        if not isinstance(node, ScalarNode) or not re.fullmatch(_POSITION, node.text):
            refuse(node, self.shape)
        return int(node.text)

    def schema(self) -> Schema:
        return {"pattern": rf"^(?:{_POSITION})$"}


_POSITION = r"0|[1-9][0-9]?"
CANCEL = ByPosition(CANCELLATIONS, "the code of a cancellation reason", "reasons by position, from 0, such as {0: ConditionalCheckFailed}")
_STATEMENT_ERROR = "the code of a statement's error, such as ThrottlingError"
_BY_POSITION = ByPosition(tuple(STATEMENT_ERRORS), _STATEMENT_ERROR, "errors by position, from 0, such as {0: ThrottlingError}")


@dataclass(frozen=True, slots=True)
class StatementErrors:
    """The errors of single statements of a batch: codes by position, from 0, or one `error` for those that `which` selects."""

    positions: tuple[tuple[int, str], ...] = ()
    which: Unprocessed | None = None
    error: str = ""


def _selected(fields: Fields, reading: Reading) -> StatementErrors:
    return StatementErrors(which=fields.build(Unprocessed), error=fields.get("error"))


_STATEMENTS = Section(
    "'statements'",
    (
        Key("error", one_of(*STATEMENT_ERRORS, what=_STATEMENT_ERROR), "the error of these statements", "ThrottlingError", required=True),
        *(replace(row, doc=row.doc.replace("entries", "statements").replace("entry", "statement")) for row in UNPROCESSED.keys),
    ),
    _selected,
    (_selects("statements", others=1),),
)


class StatementsValue:
    shape = "errors by position, from 0, such as {0: ThrottlingError}, or an error and which statements have it"

    def read(self, node: Node, reading: Reading) -> StatementErrors:
        if isinstance(node, MappingNode) and any(key.text in _STATEMENTS.names for key, _ in node.entries):
            return _STATEMENTS.read(node, reading)
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return StatementErrors(_BY_POSITION.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_BY_POSITION.schema(), _STATEMENTS.schema()]}


@dataclass(frozen=True, slots=True)
class ShortPage:
    """A page of at most so many items; 0: an empty one with a LastEvaluatedKey."""

    items: int = key(Whole(1, 100_000), "how many items at most", example="1")


_PAGE = section("'page'", ShortPage)


class PageValue:
    shape = "{items: 1} for a short page, or empty"

    def read(self, node: Node, reading: Reading) -> ShortPage:
        if isinstance(node, MappingNode):
            return _PAGE.read(node, reading)
        if scalar_text(node, self.shape) != "empty":
            refuse(node, self.shape)
        return ShortPage(0)

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"const": "empty"}), _PAGE.schema()]}


@dataclass(frozen=True, slots=True)
class TableStatus:
    """The state that a table keeps for so long."""

    status: str
    for_: float


class TableStatusValue:
    shape = "a state and how long it lasts, such as {CREATING: 10s}"

    def read(self, node: Node, reading: Reading) -> TableStatus:
        if not isinstance(node, MappingNode) or len(node.entries) != 1:
            refuse(node, self.shape)
        ((status, lasts),) = read_pairs(node, one_of(*TABLE_STATUSES), PASSING, reading)
        return TableStatus(status, lasts)

    def schema(self) -> Schema:
        states = {status: PASSING.schema() for status in TABLE_STATUSES}
        return {"type": "object", "properties": states, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}


SECTIONS = (UNPROCESSED, _STATEMENTS, _PAGE)
