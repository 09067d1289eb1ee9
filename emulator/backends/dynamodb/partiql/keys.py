"""What a WHERE says about the key: enough to find one item, one partition or several, or nothing of use.

Only equality with a value counts, joined by AND to whatever else is asked; for partitions also IN, and OR between such equalities.
Developer Guide, "PartiQL select statements for DynamoDB".
"""

from __future__ import annotations

from collections.abc import Sequence

from dynafault_dataclass import dataclass
from emulator.aws.values import AttributeValue, Item
from emulator.backends.dynamodb.expressions import KeyClause
from emulator.backends.dynamodb.expressions.nodes import And, BeginsWith, Between, Comparison, ConditionNode, In, Literal, Operand, Or, Path
from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.partiql.statements import Where
from emulator.backends.dynamodb.refusals import refusal

PARTITION_LIMIT = 50

_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Found:
    """One item by its key, and what else must hold of it."""

    key: Item
    rest: ConditionNode | None


@dataclass(frozen=True, slots=True)
class Partitions:
    """For each partition the clauses of its key condition, and what else must hold of the items there."""

    clauses: tuple[tuple[KeyClause, ...], ...]
    rest: ConditionNode | None


def single(where: Where | None, names: Sequence[str]) -> Found | None:
    """The key that the condition fixes, given the names of the key attributes; None where it does not fix it."""
    parts = _parts(where)
    key: Item = {}
    rest = []
    for part in parts:
        clause = _clause(part)
        if clause is not None and clause.operator == "=" and clause.attribute in names and clause.attribute not in key:
            key[clause.attribute] = clause.operands[0]
        else:
            rest.append(part)
    return Found(key, _joined(rest)) if len(key) == len(names) else None


def fixed(where: Where | None) -> tuple[Item, bool]:
    """The attributes whose values the condition fixes, and whether it says more than that."""
    found: Item = {}
    parts = _parts(where)
    for part in parts:
        clause = _clause(part)
        if clause is not None and clause.operator == "=" and clause.attribute not in found:
            found[clause.attribute] = clause.operands[0]
    return found, len(found) < len(parts)


def partitions(where: Where | None, schema: KeySchema) -> Partitions | None:
    """The partitions that the condition is confined to; None where it is not."""
    parts = _parts(where)
    hashes: list[KeyClause] = []
    for attribute in schema.hash:
        clause = _taken(parts, attribute.name, ("=",))
        if clause is None:
            break
        hashes.append(clause)
    if len(hashes) == len(schema.hash):
        return Partitions(((*hashes, *_range_clauses(parts, schema)),), _joined(parts))
    if len(schema.hash) == 1:
        return _several(_parts(where), schema)
    return None


def _several(parts: list[ConditionNode], schema: KeySchema) -> Partitions | None:
    name = schema.hash[0].name
    for place, part in enumerate(parts):
        values = _values(part, name)
        if values is not None:
            # What IN says of the partition is used up; an OR may say more than that
            left = parts[:place] + parts[place + 1 :] if isinstance(part, In) else list(parts)
            ranges = _range_clauses(left, schema)
            clauses = tuple((KeyClause(name, "=", (value,)), *ranges) for value in _distinct(values))
            if len(clauses) > PARTITION_LIMIT:
                raise refusal(f"The IN operator is provided with too many operands; number of operands: {len(values)}")
            return Partitions(clauses, _joined(left))
    return None


def _values(node: ConditionNode, name: str) -> list[AttributeValue] | None:
    """The values that the attribute can have where the node holds; None where it can have any."""
    clause = _clause(node)
    if clause is not None:
        return list(clause.operands) if clause.operator == "=" and clause.attribute == name else None
    if isinstance(node, In) and isinstance(node.operand, Path) and node.operand.steps == (name,):
        return _contents(node.members)
    if isinstance(node, Or):
        branches = [_values(part, name) for part in node.parts]
        return None if None in branches else [value for branch in branches if branch is not None for value in branch]
    if isinstance(node, And):
        return next((values for part in node.parts if (values := _values(part, name)) is not None), None)
    return None


def _distinct(values: Sequence[AttributeValue]) -> list[AttributeValue]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def _range_clauses(parts: list[ConditionNode], schema: KeySchema) -> list[KeyClause]:
    """The clauses on range attributes, from the left, only the last of them other than equality; taken out of `parts`."""
    clauses: list[KeyClause] = []
    for attribute in schema.range:
        clause = _taken(parts, attribute.name, ("=", "<", "<=", ">", ">=", "between", "begins_with"))
        if clause is None:
            break
        clauses.append(clause)
        if clause.operator != "=":
            break
    return clauses


def _taken(parts: list[ConditionNode], name: str, operators: Sequence[str]) -> KeyClause | None:
    for place, part in enumerate(parts):
        clause = _clause(part)
        if clause is not None and clause.attribute == name and clause.operator in operators:
            del parts[place]
            return clause
    return None


def _clause(node: ConditionNode) -> KeyClause | None:
    """A condition of a top-level attribute against values, such as a key condition has."""
    if isinstance(node, Comparison) and node.symbol in _MIRRORED:
        if isinstance(node.left, Path):
            return _made(node.left, node.symbol, (node.right,))
        return _made(node.right, _MIRRORED[node.symbol], (node.left,))
    if isinstance(node, Between):
        return _made(node.operand, "between", (node.low, node.high))
    return _made(node.operand, "begins_with", (node.prefix,)) if isinstance(node, BeginsWith) else None


def _made(path: Operand, operator: str, operands: Sequence[Operand]) -> KeyClause | None:
    contents = _contents(operands)
    if not isinstance(path, Path) or len(path.steps) > 1 or contents is None:
        return None
    return KeyClause(str(path.steps[0]), operator, tuple(contents))


def _contents(operands: Sequence[Operand]) -> list[AttributeValue] | None:
    contents = [operand.content for operand in operands if isinstance(operand, Literal)]
    return contents if len(contents) == len(operands) else None


def _parts(where: Where | None) -> list[ConditionNode]:
    """The conditions joined by AND."""
    if where is None:
        return []
    parts: list[ConditionNode] = []
    waiting = [where.root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, And):
            waiting += reversed(node.parts)
        else:
            parts.append(node)
    return parts


def _joined(parts: Sequence[ConditionNode]) -> ConditionNode | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return And(tuple(parts))
