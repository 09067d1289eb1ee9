"""In which order each operation's checks are made, the operations all together."""

from __future__ import annotations

from emulator.backends.dynamodb.checks import items, reads, several, statements, tables
from emulator.backends.dynamodb.checks.check import Order

ORDER: dict[str, Order] = {**items.ORDER, **reads.ORDER, **several.ORDER, **statements.ORDER, **tables.ORDER}
