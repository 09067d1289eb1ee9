"""KeyConditionExpression: a conjunction of simple conditions on attributes.

It is read like any other condition, together with the other expressions of its request, and only then judged as a key condition. Only the
table knows which attributes are keys: its caller compares them with the clauses. Sentences as the live service answers them; in the classic
wording those of the judgement come without the name of the parameter.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.values import AttributeValue
from emulator.aws.wording import Words, key_condition
from emulator.backends.dynamodb.expressions import check, parser
from emulator.backends.dynamodb.expressions.nodes import And, BeginsWith, Between, Comparison, ConditionNode, Literal, Operand, Path
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.scope import ExpressionScope
from emulator.backends.dynamodb.expressions.syntax import ApplyTerm, Formula
from emulator.backends.dynamodb.refusals import refusal

_PARAMETER = "KeyConditionExpression"
_ALLOWED = frozenset(("=", "<", "<=", ">", ">=", "BETWEEN", "AND", "begins_with", "size"))
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class KeyClause:
    """One condition: `operator` is =, <, <=, >, >=, between (two operands) or begins_with."""

    attribute: str
    operator: str
    operands: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """Clauses on different attributes, in the order of the text. A table takes two at most, a global index eight."""

    clauses: tuple[KeyClause, ...]


@dataclass(frozen=True, slots=True)
class UnjudgedKeyCondition:
    """A condition that has been read, and whose placeholders are known."""

    _formula: Formula
    _root: ConditionNode

    def judged(self, words: Words) -> KeyCondition:
        """Raises ServiceError (ValidationException) where it is no key condition."""
        try:
            _check_operators(self._formula)
            clauses = tuple([_clause(part) for part in _parts(self._root)])
            if len(clauses) > 1 and len({clause.attribute for clause in clauses}) < len(clauses):
                # awslabs/aws-athena-query-federation#1089
                raise refusal("KeyConditionExpressions must only contain one condition per key")
        except ServiceError as error:
            raise refusal(key_condition(words, error.message or "")) from None
        return KeyCondition(clauses)


def read_key_condition(text: str, placeholders: Placeholders) -> UnjudgedKeyCondition:
    """Raises ServiceError (ValidationException) for what is no condition at all."""
    formula = placeholders.cache.parsed(parser.parse_condition, text, _PARAMETER)
    return UnjudgedKeyCondition(formula, check.condition(formula, ExpressionScope(placeholders, _PARAMETER)))


def parse_key_condition(text: str, placeholders: Placeholders, words: Words = "2026") -> KeyCondition:
    """Both at once, for a request that has no other expression. Raises ServiceError (ValidationException)."""
    return read_key_condition(text, placeholders).judged(words)


def _parts(root: ConditionNode) -> list[ConditionNode]:
    """The conditions joined by AND, also where parentheses group some of them."""
    parts: list[ConditionNode] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, And):
            waiting += reversed(node.parts)
        else:
            parts.append(node)
    return parts


def _check_operators(formula: Formula) -> None:
    for term in formula.terms:
        if isinstance(term, ApplyTerm) and term.symbol not in _ALLOWED:
            raise refusal(f"Invalid operator used in {_PARAMETER}: {term.symbol}")


def _clause(node: ConditionNode) -> KeyClause:
    if isinstance(node, Comparison):
        _check_operands((node.left, node.right))
        if isinstance(node.left, Path):
            return _made(node.left, node.symbol, (node.right,))
        # A value on the left is taken: ExtendDB/extenddb#111
        return _made(node.right, _MIRRORED[node.symbol], (node.left,))
    if isinstance(node, Between):
        _check_operands((node.operand, node.low, node.high), "BETWEEN")
        return _made(node.operand, "between", (node.low, node.high))
    if isinstance(node, BeginsWith):
        _check_operands((node.operand, node.prefix), "begins_with")
        return _made(node.operand, "begins_with", (node.prefix,))
    raise AssertionError(f"no key condition: {node.symbol}")  # the other operators were refused


def _check_operands(operands: Sequence[Operand], first_must_be_key: str = "") -> None:
    paths = []
    for operand in operands:
        if isinstance(operand, Path):
            paths.append(operand)
        elif not isinstance(operand, Literal):
            raise refusal("KeyConditionExpressions cannot contain nested operations")
    if not paths:
        raise refusal(f"Invalid condition in {_PARAMETER}: No key attribute specified")
    if len(paths) > 1:
        raise refusal(f"Invalid condition in {_PARAMETER}: Multiple attribute names used in one condition")
    if first_must_be_key and paths[0] is not operands[0]:
        raise refusal(f"Invalid condition in {_PARAMETER}: {first_must_be_key} operator must have the key attribute as its first operand")
    if len(paths[0].steps) > 1:
        # ExtendDB/extenddb#195
        raise refusal("KeyConditionExpressions cannot have conditions on nested attributes")


def _made(path: Operand, operator: str, operands: Sequence[Operand]) -> KeyClause:
    assert isinstance(path, Path)
    values = tuple([operand.content for operand in operands if isinstance(operand, Literal)])
    return KeyClause(str(path.steps[0]), operator, values)
