"""`throughput` and `consistency`: what the real service limits and delays, without any dice."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import at_least_one
from emulator.scenario.problems import Position
from emulator.scenario.reading import Reading, Refused
from emulator.scenario.sections import Fields, key, section
from emulator.scenario.values import PASSING, RESOURCE_NAME, Number, one_of

# DynamoDB keeps up to five minutes of unused provisioned capacity (Developer Guide, "Burst capacity")
_PROVISIONED_BURST = 300.0

_UNITS = Number(0.001, 1e9, "capacity units per second, more than 0")


@dataclass(frozen=True, slots=True)
class Limit:
    """Throughput that is really limited, in capacity units per second. `burst`: how many seconds of unused capacity are kept."""

    where: Position
    limit: str = key(
        one_of("provisioned", "partition-key", "on-demand-maximum", "account"),
        "what is limited, which decides the error and its ThrottlingReasons",
        example="partition-key",
        default="provisioned",
    )
    table: str | None = key(RESOURCE_NAME, "the table; required, but for 'limit: account', which has none", example="orders", default=None)
    index: str | None = key(
        RESOURCE_NAME, "a global secondary index of the table", example="by-day", default=None, left_out="the table itself"
    )
    read: float | None = key(
        _UNITS,
        "read capacity units per second; at least one of read and write is given",
        example="5",
        default=None,
        left_out="reads are not limited",
    )
    write: float | None = key(_UNITS, "write capacity units per second", example="5", default=None, left_out="writes are not limited")
    burst: float = key(
        PASSING, "how much unused capacity is kept, as time", example="300s", default=1.0, left_out="300s if provisioned, otherwise 1s"
    )


@dataclass(frozen=True, slots=True)
class Consistency:
    """Eventually consistent reads see the data as it was `lag` seconds ago."""

    lag: float = key(PASSING, "how old the data is that eventually consistent reads see", example="2s")


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
    return fields.build(Limit, burst=burst)


LIMIT = section(
    "a throughput limit",
    Limit,
    at_least_one("read", "write", says="a limit on nothing", hint="give 'read', 'write', or both"),
    build=_limit,
)
CONSISTENCY = section("'consistency'", Consistency)

SECTIONS = (LIMIT, CONSISTENCY)
