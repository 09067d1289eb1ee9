"""`upstream`: the DynamoDB that the emulator stands in front of, in place of the embedded one, and what it is held to."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from urllib.parse import urlsplit

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.reading import OneOrMany, Reading, Refused, Schema, refuse
from emulator.scenario.sections import Fields, key, section
from emulator.scenario.values import DURATION, Flag, Number, Text, Whole, scalar_text, text_schema

# The address of AWS itself, where the host follows from service and region
AWS = "aws"
_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_URL = r"aws|https?://[^\s/?#@]+/?"

_REGION = Text("a region such as eu-west-1", r"[a-z0-9-]{1,40}")
_TABLE = Text("a table's name, or a glob such as staging-*", r"[A-Za-z0-9_.\-*?\[\]]{1,255}")


class _Address:
    shape = "the URL of a service, such as http://localhost:8000, or aws"

    def read(self, node: Node, reading: Reading) -> str:
        url = url_of(scalar_text(node, self.shape))
        if url is None:
            refuse(node, self.shape)
        return url

    def schema(self) -> Schema:
        return text_schema(_URL, 300)


class _Moment:
    shape = "a moment with its offset, such as 2026-11-27T18:00:00Z"

    def read(self, node: Node, reading: Reading) -> float:
        text = scalar_text(node, self.shape)
        try:
            moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        except ValueError:
            refuse(node, self.shape)
        if moment.tzinfo is None:
            raise Refused(node.where, "a time without an offset is another moment on each machine", "end it with Z, or +02:00")
        return moment.astimezone(timezone.utc).timestamp()

    def schema(self) -> Schema:
        return text_schema(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+\-]\d\d:\d\d)", 40)


_ADDRESS = _Address()


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """The service that the emulator stands in front of. `url` is AWS, or "http://host:port". `credentials` None: requests go on as the
    client signed them. `answer_timeout` is in seconds, `rate` in requests per second, `until` in seconds since 1970; `regions` and `tables`
    empty: all of them."""

    url: str = key(_ADDRESS, "where it is; aws: the host follows from service and region", example="http://localhost:8000")
    credentials: str | None = key(
        Text("environment, or the name of a profile", r"[\w.@/+\- ]{1,128}"),
        "what requests are signed with: environment, or a profile of the AWS files",
        example="staging",
        default=None,
        left_out="as the client signed them; at aws: environment",
    )
    regions: tuple[str, ...] = key(
        OneOrMany(_REGION, 50),
        "the regions that may be asked",
        example="[eu-west-1, eu-central-1]",
        default=(),
        left_out="every region; at aws: the one of the credentials",
    )
    answer_timeout: float = key(DURATION, "how long an answer may take", example="10s", default=60.0, left_out="60s")
    in_flight: int = key(Whole(1, 10_000), "how many requests may be under way there; others wait", example="200", default=1000)
    read_only: bool = key(Flag(), "refuse whatever writes", example="true", default=False)
    tables: tuple[str, ...] = key(
        OneOrMany(_TABLE, 100),
        "the tables that may be asked; * and ? are globs",
        example="[staging-*]",
        default=(),
        left_out="every table",
    )
    rate: float | None = key(
        Number(0.1, 1e6, "requests per second, more than 0"),
        "how many may go on in a second",
        example="50",
        default=None,
        left_out="unlimited",
    )
    until: float | None = key(
        _Moment(), "from when on nothing goes on any more", example='"2026-11-27T18:00:00Z"', default=None, left_out="no end"
    )

    @property
    def is_aws(self) -> bool:
        """Whether it is AWS itself, where the data are real."""
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


def _check(fields: Fields, reading: Reading) -> None:
    if fields.get("answer_timeout", 1.0) <= 0:
        reading.report(Refused(fields.at("answer_timeout"), "nothing can be answered in no time", "give a time-out such as 10s"))


UPSTREAM = section("'upstream'", UpstreamSettings, check=_check)


class UpstreamValue:
    """An address alone, or a mapping."""

    shape = f"{_ADDRESS.shape}, or {UPSTREAM.shape}"

    def read(self, node: Node, reading: Reading) -> UpstreamSettings:
        return UPSTREAM.read(node, reading) if isinstance(node, MappingNode) else UpstreamSettings(_ADDRESS.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_ADDRESS.schema(), UPSTREAM.schema()]}


def url_of(text: str) -> str | None:
    """An upstream's address in its usual form: "aws", or "http://host:port" without a path; None for what is none."""
    if re.fullmatch(_URL, text) is None:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return text.rstrip("/") if text == AWS or (parts.hostname and port != 0) else None


def read_upstream(text: str) -> UpstreamSettings:
    """The upstream at an address. Raises EmulatorError for what is no address."""
    url = url_of(text)
    if url is None:
        raise EmulatorError(f"{text[:200]!r} is no upstream: give a URL such as http://localhost:8000, without a path, or aws")
    return UpstreamSettings(url)


SECTIONS = (UPSTREAM,)
