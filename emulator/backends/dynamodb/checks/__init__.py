"""In which order an operation's checks are made, and what each of them needs: one table per operation. Data only.

A request with several mistakes is told of one, so the order is part of the answer. The tests send every two of an operation's mistakes
in one request, and hold the backend to these tables; `dynafault explain` and docs/answers.md show them. Where an order is known from is
said where the check is made; the whole of it as recordings of the live service show it up to October 2026.
"""

from emulator.backends.dynamodb.checks.check import NEEDS, Check, Order
from emulator.backends.dynamodb.checks.examples import MISSING_TABLE, TABLES
from emulator.backends.dynamodb.checks.order import ORDER

__all__ = ["MISSING_TABLE", "NEEDS", "ORDER", "TABLES", "Check", "Order"]
