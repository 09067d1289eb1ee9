"""The expression language of DynamoDB: conditions, filters, key conditions, projections and updates.

    text --lexer--> tokens --parser--> terms --check--> nodes, evaluated against items

Everything that can be wrong with an expression itself is refused while it is parsed; what depends on the item, when an
update is applied. Expressions of one request share its `Placeholders`, which are asked last whether all were used.
"""

from emulator.backends.dynamodb.expressions.cache import Resolutions, SyntaxCache
from emulator.backends.dynamodb.expressions.condition import Condition, parse_condition
from emulator.backends.dynamodb.expressions.key_condition import KeyClause, KeyCondition, parse_key_condition, read_key_condition
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.projection import Projection, parse_projection
from emulator.backends.dynamodb.expressions.update import Update, parse_update

__all__ = [
    "Condition",
    "KeyClause",
    "KeyCondition",
    "Placeholders",
    "Projection",
    "Resolutions",
    "SyntaxCache",
    "Update",
    "parse_condition",
    "parse_key_condition",
    "parse_projection",
    "parse_update",
    "read_key_condition",
]
