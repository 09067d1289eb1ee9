"""Leaves out the values of attributes whose names the user has given (`--redact`).

What clients send and get, and what is stored, stays as it is; the journal, and all that is made of it, has `***` in place of the values, of
the same type. Of key attributes, each value has a number of its own (`***`, `***2`, ...), so that items can still be told apart. Where an
expression or a statement speaks of such an attribute, none of its values is shown.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fnmatch import translate
from hashlib import blake2b
from os import urandom
from typing import Any
from zlib import crc32

import orjson

from emulator.aws.errors import ServiceError
from emulator.aws.values import is_too_deep
from emulator.journal.exchange import Exchange
from emulator.journal.secrets import HIDDEN
from emulator.messages import Call, HttpReply, HttpRequest, Written
from emulator.scenario.hiding import hidden_values
from emulator.wire.compression import decompressed, plain_answer
from emulator.wire.failures import report_failure

_SETS = ("SS", "NS", "BS")
_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "L", "M", *_SETS})
_CONDITION = frozenset({"Value", "AttributeValueList", "Exists", "ComparisonOperator", "Action"})
_KEPT_IN_CONDITION = frozenset({"Exists", "ComparisonOperator", "Action"})
# What stands in a request as text, and may speak of attributes
_EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression")
# Members of the protocol that hold text, and are no attributes whatever glob fits them
_MEMBERS = frozenset(
    {
        "Action", "AttributeName", "AttributeType", "BackupArn", "BillingMode", "ClientRequestToken", "Code", "ComparisonOperator",
        "ConditionalOperator", "IndexName", "KeyType", "NextToken", "ResourceArn", "ReturnConsumedCapacity",
        "ReturnItemCollectionMetrics", "ReturnValues", "ReturnValuesOnConditionCheckFailure", "Select", "StreamArn", "TableArn",
        "TableName", "TableStatus", "__type", "message", "Message", "Statement", *_EXPRESSIONS,
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z0-9_.\-]+|\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
# A literal of PartiQL; what is behind it tells whether it is the name of a member
_LITERAL = re.compile(r"'(?:[^']|'')*'(?P<name>\s*:)?|(?<![\w\"'.*])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w\"'])")
_MAX_NUMBERED = 1_000_000
_SHORTEST_SECRET = 2


class Redaction:
    """`names` are names of attributes, or globs. For all threads."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = tuple(names)
        self._pattern = re.compile("|".join(f"(?:{translate(name)})" for name in names))
        self._salt = urandom(16)
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()

    def learn(self, text: str) -> None:
        """Hide what a scenario, or a rule, says itself of such attributes, wherever it is quoted."""
        self._known |= hidden_values(text, self.hides)

    def quoted(self, text: str) -> str:
        """A text that quotes a scenario, without the values in it."""
        return _without(text, self._known)

    def hides(self, name: str) -> bool:
        return self._pattern.match(name) is not None

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange as it is written down. Never raises: what cannot be looked into is left out."""
        try:
            return self._hidden(exchange)
        except Exception as failure:
            report_failure(exchange.id, failure)
            request, reply = replace(exchange.request, body=HIDDEN.encode()), HttpReply(exchange.reply.status, [], HIDDEN.encode())
            call = None if exchange.call is None else replace(exchange.call, params={}, request=request)
            return exchange._replace(request=request, call=call, reply=reply, written=None, bug=exchange.bug and HIDDEN)

    def _hidden(self, exchange: Exchange) -> Exchange:
        job = _Job(self, _key_names(exchange))
        call = exchange.call
        request = job.request(exchange.request)
        return exchange._replace(
            request=request,
            call=None if call is None else job.call(call, request),
            reply=job.reply(exchange.reply),
            written=None if exchange.written is None else job.written(exchange.written),
            bug=job.scrubbed(exchange.bug),
        )

    def number(self, name: str, value: str) -> int:
        """By which a value of a key attribute is known again."""
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=12, key=self._salt).digest()
        with self._lock:
            if len(self._numbers) >= _MAX_NUMBERED:
                self._numbers.clear()
            return self._numbers.setdefault((name, digest), len(self._numbers) + 1)


class _Job:
    """The redaction of one exchange. `secrets` are the values that have been hidden in it so far."""

    def __init__(self, redaction: Redaction, keys: frozenset[str]) -> None:
        self._redaction = redaction
        self._keys = keys
        self.secrets: set[str] = set()

    def request(self, request: HttpRequest) -> HttpRequest:
        body = request.body
        encoding = request.headers.get("content-encoding")
        if encoding is not None:
            try:
                body = decompressed(body, encoding)
            except ServiceError:
                return replace(request, body=HIDDEN.encode())
        hidden = self._body(body)
        return request if hidden == request.body else replace(request, body=hidden)

    def call(self, call: Call, request: HttpRequest) -> Call:
        params = self.value(call.params)
        refusal = call.refusal
        if refusal is not None and self.secrets:
            refusal = ServiceError(refusal.spec.name, self.scrubbed(refusal.message or ""), service=call.service)
        return replace(call, params=params, request=request, refusal=refusal)

    def reply(self, reply: HttpReply) -> HttpReply:
        headers = {name.lower(): value for name, value in reply.headers}
        hidden = self._body(plain_answer(reply))
        if hidden == reply.body:
            return reply
        changed = {"x-amz-crc32": _checksum(headers, reply.body, hidden), "content-length": _length(headers, reply.body, hidden)}
        kept = [(name, changed.get(name.lower()) or value) for name, value in reply.headers if name.lower() != "content-encoding"]
        return HttpReply(reply.status, kept, hidden)

    def written(self, written: Written) -> Written:
        keys = tuple((table, orjson.dumps(self.value(orjson.loads(key))).decode()) for table, key in written.keys)
        return Written(keys, written.other, written.replayed, written.known)

    def scrubbed(self, text: str) -> str:
        """A text without the values that are hidden elsewhere."""
        return _without(text, self.secrets)

    def _body(self, body: bytes) -> bytes:
        if not body:
            return body
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            # Nobody can say what stands in it
            return HIDDEN.encode()
        if is_too_deep(value):
            return HIDDEN.encode()
        hidden = self.value(value)
        return body if hidden == value else orjson.dumps(hidden)

    def value(self, value: Any) -> Any:
        """A part of a request or an answer."""
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if not isinstance(value, dict):
            return value
        found = {name: self._member(name, member) for name, member in value.items()}
        if self._is_spoken_of(value):
            for name in ("ExpressionAttributeValues", "Parameters"):
                if name in found:
                    found[name] = self._hidden("", value[name])
            if isinstance(value.get("Statement"), str):
                found["Statement"] = _LITERAL.sub(self._literal, value["Statement"])
        return found

    def _member(self, name: str, member: Any) -> Any:
        is_value = _is_typed(member) or _is_condition(member) or (name not in _MEMBERS and not isinstance(member, (dict, list)))
        if is_value and self._redaction.hides(name):
            return self._hidden(name, member)
        if name.lower() == "message" and isinstance(member, str):
            return self.scrubbed(member)
        return self.value(member)

    def _is_spoken_of(self, body: Mapping[str, Any]) -> bool:
        """Whether an expression, or a statement, of this part names an attribute that is hidden."""
        texts = [text for name in (*_EXPRESSIONS, "Statement") if isinstance(text := body.get(name), str)]
        names = body.get("ExpressionAttributeNames")
        words = list(names.values()) if isinstance(names, dict) else []
        words += [word.strip("\"'") for text in texts for found in _WORD.findall(text) for word in (found, *found.split("."))]
        return any(isinstance(word, str) and self._redaction.hides(word) for word in words)

    def _hidden(self, name: str, value: Any) -> Any:
        """A value, or what holds values, with nothing of them but their types."""
        if _is_typed(value):
            ((kind, content),) = value.items()
            return {kind: self._content(name, kind, content)}
        if isinstance(value, dict):
            return {key: one if key in _KEPT_IN_CONDITION else self._hidden(name, one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._hidden(name, one) for one in value]
        self.secrets.update(_texts(value))
        return HIDDEN

    def _content(self, name: str, kind: str, content: Any) -> Any:
        self.secrets.update(_texts(content))
        if kind in _SETS:
            return [HIDDEN]
        if kind == "L":
            return [{"S": HIDDEN}]
        if kind == "M":
            return {HIDDEN: {"S": HIDDEN}}
        number = self._redaction.number(name, content) if name in self._keys and isinstance(content, str) else 1
        return HIDDEN if number == 1 else f"{HIDDEN}{number}"

    def _literal(self, found: re.Match[str]) -> str:
        if found["name"]:
            return found[0]
        self.secrets.add(found[0].strip("'").replace("''", "'"))
        return f"'{HIDDEN}'"


def _without(text: str, secrets: Collection[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text


def _key_names(exchange: Exchange) -> frozenset[str]:
    """The key attributes of an exchange's tables, as far as it tells them."""
    names = {name for found in (exchange.key_names or {}).values() for name in found}
    if exchange.written is not None:
        names.update(name for _, key in exchange.written.keys[:1] for name in orjson.loads(key))
    params = {} if exchange.call is None else exchange.call.params
    names.update(_names_in_keys(params))
    return frozenset(names)


def _names_in_keys(params: Any) -> Iterator[str]:
    """Names within what is called Key or Keys."""
    pending = [params]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            for name, member in one.items():
                for key in member if isinstance(member, list) else [member]:
                    if name in ("Key", "Keys") and isinstance(key, dict):
                        yield from (name for name in key if isinstance(name, str))
                pending.append(member)


def _is_typed(value: Any) -> bool:
    """Whether it is an attribute's value as the protocol has it, `{"S": "a"}`."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    return not _TYPES.isdisjoint(value)


def _is_condition(value: Any) -> bool:
    """Whether it is what requests of the old kind say of an attribute."""
    if isinstance(value, list):
        return bool(value) and all(_is_typed(one) for one in value)
    return isinstance(value, dict) and bool(value) and _CONDITION.issuperset(value)


def _texts(value: Any) -> Iterator[str]:
    """The texts within a value that is hidden."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)


def _checksum(headers: Mapping[str, str], before: bytes, after: bytes) -> str | None:
    """The checksum of the new body where the old one had its own, so that what was right still looks right."""
    return str(crc32(after)) if headers.get("x-amz-crc32") == str(crc32(before)) else None


def _length(headers: Mapping[str, str], before: bytes, after: bytes) -> str | None:
    """As far from the length of the new body as it was from that of the old one."""
    promised = headers.get("content-length", "")
    return str(int(promised) - len(before) + len(after)) if promised.isdecimal() and len(promised) < 10 else None
