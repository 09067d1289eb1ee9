"""`throughput` and `consistency`: what the real service limits and delays, without any dice."""

from __future__ import annotations

from emulator.scenario.model import Consistency, Limit
from emulator.scenario.nodes import Mapping
from emulator.scenario.reading import Fields, Key, Reading, Refused, Section
from emulator.scenario.values import PASSING, Number, Text, one_of

# DynamoDB keeps up to five minutes of unused provisioned capacity (Developer Guide, "Burst capacity")
_PROVISIONED_BURST = 300.0

_NAME = Text("a name of 3 to 255 letters, digits, '_', '-' or '.'", r"[A-Za-z0-9_.\-]{3,255}")
_UNITS = Number(0.001, 1e9, "capacity units per second, more than 0")

LIMIT_KEYS = (
    Key(
        "limit",
        one_of("provisioned", "partition-key", "on-demand-maximum", "account"),
        "what is limited, which decides the error and its ThrottlingReasons",
        "partition-key",
        default="provisioned",
    ),
    Key("table", _NAME, "the table; required, but for 'limit: account', which has none", "orders"),
    Key("index", _NAME, "a global secondary index of the table", "by-day", default="the table itself"),
    Key("read", _UNITS, "read capacity units per second; at least one of read and write is given", "5", default="reads are not limited"),
    Key("write", _UNITS, "write capacity units per second", "5", default="writes are not limited"),
    Key("burst", PASSING, "how much unused capacity is kept, as time", "300s", default="300s if provisioned, otherwise 1s"),
)


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text: key.where for key, _ in node.entries}
    if "read" not in there and "write" not in there:
        reading.report(Refused(node.where, "a limit on nothing", "give 'read', 'write', or both"))


def _limit(fields: Fields, reading: Reading) -> Limit:
    kind = fields.get("limit", "provisioned")
    if kind == "account" and (fields.has("table") or fields.has("index")):
        reading.report(Refused(fields.where, "'limit: account' is about all tables", "leave 'table' and 'index' out"))
    if kind != "account" and not fields.has("table"):
        reading.report(Refused(fields.where, f"'limit: {kind}' needs a 'table'", "only 'limit: account' has none"))
    if kind == "partition-key" and fields.has("index"):
        reading.report(Refused(fields.at("index"), "'limit: partition-key' is about a table's own partition key", "leave 'index' out"))
    burst = fields.get("burst", (_PROVISIONED_BURST if kind == "provisioned" else 1.0) * reading.time_scale)
    if burst <= 0:
        hint = "at least the capacity of a moment is needed: 1s"
        reading.report(Refused(fields.at("burst"), "without any burst nothing gets through", hint))
    return Limit(**{"where": fields.where, **fields.model(), "burst": burst})


LIMIT = Section("a throughput limit", LIMIT_KEYS, _limit, _check, {"anyOf": [{"required": ["read"]}, {"required": ["write"]}]})

CONSISTENCY = Section(
    "'consistency'",
    (Key("lag", PASSING, "how old the data is that eventually consistent reads see", "2s", required=True),),
    lambda fields, reading: Consistency(**fields.model()),
)

SECTIONS = (LIMIT, CONSISTENCY)
