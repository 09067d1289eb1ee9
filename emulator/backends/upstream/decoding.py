"""What an upstream's answer says: success, an error of its own, or nothing that the protocol has."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import orjson

from emulator.aws.errors import ErrorSpec, ServiceError
from emulator.backends.upstream.transport import Answer, Unanswered
from emulator.messages import Call, HttpReply
from emulator.wire.answer import CRC
from emulator.wire.compression import plain_answer

_TEXTS = ("message", "Message")


class UpstreamError(ServiceError):
    """An error that an upstream answered, or that stands for an answer that never came. Its name need not be in the catalogue."""

    def __init__(self, spec: ErrorSpec, message: str | None, members: dict[str, Any]) -> None:
        self.spec = spec
        self.message = message
        self.members = members
        Exception.__init__(self, f"{spec.name}: {message}")


class Broken(Exception):
    """The answer is not what the protocol says an answer is."""


def read_answer(call: Call, answer: Answer) -> dict[str, Any] | None:
    """The members of a success, None for an empty body. Raises UpstreamError for an error, Broken for an answer that the service never
    gives."""
    headers = {name.lower(): value for name, value in answer.headers}
    claimed = headers.get(CRC)
    if claimed is not None and claimed != str(crc32(answer.body)):
        raise Broken
    content = _content(HttpReply(answer.status, answer.headers, answer.body))
    if answer.status >= 400:
        raise _error(call, answer.status, headers, content if isinstance(content, dict) else {})
    if answer.status != 200 or not (isinstance(content, dict) or (content is None and not answer.body)):
        raise Broken
    return content


def reply_of(answer: Answer) -> HttpReply:
    """The answer as it is passed on to the client."""
    return HttpReply(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body)))], answer.body)


def lost_answer(failure: Unanswered, url: str) -> tuple[UpstreamError, HttpReply]:
    """What stands for an answer that never came: HTTP's 504 after a time-out, else 502, as a gateway has them. SDKs go by the status,
    since there is no code."""
    status = 504 if failure.how == "timed out" else 502
    name = "Upstream" + failure.how.title().replace(" ", "")
    text = f"dynafault: the upstream {url} {_SAID[failure.how]}: {failure.why}"
    body = orjson.dumps({"message": text})
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body))), (CRC, str(crc32(body)))]
    return UpstreamError(ErrorSpec(name, "dynamodb", status, "", text), text, {}), HttpReply(status, headers, body)


_SAID = {
    "unreachable": "cannot be reached",
    "timed out": "did not answer",
    "reset": "gave no whole answer",
    "broken": "answered nothing that is understood",
}


def _error(call: Call, status: int, headers: dict[str, str], content: dict[str, Any]) -> UpstreamError:
    code = str(headers.get("x-amzn-errortype") or content.get("__type") or content.get("code") or "")
    namespace, _, name = code.rpartition("#")
    name = name.partition(":")[0] or str(status)
    key = next((member for member in _TEXTS if member in content), _TEXTS[0])
    members = {member: value for member, value in content.items() if member not in ("__type", key)}
    text = content.get(key)
    spec = ErrorSpec(name, call.service, status, namespace, None, message_key=key)
    return UpstreamError(spec, None if text is None else str(text), members)


def _content(reply: HttpReply) -> Any:
    """The JSON of an answer's body; None where it has none."""
    try:
        return orjson.loads(plain_answer(reply))
    except orjson.JSONDecodeError:
        return None
