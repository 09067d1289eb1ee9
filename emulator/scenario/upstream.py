"""`upstream`: the DynamoDB that the emulator stands in front of, in place of the embedded one."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from emulator.scenario.nodes import Mapping, Node
from emulator.scenario.reading import OneOrMany, Reading, Refused, Schema, refuse
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.upstream_settings import URL, Upstream, url_of
from emulator.scenario.values import DURATION, Flag, Number, Text, Whole, scalar_text, text_schema

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
        return text_schema(URL, 300)


class _Moment:
    shape = "a moment with its offset, such as 2026-11-27T18:00:00Z"

    def read(self, node: Node, reading: Reading) -> float:
        text = scalar_text(node, self.shape)
        try:
            moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        except ValueError:
            refuse(node, self.shape)
        if moment.tzinfo is None:
            raise Refused(node.where, "a moment without its offset is another one on each machine", "end it with Z, or +02:00")
        return moment.astimezone(timezone.utc).timestamp()

    def schema(self) -> Schema:
        return text_schema(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+\-]\d\d:\d\d)", 40)


_ADDRESS = _Address()

UPSTREAM = Section(
    "'upstream'",
    (
        Key("url", _ADDRESS, "where it is; aws: the host follows from service and region", "http://localhost:8000", required=True),
        Key(
            "credentials",
            Text("environment, or the name of a profile", r"[\w.@/+\- ]{1,128}"),
            "what requests are signed with: environment, or a profile of the AWS files",
            "staging",
            default="as the client signed them; at aws: environment",
        ),
        Key(
            "regions",
            OneOrMany(_REGION, 50),
            "the regions that may be asked",
            "[eu-west-1, eu-central-1]",
            default="every region; at aws: the one of the credentials",
        ),
        Key("answer_timeout", DURATION, "how long an answer may take", "10s", default="60s"),
        Key("in_flight", Whole(1, 10_000), "how many requests may be under way there; others wait", "200", default="1000"),
        Key("read_only", Flag(), "refuse whatever writes", "true", default="false"),
        Key("tables", OneOrMany(_TABLE, 100), "the tables that may be asked; * and ? are globs", "[staging-*]", default="every table"),
        Key("rate", Number(0.1, 1e6, "requests per second, more than 0"), "how many may go on in a second", "50", default="unlimited"),
        Key("until", _Moment(), "from when on nothing goes on any more", '"2026-11-27T18:00:00Z"', default="no end"),
    ),
    lambda fields, reading: _upstream(fields, reading),
)


def _upstream(fields: Fields, reading: Reading) -> Upstream:
    if fields.get("answer_timeout", 1.0) <= 0:
        reading.report(Refused(fields.at("answer_timeout"), "nothing can be answered in no time", "give a time-out such as 10s"))
    return Upstream(**fields.model())


class UpstreamValue:
    """An address alone, or a mapping."""

    shape = f"{_ADDRESS.shape}, or {UPSTREAM.shape}"

    def read(self, node: Node, reading: Reading) -> Upstream:
        return UPSTREAM.read(node, reading) if isinstance(node, Mapping) else Upstream(_ADDRESS.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_ADDRESS.schema(), UPSTREAM.schema()]}


SECTIONS = (UPSTREAM,)
