"""The values of those effects that say more than a word: raw responses, parts of a batch, cancellations, pages, states."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from emulator.scenario.constraints import Said
from emulator.scenario.items import StoredItem
from emulator.scenario.model import Page, RawResponse, StatementErrors, TableStatus, Unprocessed
from emulator.scenario.nodes import Mapping, Node, Scalar, Sequence
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, or_parameter, read_pairs, refuse, suggestion
from emulator.scenario.scalars import Kind, flag
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import PASSING, Number, Text, Whole, one_of, scalar_text

# Damage done to the service's own answer, and answers that never were the service's; each with what is broken
DAMAGED = {
    "cut-json": "the second half of the body is missing; length and checksum fit the first half",
    "wrong-crc": "`x-amz-crc32` does not fit the body",
    "no-crc": "without `x-amz-crc32`",
    "wrong-length": "`Content-Length` promises ten bytes that never come; then the connection closes",
    "wrong-content-type": "`Content-Type: text/plain`",
    "no-request-id": "without `x-amzn-RequestId`",
    "bad-gzip": "`Content-Encoding: gzip`, with a body that is not compressed",
}
REPLACED = {
    "empty": "no body",
    "html": "200 and a page of HTML, as a network's sign-in page; none of the service's headers",
    "not-json": "a body of plain words",
    "garbage": "64 bytes that are no UTF-8",
}

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

_HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"


class HeadersValue:
    """Header names with values; nothing as a value removes the header."""

    shape = "headers by name, such as {x-cache: miss}; a null value removes one"

    def read(self, node: Node, reading: Reading) -> tuple[tuple[str, str | None], ...]:
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return read_pairs(node, Text("the name of a header", _HEADER_NAME, 100), _HeaderValue(), reading)

    def schema(self) -> Schema:
        names = {"pattern": f"^{_HEADER_NAME}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _HeaderValue().schema(), "minProperties": 1}


class _HeaderValue:
    shape = "a header's value of printable ASCII"

    def read(self, node: Node, reading: Reading) -> str | None:
        if not isinstance(node, Scalar):
            refuse(node, "a header's value")
        if node.kind is Kind.NULL:
            return None
        # A value that could start a line of its own would be another header, or another answer.
        if not all(" " <= character <= "~" for character in node.text) or len(node.text) > 4000:
            refuse(node, self.shape)
        return node.text

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean", "null"], "pattern": "^[ -~]*$", "maxLength": 4000}


class _BodyValue:
    shape = "a body: text, or a mapping or list that goes out as JSON"

    def read(self, node: Node, reading: Reading) -> str:
        if isinstance(node, Scalar):
            return scalar_text(node, self.shape)
        return json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"))

    def schema(self) -> Schema:
        return {"type": ["string", "object", "array"]}


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    if node.kind is Kind.NULL:
        return None
    if node.kind is Kind.FLAG:
        return flag(node.text)
    if node.kind is Kind.NUMBER:
        # Beyond this a float is infinite, and JSON has no infinity.
        return json.loads(node.text.lstrip("+")) if abs(Decimal(node.text)) < Decimal("1e300") else refuse(node, "a smaller number")
    return scalar_text(node, "a JSON value")


def _check_raw(node: Mapping, reading: Reading) -> None:
    if not node.entries:
        reading.report(Refused(node.where, "'response' says nothing", "give status, headers or body"))


def _raw(fields: Fields, reading: Reading) -> RawResponse:
    return RawResponse(**fields.model())


_RAW = Section(
    "'response'",
    (
        Key("status", Whole(200, 599), "the HTTP status", "502", default="200"),
        Key(
            "headers",
            HeadersValue(),
            "headers to add or replace; a null value removes one",
            "{content-type: text/html, x-amz-crc32: null}",
            default="those of the service",
        ),
        Key("body", _BodyValue(), "text, or a mapping that goes out as JSON", "<html>Bad Gateway</html>", default="empty"),
    ),
    _raw,
    (Said(_check_raw, {"minProperties": 1}),),
)


class ResponseValue:
    shape = f"a raw response with status, headers and body, or one of {', '.join((*REPLACED, *DAMAGED))}"

    def read(self, node: Node, reading: Reading) -> str | RawResponse:
        if isinstance(node, Mapping):
            return _RAW.read(node, reading)
        name = scalar_text(node, self.shape)
        if name not in REPLACED and name not in DAMAGED:
            refuse(node, self.shape, suggestion(name, (*REPLACED, *DAMAGED)))
        return name

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"enum": [*REPLACED, *DAMAGED]}), _RAW.schema()]}


def _check_ways(node: Mapping, reading: Reading, what: str) -> None:
    ways = [key.text for key, _ in node.entries if key.text in UNPROCESSED.names]
    if len(ways) != 1:
        reading.report(Refused(node.where, f"'{what}' selects in one way, not {len(ways)}", "every, indexes, fraction, all_but or keys"))


def _unprocessed(fields: Fields, reading: Reading) -> Unprocessed:
    return Unprocessed(**fields.model())


UNPROCESSED = Section(
    "'unprocessed'",
    (
        Key("every", Whole(1, 1000), "every n-th entry: 2 means the second, fourth, ...; 1 means all", "2"),
        Key("indexes", ListOf(Whole(0, 999), 1000, 1), "the entries at these positions, from 0", "[0, 3]"),
        Key("fraction", Number(0.0, 1.0, "a share from 0 to 1"), "this share of the entries, drawn from the seed", "0.5"),
        Key("all_but", Whole(0, 1000), "all entries but the first so many", "1"),
        Key("keys", ListOf(StoredItem(), 1000, 1), "the entries for items with these attributes in their key", "[{customer: ada}]"),
    ),
    _unprocessed,
    (Said(lambda node, reading: _check_ways(node, reading, "unprocessed"), {"minProperties": 1, "maxProperties": 1}),),
)


@dataclass(frozen=True)
class ByPosition:
    """Codes by position in the request. DynamoDB takes at most 100 actions in a transaction."""

    codes: tuple[str, ...]
    what: str
    shape: str

    def read(self, node: Node, reading: Reading) -> tuple[tuple[int, str], ...]:
        if not isinstance(node, Mapping) or not node.entries:
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
        if not isinstance(node, Scalar) or not re.fullmatch(_POSITION, node.text):
            refuse(node, self.shape)
        return int(node.text)

    def schema(self) -> Schema:
        return {"pattern": rf"^(?:{_POSITION})$"}


_POSITION = r"0|[1-9][0-9]?"
CANCEL = ByPosition(CANCELLATIONS, "the code of a cancellation reason", "reasons by position, from 0, such as {0: ConditionalCheckFailed}")
_STATEMENT_ERROR = "the code of a statement's error, such as ThrottlingError"
_BY_POSITION = ByPosition(tuple(STATEMENT_ERRORS), _STATEMENT_ERROR, "errors by position, from 0, such as {0: ThrottlingError}")


def _selected(fields: Fields, reading: Reading) -> StatementErrors:
    error = fields.values.pop("error")
    return StatementErrors(which=Unprocessed(**fields.model()), error=error)


_STATEMENTS = Section(
    "'statements'",
    (
        Key("error", one_of(*STATEMENT_ERRORS, what=_STATEMENT_ERROR), "the error of these statements", "ThrottlingError", required=True),
        *(replace(key, doc=key.doc.replace("entries", "statements").replace("entry", "statement")) for key in UNPROCESSED.keys),
    ),
    _selected,
    (Said(lambda node, reading: _check_ways(node, reading, "statements"), {"minProperties": 2, "maxProperties": 2}),),
)


class StatementsValue:
    shape = "errors by position, from 0, such as {0: ThrottlingError}, or an error and which statements have it"

    def read(self, node: Node, reading: Reading) -> StatementErrors:
        if isinstance(node, Mapping) and any(key.text in _STATEMENTS.names for key, _ in node.entries):
            return _STATEMENTS.read(node, reading)
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return StatementErrors(_BY_POSITION.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_BY_POSITION.schema(), _STATEMENTS.schema()]}


def _page(fields: Fields, reading: Reading) -> Page:
    return Page(**fields.model())


_PAGE = Section("'page'", (Key("items", Whole(1, 100_000), "how many items at most", "1", required=True),), _page)


class PageValue:
    shape = "{items: 1} for a short page, or empty"

    def read(self, node: Node, reading: Reading) -> Page:
        if isinstance(node, Mapping):
            return _PAGE.read(node, reading)
        if scalar_text(node, self.shape) != "empty":
            refuse(node, self.shape)
        return Page(0)

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"const": "empty"}), _PAGE.schema()]}


class TableStatusValue:
    shape = "a state and how long it lasts, such as {CREATING: 10s}"

    def read(self, node: Node, reading: Reading) -> TableStatus:
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            refuse(node, self.shape)
        ((status, lasts),) = read_pairs(node, one_of(*TABLE_STATUSES), PASSING, reading)
        return TableStatus(status, lasts)

    def schema(self) -> Schema:
        states = {status: PASSING.schema() for status in TABLE_STATUSES}
        return {"type": "object", "properties": states, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}


SECTIONS = (_RAW, UNPROCESSED, _STATEMENTS, _PAGE)
