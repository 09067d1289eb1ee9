"""Upstreams of every kind, on real sockets: what they are asked is kept, and what they do with it a function says."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import orjson

NO_TABLE = b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}'


@dataclass(frozen=True)
class Asked:
    """One request as it came: `head` with the request line, names and values of headers as sent."""

    head: bytes
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}

    @property
    def operation(self) -> str:
        return self.headers.get("x-amz-target", "").rpartition(".")[2]


@dataclass(frozen=True)
class Does:
    """What to do: send bytes, and then go on, `close`, `reset` or `hang`."""

    sends: bytes = b""
    then: str = "go on"


def answer(status: int, body: bytes, *headers: tuple[str, str], crc: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(body)}"]
    lines += [f"x-amz-crc32: {crc32(body)}"] if crc else []
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class RawUpstream:
    """A server whose every answer `react` gives; asked what a table is like, it knows none, unless `react` is to say that, too."""

    def __init__(self, react: Callable[[Asked], Does], *, describes: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self._react = react
        self._tls = tls
        self._describes = describes
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self.asked: list[Asked] = []
        self.url = ""

    def __enter__(self) -> RawUpstream:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024, limit=2**24, ssl=self._tls))
        self.url = f"{'http' if self._tls is None else 'https'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
        """The next request, None for one that is answered already."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(Asked(head, b"").headers.get("content-length", "0"))
        asked = Asked(head, await reader.readexactly(length))
        if asked.operation == "DescribeTable" and not self._describes:
            writer.write(answer(400, NO_TABLE))
            return None
        return asked

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = await self._read(reader, writer)
        if asked is None:
            return True
        self.asked.append(asked)
        does = self._react(asked)
        writer.write(does.sends)
        await writer.drain()
        if does.then == "hang":
            await asyncio.Event().wait()
        if does.then == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return does.then == "go on"


def ask(operation: str, **params: Any) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a request, as an SDK makes them."""
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "x-amz-date": "20261127T120000Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=A/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
    }
    return headers, orjson.dumps(params)
