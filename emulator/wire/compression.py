"""Bodies packed by their sender, or for their receiver."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

from emulator.aws.errors import RequestTooLarge, ServiceError
from emulator.messages import HttpRequest

# Each member costs, however little is in it; programs write one
MAX_MEMBERS = 100

# What the service accepts, by Content-Length or by count, before and after decompression
LARGEST_BODY = 16 * 1024 * 1024


def plain_body(request: HttpRequest) -> bytes:
    """A request's body, unpacked. Raises ServiceError: RequestTooLarge for one above the limit, packed or not, and what `decompressed`
    raises."""
    body = request.body
    if request.too_large or len(body) > LARGEST_BODY:
        raise RequestTooLarge
    if "content-encoding" in request.headers:
        body = decompressed(body, request.headers["content-encoding"])
        if len(body) > LARGEST_BODY:
            raise RequestTooLarge
    return body


def decompressed(body: bytes, encoding: str) -> bytes:
    """A request's body, unpacked: gzip, also of several members, up to MAX_MEMBERS. Raises ServiceError (InternalServerError) for
    anything else, as the live service answers it."""
    if encoding.strip().lower() == "identity":
        return body
    try:
        if encoding.strip().lower() != "gzip":
            raise ValueError(encoding)
        return _gunzip(body)
    except (ValueError, EOFError, OSError, zlib.error):
        raise ServiceError("InternalServerError") from None


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    room = LARGEST_BODY + 1
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


_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {"gzip": lambda body: gzip.compress(body, mtime=0), "deflate": zlib.compress}


def compressed(body: bytes, accepted: str) -> tuple[str, bytes]:
    """(encoding, packed body) by the first encoding of an Accept-Encoding header that is known; ("", body) if none is."""
    for name in (part.partition(";")[0].strip().lower() for part in accepted.split(",")):
        if name in _COMPRESSORS:
            return name, _COMPRESSORS[name](body)
    return "", body
