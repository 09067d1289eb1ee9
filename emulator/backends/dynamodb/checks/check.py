"""What a table of checks is made of: one row for each kind of mistake. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from dynafault_dataclass import dataclass

# What has to be known before a check can be made, in the order in which it becomes known
Needs = Literal["request", "table", "schema", "item"]
NEEDS: dict[Needs, str] = {
    "request": "the request alone; the table need not exist",
    "table": "the table, whether it is there and in which state",
    "schema": "the key schemas of the table and of its indexes",
    "item": "the stored item",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of mistake. `wrong` are the parameters that show it, put over those of the operation's good request; `says` is part of
    the text of the refusal, `error` its name."""

    needs: Needs
    what: str
    wrong: Mapping[str, Any]
    says: str
    error: str = "ValidationException"


@dataclass(frozen=True, slots=True)
class Order:
    """An operation's checks, the first made first. `good` is a request that passes them."""

    good: Mapping[str, Any]
    checks: tuple[Check, ...]
