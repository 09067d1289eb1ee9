"""Where an upstream is, and what it is held to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from emulator.aws.errors import EmulatorError

# The address of AWS itself, where the host follows from service and region
AWS = "aws"
_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


@dataclass(frozen=True, slots=True)
class Upstream:
    """The service that the emulator stands in front of. `url` is AWS, or "http://host:port". `credentials` is "environment" or the name of
    a profile; None: requests go on as the client signed them. `answer_timeout` is in seconds, `rate` in requests per second, `until` in
    seconds since 1970; `tables` are globs. Empty: all of them."""

    url: str
    credentials: str | None = None
    regions: tuple[str, ...] = ()
    answer_timeout: float = 60.0
    in_flight: int = 1000
    read_only: bool = False
    tables: tuple[str, ...] = ()
    rate: float | None = None
    until: float | None = None

    @property
    def is_aws(self) -> bool:
        """Whether real data are there."""
        host = urlsplit(self.url).hostname or ""
        return self.url == AWS or host.endswith(_OF_AWS)

    @property
    def is_signed(self) -> bool:
        """Whether requests go on signed with credentials of the emulator's user."""
        return self.credentials is not None or self.is_aws

    @property
    def region(self) -> str | None:
        """The region that a host at AWS names, as in "https://dynamodb.eu-west-1.amazonaws.com"; None where it names none."""
        found = re.match(r"https?://(?:[a-z.-]+\.)?dynamodb(?:-fips)?\.([a-z0-9-]+)\.", self.url)
        return found[1] if found is not None and self.is_aws else None


URL = r"aws|https?://[^\s/?#@]+/?"


def url_of(text: str) -> str | None:
    """An upstream's address in its usual form: "aws", or "http://host:port" without a path; None for what is none."""
    if re.fullmatch(URL, text) is None:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return text.rstrip("/") if text == AWS or (parts.hostname and port != 0) else None


def read_upstream(text: str) -> Upstream:
    """The upstream at an address. Raises EmulatorError for what is no address."""
    url = url_of(text)
    if url is None:
        raise EmulatorError(f"{text[:200]!r} is no upstream: give a URL such as http://localhost:8000, without a path, or aws")
    return Upstream(url)
