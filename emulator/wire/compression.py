"""Bodies packed by their sender, or for their receiver."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable

from emulator.aws.errors import RequestTooLarge, ServiceError
from emulator.messages import HttpReply, HttpRequest

# Each member costs, however little is in it; programs write one
MAX_MEMBERS = 100

# What the service accepts, by Content-Length or by count, before and after decompression
MAX_BODY = 16 * 1024 * 1024
# More than any answer of the service has
MAX_ANSWER = 64 * 1024 * 1024
# As `zlib` names them: of gzip, and of either kind of deflate with or without its head
_WINDOWS = {"gzip": 31, "deflate": 47}
_QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")


def plain_body(request: HttpRequest) -> bytes:
    """A request's body, unpacked. Raises ServiceError: RequestTooLarge for one above the limit, packed or not, and what `decompressed`
    raises."""
    body = request.body
    if request.too_large or len(body) > MAX_BODY:
        raise RequestTooLarge
    if "content-encoding" in request.headers:
        body = decompressed(body, request.headers["content-encoding"])
        if len(body) > MAX_BODY:
            raise RequestTooLarge
    return body


def plain_answer(reply: HttpReply) -> bytes:
    """An answer's body, unpacked; as it is where it is not packed, or cannot be unpacked to MAX_ANSWER bytes at most."""
    body = reply.body
    # By far the most are JSON as it is
    if not body or body[:1] == b"{":
        return body
    encoding = next((value for name, value in reply.headers if name.lower() == "content-encoding"), "")
    window = _WINDOWS.get(encoding.strip().lower())
    if window is None:
        return body
    unpacker = zlib.decompressobj(wbits=window)
    try:
        plain = unpacker.decompress(body, MAX_ANSWER)
    except zlib.error:
        return body
    return plain if unpacker.eof else body


def decompressed(body: bytes, encoding: str) -> bytes:
    """A request's body, unpacked: deflate, or gzip, also of several members, up to MAX_MEMBERS. Raises ServiceError
    (InternalServerError) for anything else, as the live service answers it."""
    unpack = _UNPACKERS.get(encoding.strip().lower())
    try:
        if unpack is None:
            raise ValueError(encoding)
        return unpack(body)
    except (ValueError, EOFError, OSError, zlib.error):
        raise ServiceError("InternalServerError") from None


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    room = MAX_BODY + 1
    for _ in range(MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(body, room))
        room -= len(parts[-1])
        if not member.eof:
            raise EOFError("a gzip member is cut off or too large")
        body = member.unused_data
        if not body or room <= 0:
            return b"".join(parts)
    raise ValueError("too many gzip members")


def _inflate(body: bytes) -> bytes:
    """With zlib's head and sum, as HTTP has it, or without, as some clients do."""
    try:
        return _inflated(body, zlib.MAX_WBITS)
    except zlib.error:
        return _inflated(body, -zlib.MAX_WBITS)


def _inflated(body: bytes, wbits: int) -> bytes:
    stream = zlib.decompressobj(wbits)
    plain = stream.decompress(body, MAX_BODY + 1)
    if not stream.eof and len(plain) <= MAX_BODY:
        raise EOFError("deflated data is cut off")
    return plain


_UNPACKERS: dict[str, Callable[[bytes], bytes]] = {"identity": lambda body: body, "gzip": _gunzip, "deflate": _inflate}
_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {"gzip": lambda body: gzip.compress(body, mtime=0), "deflate": zlib.compress}


def compressed(body: bytes, accepted: str) -> tuple[str, bytes]:
    """(encoding, packed body) by the known encoding of an Accept-Encoding header that weighs most, the first of several; ("", body) if none
    is known, or wanted. (One source, 2026: `*` is gzip, and identity does not count, whatever its weight.)"""
    best, most = "", 0.0
    for part in accepted.split(","):
        name, _, parameter = (piece.strip().lower() for piece in part.partition(";"))
        name = "gzip" if name == "*" else name
        weight = _weight(parameter)
        if name in _COMPRESSORS and weight > most:
            best, most = name, weight
    return (best, _COMPRESSORS[best](body)) if best else ("", body)


def _weight(parameter: str) -> float:
    """What `q=0.5` weighs; 1 where there is none, or nothing that can be read."""
    found = _QUALITY.fullmatch(parameter)
    return float(found[1]) if found else 1.0
