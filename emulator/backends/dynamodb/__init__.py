"""A DynamoDB without HTTP and without faults: tables, items, indexes and expressions, in memory."""

from emulator.backends.dynamodb.engine import Engine

__all__ = ["Engine"]
