"""DynamoDB values in wire form: `{"S": "text"}`, `{"N": "1.5"}`, `{"L": [...]}` and so on.

An `AttributeValue` is a dict with exactly one member of S, N, B, BOOL, NULL, SS, NS, BS, L, M; binary is base64 text. An
`Item` maps names to values. A value is *normal* once `check_value` has let it through: numbers are expanded and trimmed,
so that equal numbers have equal text. Everything here but `check_value` and `normalise_item` expects normal values.
"""

from emulator.aws.values.check import NESTING_LIMIT, check_compared, check_depth, check_name, check_value, normalise_item, too_deep
from emulator.aws.values.depth import is_too_deep, may_be_deep
from emulator.aws.values.number import ContentError, add, is_plain_number, normalise_number, subtract
from emulator.aws.values.order import compare, encode_key_part, equal
from emulator.aws.values.sizes import binary_size, item_size, number_size, value_size
from emulator.aws.values.types import SET_TYPES, TYPES, AttributeValue, Item, type_of

__all__ = [
    "NESTING_LIMIT",
    "SET_TYPES",
    "TYPES",
    "AttributeValue",
    "ContentError",
    "Item",
    "add",
    "binary_size",
    "check_compared",
    "check_depth",
    "check_name",
    "check_value",
    "compare",
    "encode_key_part",
    "equal",
    "is_plain_number",
    "is_too_deep",
    "item_size",
    "may_be_deep",
    "normalise_item",
    "normalise_number",
    "number_size",
    "subtract",
    "too_deep",
    "type_of",
    "value_size",
]
