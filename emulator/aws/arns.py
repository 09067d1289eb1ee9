"""Amazon resource names, as far as several layers read them."""

from __future__ import annotations


def table_name(name_or_arn: str) -> str:
    """ "orders" for "orders", and for "arn:aws:dynamodb:eu-west-1:000000000000:table/orders" with whatever follows it (an index, a
    stream, a backup). What is neither a name nor such an ARN stays as it is."""
    if not name_or_arn.startswith("arn:"):
        return name_or_arn
    _, found, rest = name_or_arn.partition(":table/")
    return rest.partition("/")[0] if found else name_or_arn
