"""A loop that does nothing but HTTP: asyncio and llhttp, and one constant answer. What a server in Python cannot be faster than.

python -m bench.bare             # serves, and prints its port; looks at nothing that a request says
python -m bench.bare --reads     # takes in what each request says, as a server has to: its path, headers and body
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httptools

from emulator.clock import SystemClock
from emulator.wire.answer import AnswerWriter
from emulator.wire.json_rpc import JSON_1_0

BODY = b'{"Item":{"id":{"S":"ada"},"order":{"N":"1"},"status":{"S":"open"}}}'


class _Bare(asyncio.Protocol):
    _transport: asyncio.Transport

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._parser: Any = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(self._answer)


class _Reading(_Bare):
    """What a request says is there, as bytes, when it is answered."""

    def on_message_begin(self) -> None:
        self._said: list[Any] = []

    def on_url(self, url: bytes) -> None:
        self._said.append(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._said.append((name, value))

    def on_body(self, body: bytes) -> None:
        self._said.append(body)


async def _serve(kind: type[_Bare]) -> None:
    reply = AnswerWriter(SystemClock(), seed=1).write(200, JSON_1_0, BODY)
    answer = reply.head(keep_alive=True) + reply.body
    server = await asyncio.get_running_loop().create_server(lambda: kind(answer), "127.0.0.1", 0)
    print(f"bare loop on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve(_Reading if "--reads" in sys.argv else _Bare)))
