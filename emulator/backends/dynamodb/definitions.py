"""What CreateTable and UpdateTable define of a table, checked, as values without behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.keys import KeySchema


@dataclass(frozen=True, slots=True)
class ProvisionedThroughput:
    """Capacity units per second; both 0 where the table is billed per request."""

    read: int
    write: int


NO_THROUGHPUT = ProvisionedThroughput(0, 0)


@dataclass(frozen=True, slots=True)
class OptionalThroughput:
    """A pair of units of which either may be left out: on-demand maxima, warm throughput."""

    read: int | None = None
    write: int | None = None


@dataclass(frozen=True, slots=True)
class Encryption:
    """A key of KMS, by its ARN."""

    key: str


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """`projection` is ALL, KEYS_ONLY or INCLUDE; `included` are the attributes of an INCLUDE."""

    name: str
    key: KeySchema
    projection: str
    included: tuple[str, ...]
    is_global: bool
    throughput: ProvisionedThroughput = NO_THROUGHPUT
    on_demand: OptionalThroughput | None = None
    warm: OptionalThroughput | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What UpdateTable may change at any time. `billing` is PROVISIONED or PAY_PER_REQUEST; `stream_view` is None where
    the table has no stream; `table_class` is None where the request named none."""

    billing: str
    throughput: ProvisionedThroughput
    on_demand: OptionalThroughput | None = None
    warm: OptionalThroughput | None = None
    stream_view: str | None = None
    encryption: Encryption | None = None
    table_class: str | None = None
    deletion_protection: bool = False

    @property
    def is_provisioned(self) -> bool:
        return self.billing == "PROVISIONED"


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """`attribute_types` maps the names of key attributes to S, N or B, in the order of the request."""

    name: str
    attribute_types: Mapping[str, str]
    key: KeySchema
    settings: Settings
    indexes: tuple[IndexDefinition, ...] = ()


def used_types(types: Mapping[str, str], key: KeySchema, indexes: Iterable[IndexDefinition]) -> dict[str, str]:
    """The attribute definitions that some key uses."""
    used = {*key.names, *(name for index in indexes for name in index.key.names)}
    return {name: kind for name, kind in types.items() if name in used}
