"""HTTP to the upstream: pooled connections, time-outs, and a limit on how many requests are under way at once."""

from __future__ import annotations

import asyncio
import io
import ssl
import weakref
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from emulator.aws.errors import EmulatorError
from emulator.wire.compression import MAX_ANSWER

# Seconds. Less than any server keeps a connection that is idle, so that none is closed just as it is used again
_KEEP_ALIVE = 4.0
_CONNECT = 20.0
_MAX_HEADER = 64 * 1024
# Above it, aiohttp wants a file
_LARGE_BODY = 512 * 1024
# Headers that speak of a connection (RFC 9110, 7.6.1), which is another one there, and what aiohttp counts itself
HOP_BY_HOP = frozenset(
    (
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_NOT_ADDED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class Unanswered(Exception):
    """No whole answer came. `how` is "unreachable", "timed out", "reset" or "broken" (see `emulator.messages.Upstream`); `was_sent`: the
    request may have got there."""

    def __init__(self, how: str, why: str, *, was_sent: bool) -> None:
        self.how = how
        self.why = why
        self.was_sent = was_sent
        super().__init__(f"{how}: {why}")


class Answer(NamedTuple):
    """One HTTP answer, as it came but for the headers of its connection."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Transport:
    """`timeout` is how many seconds an answer may take, `in_flight` how many requests may be under way. `ca_bundle` is a file of the
    certificates to trust, None: those of the system. Each event loop has connections of its own. Raises EmulatorError where the file
    cannot be read."""

    def __init__(self, timeout: float, in_flight: int, ca_bundle: str | None = None) -> None:
        self._ssl = _context(ca_bundle)
        self._timeout = timeout
        self._in_flight = in_flight
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        # Under a server that has no loop, and so never says that it has ended
        weakref.finalize(self, _close_all, self._sessions)

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float | None = None) -> Answer:
        """Send a request and wait for its answer, `timeout` seconds at most where that is less than is usual. Raises Unanswered."""
        total = self._timeout if timeout is None else min(timeout, self._timeout)
        progress = SimpleNamespace(was_sent=False)
        try:
            response = await self._session().request(
                method,
                URL(url, encoded=True),
                headers=[(name, _text(value)) for name, value in headers.items() if name not in HOP_BY_HOP],
                data=io.BytesIO(body) if len(body) > _LARGE_BODY else body or None,
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=_CONNECT),
                allow_redirects=False,
                trace_request_ctx=progress,
            )
            async with response:
                return Answer(response.status, _end_to_end(response), await _body_of(response))
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError) as failure:
            raise _unanswered(failure, progress.was_sent, total) from None

    async def close(self) -> None:
        """Close the connections of the running loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            tracing = aiohttp.TraceConfig()
            tracing.on_request_headers_sent.append(_headers_sent)
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._in_flight, keepalive_timeout=_KEEP_ALIVE, ssl=self._ssl or True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_NOT_ADDED,
                max_line_size=_MAX_HEADER,
                max_field_size=_MAX_HEADER,
                trace_configs=[tracing],
            )
        return session


def _context(ca_bundle: str | None) -> ssl.SSLContext | None:
    if ca_bundle is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise EmulatorError(f"cannot read certificates from {ca_bundle} (AWS_CA_BUNDLE): {error.strerror or error}") from None


def _close_all(sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession]) -> None:
    for loop, session in sessions.items():
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(session.close(), loop)


async def _headers_sent(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    context.trace_request_ctx.was_sent = True


def _text(value: str) -> str:
    """A header's value so that its bytes, which came as Latin-1, go out as they were: aiohttp writes UTF-8."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _end_to_end(response: aiohttp.ClientResponse) -> list[tuple[str, str]]:
    decoded = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)
    return [(name, value) for name, value in decoded if name.lower() not in HOP_BY_HOP]


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    """The body of an answer. Raises Unanswered for one that is larger than any answer of the service."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise Unanswered("broken", f"its answer has more than {MAX_ANSWER} bytes", was_sent=True)
    return b"".join(parts)


def _unanswered(failure: Exception, was_sent: bool, timeout: float) -> Unanswered:
    why = str(failure) or type(failure).__name__
    if isinstance(failure, aiohttp.ClientConnectorError):
        return Unanswered("unreachable", why, was_sent=False)
    if isinstance(failure, aiohttp.ConnectionTimeoutError):
        return Unanswered("unreachable", f"no connection within {_CONNECT:g} s", was_sent=False)
    if isinstance(failure, asyncio.TimeoutError):
        waited = "no answer" if was_sent else "no free connection"
        return Unanswered("timed out", f"{waited} within {timeout:g} s", was_sent=was_sent)
    if isinstance(failure, (aiohttp.ClientResponseError, ValueError)):
        return Unanswered("broken", f"its answer is no HTTP ({why[:200]})", was_sent=was_sent)
    return Unanswered("reset", f"it closed the connection ({why[:200]})", was_sent=was_sent)
