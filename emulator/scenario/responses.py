"""`response`: an answer that the author puts together, or one that is broken in one way; and headers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import not_empty
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.reading import Reading, Schema, or_parameter, read_pairs, refuse, suggestion
from emulator.scenario.scalars import ScalarKind, flag
from emulator.scenario.sections import key, section
from emulator.scenario.values import Text, Whole, scalar_text

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

_HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"


class HeadersValue:
    """Header names with values; nothing as a value removes the header."""

    shape = "headers by name, such as {x-cache: miss}; a null value removes one"

    def read(self, node: Node, reading: Reading) -> tuple[tuple[str, str | None], ...]:
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return read_pairs(node, Text("the name of a header", _HEADER_NAME, 100), _HeaderValue(), reading)

    def schema(self) -> Schema:
        names = {"pattern": f"^{_HEADER_NAME}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _HeaderValue().schema(), "minProperties": 1}


class _HeaderValue:
    shape = "a header's value of printable ASCII"

    def read(self, node: Node, reading: Reading) -> str | None:
        if not isinstance(node, ScalarNode):
            refuse(node, "a header's value")
        if node.kind is ScalarKind.NULL:
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
        if isinstance(node, ScalarNode):
            return scalar_text(node, self.shape)
        return json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"))

    def schema(self) -> Schema:
        return {"type": ["string", "object", "array"]}


def _plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.items]
    if node.kind is ScalarKind.NULL:
        return None
    if node.kind is ScalarKind.FLAG:
        return flag(node.text)
    if node.kind is ScalarKind.NUMBER:
        # Beyond this a float is infinite, and JSON has no infinity.
        return json.loads(node.text.lstrip("+")) if abs(Decimal(node.text)) < Decimal("1e300") else refuse(node, "a smaller number")
    return scalar_text(node, "a JSON value")


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An answer put together by the author. `headers` change those of a real answer; a None value removes one."""

    status: int = key(Whole(200, 599), "the HTTP status", example="502", default=200)
    headers: tuple[tuple[str, str | None], ...] = key(
        HeadersValue(),
        "headers to add or replace; a null value removes one",
        example="{content-type: text/html, x-amz-crc32: null}",
        default=(),
        left_out="those of the service",
    )
    body: str = key(
        _BodyValue(), "text, or a mapping that goes out as JSON", example="<html>Bad Gateway</html>", default="", left_out="empty"
    )


_RAW = section("'response'", RawResponse, not_empty("'response' says nothing", "give status, headers or body"))


class ResponseValue:
    shape = f"a raw response with status, headers and body, or one of {', '.join((*REPLACED, *DAMAGED))}"

    def read(self, node: Node, reading: Reading) -> str | RawResponse:
        if isinstance(node, MappingNode):
            return _RAW.read(node, reading)
        name = scalar_text(node, self.shape)
        if name not in REPLACED and name not in DAMAGED:
            refuse(node, self.shape, suggestion(name, (*REPLACED, *DAMAGED)))
        return name

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"enum": [*REPLACED, *DAMAGED]}), _RAW.schema()]}


SECTIONS = (_RAW,)
