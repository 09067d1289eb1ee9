"""Terms to nodes: placeholders are resolved, and everything that can be wrong with an expression is refused here.

The terms come in the order of the text and the first failure wins, so `:undefined = ...` is refused before a wrong type
further right. Sentences as the live service answers them; sources at the lines, otherwise seen in many public error reports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from emulator.aws.errors import ServiceError
from emulator.aws.values import TYPES, AttributeValue, compare, type_of
from emulator.backends.dynamodb.expressions.assignment import Arithmetic, IfNotExists, ListAppend
from emulator.backends.dynamodb.expressions.nodes import (
    And,
    BeginsWith,
    Between,
    Comparison,
    ConditionNode,
    Contains,
    Exists,
    HasType,
    In,
    Literal,
    Not,
    NotExists,
    Operand,
    Or,
    Path,
    Size,
)
from emulator.backends.dynamodb.expressions.scope import ExpressionScope
from emulator.backends.dynamodb.expressions.syntax import ApplyTerm, Formula, PathTerm, ValueTerm

OPERATOR_LIMIT = 300
IN_LIMIT = 100

_ORDERED = frozenset(("S", "N", "B"))
_PREFIXED = frozenset(("S", "B"))
_CONTAINERS = frozenset(("S", "B", "SS", "NS", "BS", "L"))
_SIZED = _CONTAINERS | {"M"}
_NUMBER = frozenset("N")
_LIST = frozenset("L")

_ARITY = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
    "if_not_exists": 2,
    "list_append": 2,
}

Node = Operand | ConditionNode


class Refuser(Protocol):
    def refuse(self, sentence: str) -> ServiceError:
        """The error that carries the sentence in the way of the language."""
        ...


def condition(formula: Formula, scope: ExpressionScope) -> ConditionNode:
    """The node of a condition, filter or key condition. Raises ServiceError (ValidationException)."""
    node = _evaluate(formula, scope, _CONDITION_BUILDERS, "a condition")
    return _as_condition(scope, node)


def assigned(formula: Formula, scope: ExpressionScope) -> Operand:
    """The node of what SET assigns. Raises ServiceError (ValidationException)."""
    return _evaluate(formula, scope, _UPDATE_BUILDERS, "an update")  # type: ignore[return-value]  # builds no conditions


def build(scope: Refuser, symbol: str, operands: Sequence[Node]) -> Node:
    """The node of one operator or function of conditions, checked as in an expression. Raises ServiceError.

    For languages that have a grammar of their own. `symbol` is spelled as expressions spell it."""
    check_arity(scope, symbol, len(operands))
    return _CONDITION_BUILDERS[symbol](scope, symbol, operands)


def build_assigned(scope: Refuser, symbol: str, operands: Sequence[Node]) -> Operand:
    """The same for what SET can assign."""
    check_arity(scope, symbol, len(operands))
    return _UPDATE_BUILDERS[symbol](scope, symbol, operands)  # type: ignore[return-value]  # builds no conditions


def _evaluate(formula: Formula, scope: ExpressionScope, builders: dict[str, _Builder], place: str) -> Node:
    check_operators(scope, formula.operators)
    if formula.redundant:
        raise scope.refuse("The expression has redundant parentheses;")
    stack: list[Node] = []
    for term in formula.terms:
        if type(term) is PathTerm:
            stack.append(scope.path(term))
        elif type(term) is ValueTerm:
            stack.append(scope.value(term))
        else:
            assert isinstance(term, ApplyTerm)
            build = builders.get(term.symbol)
            if build is None or term.is_function:
                _check_function(scope, term, builders, place)
                build = builders[term.symbol]
            first = len(stack) - term.arity
            stack[first:] = [build(scope, term.symbol, stack[first:])]
    return stack[0]


def check_operators(scope: ExpressionScope, count: int) -> None:
    """Raises ServiceError for more than 300 operators; the service stops counting there (aws/aws-sdk-js#3721)."""
    if count > OPERATOR_LIMIT:
        raise scope.refuse(f"The expression contains too many operators; operator count: {OPERATOR_LIMIT + 1}")


def _check_function(scope: ExpressionScope, term: ApplyTerm, builders: dict[str, _Builder], place: str) -> None:
    if term.symbol not in _ARITY:
        raise scope.refuse(f"Invalid function name; function: {term.symbol}")
    if term.symbol not in builders:
        raise scope.refuse(f"The function is not allowed in {place} expression; function: {term.symbol}")
    check_arity(scope, term.symbol, term.arity)


def check_arity(scope: Refuser, symbol: str, count: int) -> None:
    """Raises ServiceError for a function with too many or too few operands; says nothing of operators."""
    if count != _ARITY.get(symbol, count):
        raise scope.refuse(
            f"Incorrect number of operands for operator or function; operator or function: {symbol}, number of operands: {count}"
        )


def _as_condition(scope: Refuser, node: Node) -> ConditionNode:
    if isinstance(node, Size):
        raise _misused(scope, "size")
    return node  # type: ignore[return-value]  # the grammar lets no other operand stand for a condition


def _operands(scope: Refuser, nodes: Sequence[Node]) -> Sequence[Operand]:
    for node in nodes:
        if not isinstance(node, _OPERANDS):
            raise _misused(scope, node.symbol)  # type: ignore[union-attr]  # only functions stand for both
    return nodes  # type: ignore[return-value]


_OPERANDS = (Path, Literal, Size, Arithmetic, IfNotExists, ListAppend)


def _misused(scope: Refuser, function: str) -> ServiceError:
    return scope.refuse(f"The function is not allowed to be used this way in an expression; function: {function}")


def _static_type(operand: Operand) -> str | None:
    """The type of an operand as far as the request tells."""
    if type(operand) is Literal:
        return type_of(operand.content)
    if type(operand) is Size or type(operand) is Arithmetic:
        return "N"
    return "L" if type(operand) is ListAppend else None


def _check_types(scope: Refuser, symbol: str, operands: Sequence[Operand], allowed: frozenset[str]) -> None:
    for operand in operands:
        found = _static_type(operand)
        if found is not None and found not in allowed:
            raise _wrong_type(scope, symbol, found)


def _wrong_type(scope: Refuser, symbol: str, found: str) -> ServiceError:
    return scope.refuse(f"Incorrect operand type for operator or function; operator or function: {symbol}, operand type: {found}")


def _check_distinct(scope: Refuser, symbol: str, operands: Sequence[Operand]) -> None:
    # Paths only: `:a = :a` is taken (architect/dynalite#99)
    first = operands[0]
    if type(first) is not Path:
        return
    for other in operands[1:]:
        if type(other) is Path and first.steps == other.steps:
            raise scope.refuse(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {symbol}, first operand: {first}"
            )


def _document_path(scope: Refuser, symbol: str, operand: Node) -> Path:
    if not isinstance(operand, Path):
        raise scope.refuse(f"Operator or function requires a document path; operator or function: {symbol}")
    return operand


def _comparison(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    operands = _operands(scope, nodes)
    if symbol not in ("=", "<>"):
        _check_types(scope, symbol, operands, _ORDERED)
    _check_distinct(scope, symbol, operands)
    return Comparison(symbol, operands[0], operands[1])


def _between(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    operands = _operands(scope, nodes)
    _check_types(scope, symbol, operands, _ORDERED)
    _check_distinct(scope, symbol, operands)
    _, low, high = operands
    if type(low) is Literal and type(high) is Literal:
        _check_bounds(scope, low.content, high.content)
    return Between(operands[0], low, high)


def _check_bounds(scope: Refuser, low: AttributeValue, high: AttributeValue) -> None:
    # ExtendDB/extenddb#99 and #102
    bounds = f"lower bound operand: AttributeValue: {_printed(low)}, upper bound operand: AttributeValue: {_printed(high)}"
    order = compare(low, high)
    if order is None:
        raise scope.refuse(f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
    if order > 0:
        raise scope.refuse(f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}")


def _printed(value: AttributeValue) -> str:
    kind = type_of(value)
    return f"{{{kind}:{value[kind]}}}"


def _in(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    operands = _operands(scope, nodes)
    if len(operands) - 1 > IN_LIMIT:
        # reapit/foundations#8255
        raise scope.refuse(f"The IN operator is provided with too many operands; number of operands: {len(operands) - 1}")
    _check_distinct(scope, symbol, operands)
    return In(operands[0], tuple(operands[1:]))


def _exists(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    path = _document_path(scope, symbol, nodes[0])
    return Exists(path) if symbol == "attribute_exists" else NotExists(path)


def _has_type(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    # The first may be a value, the second must be one (recordings up to October 2026, which do not show what a path is called there)
    operands = _operands(scope, nodes)
    _check_distinct(scope, symbol, operands)
    wanted = operands[1]
    if not isinstance(wanted, Literal):
        raise _wrong_type(scope, symbol, _static_type(wanted) or "DocumentPath")
    if "S" not in wanted.content:
        raise _wrong_type(scope, symbol, type_of(wanted.content))
    name = wanted.content["S"]
    if name not in TYPES:
        raise scope.refuse(f"Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}")
    return HasType(operands[0], name)


def _begins_with(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    operands = _operands(scope, nodes)
    _check_types(scope, symbol, operands, _PREFIXED)
    _check_distinct(scope, symbol, operands)
    return BeginsWith(operands[0], operands[1])


def _contains(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    operands = _operands(scope, nodes)
    _check_types(scope, symbol, operands[:1], _CONTAINERS)
    _check_distinct(scope, symbol, operands)
    return Contains(operands[0], operands[1])


def _size(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> Operand:
    # Takes a value, too, and size(size(a)) is refused for its type: scylladb/scylladb#14592
    operands = _operands(scope, nodes)
    _check_types(scope, symbol, operands, _SIZED)
    return Size(operands[0])


def _and(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    left, right = (_as_condition(scope, node) for node in nodes)
    return And((*left.parts, right) if isinstance(left, And) else (left, right))


def _or(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    left, right = (_as_condition(scope, node) for node in nodes)
    return Or((*left.parts, right) if isinstance(left, Or) else (left, right))


def _not(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> ConditionNode:
    part = _as_condition(scope, nodes[0])
    return part.part if isinstance(part, Not) else Not(part)


def _arithmetic(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> Operand:
    operands = _operands(scope, nodes)
    _check_types(scope, symbol, operands, _NUMBER)
    return Arithmetic(symbol, operands[0], operands[1])


def _if_not_exists(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> Operand:
    path = _document_path(scope, symbol, nodes[0])
    return IfNotExists(path, _operands(scope, nodes[1:])[0])


def _list_append(scope: Refuser, symbol: str, nodes: Sequence[Node]) -> Operand:
    operands = _operands(scope, nodes)
    if any(isinstance(operand, ListAppend) for operand in operands):
        # Recordings up to October 2026; if_not_exists may stand here
        raise _misused(scope, symbol)
    _check_types(scope, symbol, operands, _LIST)  # aws/aws-sdk-js-v3#7171
    return ListAppend(operands[0], operands[1])


_Builder = Callable[[Refuser, str, Sequence[Node]], Node]

_CONDITION_BUILDERS: dict[str, _Builder] = {
    "=": _comparison,
    "<>": _comparison,
    "<": _comparison,
    "<=": _comparison,
    ">": _comparison,
    ">=": _comparison,
    "BETWEEN": _between,
    "IN": _in,
    "AND": _and,
    "OR": _or,
    "NOT": _not,
    "attribute_exists": _exists,
    "attribute_not_exists": _exists,
    "attribute_type": _has_type,
    "begins_with": _begins_with,
    "contains": _contains,
    "size": _size,
}

_UPDATE_BUILDERS: dict[str, _Builder] = {
    "+": _arithmetic,
    "-": _arithmetic,
    "if_not_exists": _if_not_exists,
    "list_append": _list_append,
}
