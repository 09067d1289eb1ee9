"""PartiQL, the SQL of DynamoDB: SELECT, INSERT, UPDATE, DELETE and EXISTS.

    text --lexer--> tokens --parser--> statement --keys--> the reads and writes of the engine

Conditions, paths and update actions become the nodes of `expressions`, so they mean the same in both languages. The
operations themselves are `operations/execute_statement.py` and its neighbours.
"""

from emulator.backends.dynamodb.partiql.parser import parse
from emulator.backends.dynamodb.partiql.statements import (
    DeleteStatement,
    ExistsStatement,
    InsertStatement,
    SelectStatement,
    Statement,
    UpdateStatement,
)

__all__ = ["DeleteStatement", "ExistsStatement", "InsertStatement", "SelectStatement", "Statement", "UpdateStatement", "parse"]
