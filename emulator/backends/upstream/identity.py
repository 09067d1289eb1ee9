"""Which account credentials belong to. AWS is asked this before anything else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from emulator.aws.errors import EmulatorError
from emulator.backends.upstream.transport import Transport, Unanswered
from emulator.messages import HttpRequest
from emulator.wire.signature import Credentials, sign

_ASKS = b"Action=GetCallerIdentity&Version=2011-06-15"
_ACCOUNT = re.compile(rb"<Account>(\d{12})</Account>")
_CODE = re.compile(rb"<Code>([A-Za-z]{1,100})</Code>")
_PATIENCE = 10.0


def account_of(credentials: Credentials, region: str, now: float, environment: Mapping[str, str]) -> str:
    """The number of the account, by STS of a region (AWS_ENDPOINT_URL_STS takes its place, as for SDKs). `now` is in seconds since 1970.
    Raises EmulatorError where it cannot be had. Not for a running event loop."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = environment.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.{suffix}"
    headers = {"host": urlsplit(url).netloc, "content-type": "application/x-www-form-urlencoded"}
    request = HttpRequest("POST", "/", headers, _ASKS)
    transport = Transport(_PATIENCE, 1, environment.get("AWS_CA_BUNDLE") or None)
    return asyncio.run(_asked(transport, url.rstrip("/"), sign(request, credentials, region, "sts", now)))


async def _asked(transport: Transport, url: str, headers: dict[str, str]) -> str:
    try:
        answer = await transport.ask("POST", f"{url}/", headers, _ASKS)
    except Unanswered as failure:
        raise EmulatorError(f"cannot ask {url} whose account this is: {failure.why}") from None
    finally:
        await transport.close()
    found = _ACCOUNT.search(answer.body)
    if answer.status != 200 or found is None:
        code = _CODE.search(answer.body)
        said = code[1].decode() if code is not None else f"HTTP {answer.status}"
        raise EmulatorError(f"{url} does not say whose account this is: {said}")
    return found[1].decode()
