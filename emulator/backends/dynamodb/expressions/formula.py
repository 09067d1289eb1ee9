"""Operator precedence: a condition, or what an assignment assigns, to postfix terms. No recursion, so depth costs nothing.

Two piles: `results` says what each term on the output so far yields, `pending` holds operators and opened parentheses that
wait for their right-hand side. Whether a name or a type fits an operator is not decided here, only whether the text has the
form of the grammar.
"""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.expressions.cursor import LETTERS, Cursor
from emulator.backends.dynamodb.expressions.syntax import ApplyTerm, Formula, Term, ValueTerm

_COMPARATORS = frozenset(("=", "<>", "<", "<=", ">", ">="))
_RANK = {"OR": 1, "AND": 2, "NOT": 3, "BETWEEN": 4, "+": 5, "-": 5} | dict.fromkeys(_COMPARATORS, 4)

# What a term yields
_OPERAND, _CONDITION, _CALL = range(3)  # a call may stand for either

# What waits
_OPERATOR, _GROUP, _LIST = range(3)  # a list: arguments of a function, or members of IN


@dataclass(slots=True)
class _Pending:
    kind: int
    symbol: str
    opened: int = 0
    arity: int = 1
    halfway: bool = False  # BETWEEN before its AND


class FormulaParser:
    """Reads one formula at the cursor and leaves the cursor behind it."""

    __slots__ = ("_cursor", "_group", "_is_condition", "_operators", "_pending", "_redundant", "_results", "_terms")

    def __init__(self, cursor: Cursor, *, is_condition: bool) -> None:
        self._cursor = cursor
        self._is_condition = is_condition
        self._terms: list[Term] = []
        self._results: list[int] = []
        self._pending: list[_Pending] = []
        self._operators = 0
        self._redundant = False
        self._group = (-1, -1)  # places of the last closed pair of parentheses

    def parse(self) -> Formula:
        self._operand()
        while self._operator():
            self._operand()
        self._reduce(0)
        wrong = _OPERAND if self._is_condition else _CONDITION
        if self._pending or self._results[-1] == wrong:
            self._cursor.fail()
        return Formula(self._terms, self._operators, self._redundant)

    def _operand(self) -> None:
        """Everything up to and including the next operand: NOT, opening parentheses, then a value or a path."""
        cursor = self._cursor
        tokens = cursor.tokens
        while True:
            token = tokens[cursor.position]
            if token[:1] == ":" and len(token) > 1:
                cursor.position += 1
                self._terms.append(ValueTerm(token))
                break
            if token == "(":
                self._pending.append(_Pending(_GROUP, "(", cursor.position))
            elif self._is_condition and token.upper() == "NOT":
                self._negate()
            elif token[:1] in LETTERS and tokens[cursor.position + 1] == "(" and token.upper() not in cursor.keywords:
                self._open_list(token)
                continue
            else:
                self._terms.append(cursor.path())
                break
            cursor.position += 1
        self._results.append(_OPERAND)

    def _operator(self) -> bool:
        """Everything up to and including the next infix operator or comma. False at the end of the formula."""
        cursor = self._cursor
        while True:
            token = cursor.tokens[cursor.position]
            if token == ")" and self._pending:
                self._close()
                continue
            symbol = token.upper()
            if symbol == ",":
                return self._next_of_list()
            if self._is_condition:
                if symbol in _COMPARATORS:
                    return self._compare(symbol)
                if symbol == "AND" or symbol == "OR":
                    return self._join(symbol)
                if symbol == "BETWEEN":
                    return self._compare(symbol, halfway=True)
                if symbol == "IN":
                    return self._members()
            elif symbol == "+" or symbol == "-":
                return self._calculate(symbol)
            return False

    def _negate(self) -> None:
        if self._pending:
            top = self._pending[-1]
            if top.kind == _LIST or (top.kind == _OPERATOR and _RANK[top.symbol] > 3):
                self._cursor.fail()
        self._push("NOT", 1)

    def _join(self, symbol: str) -> bool:
        if symbol == "AND" and self._pending and self._pending[-1].halfway:
            if self._results[-1] == _CONDITION:
                self._cursor.fail()
            self._pending[-1].halfway = False
        else:
            self._reduce(_RANK[symbol])
            if self._results[-1] == _OPERAND:
                self._cursor.fail()
            self._push(symbol, 2)
        self._cursor.position += 1
        return True

    def _compare(self, symbol: str, *, halfway: bool = False) -> bool:
        self._reduce(4)
        if self._results[-1] == _CONDITION:
            self._cursor.fail()
        self._push(symbol, 3 if halfway else 2)
        self._pending[-1].halfway = halfway
        self._cursor.position += 1
        return True

    def _members(self) -> bool:
        self._reduce(4)
        if self._results[-1] == _CONDITION:
            self._cursor.fail()
        self._cursor.position += 1
        if self._cursor.token != "(":
            self._cursor.fail()
        self._cursor.position -= 1
        self._open_list("IN")
        self._pending[-1].arity = 2
        return True

    def _calculate(self, symbol: str) -> bool:
        # One operator per pair of parentheses: value ::= operand | operand '+' operand | operand '-' operand; and none within the
        # arguments of a function (recordings up to October 2026)
        if self._pending and (self._pending[-1].kind == _OPERATOR or any(waiting.kind == _LIST for waiting in self._pending)):
            self._cursor.fail()
        self._push(symbol, 2)
        self._cursor.position += 1
        return True

    def _open_list(self, symbol: str) -> None:
        self._operators += 1
        self._pending.append(_Pending(_LIST, symbol, self._cursor.position))
        self._cursor.position += 2

    def _next_of_list(self) -> bool:
        self._reduce(0)
        if not self._pending:
            return False
        if self._pending[-1].kind != _LIST or self._results[-1] == _CONDITION:
            self._cursor.fail()
        self._pending[-1].arity += 1
        self._cursor.position += 1
        return True

    def _close(self) -> None:
        cursor = self._cursor
        self._reduce(0)
        if not self._pending:
            cursor.fail()
        opened = self._pending.pop()
        if opened.kind == _GROUP:
            if self._group == (opened.opened + 1, cursor.position - 1):
                self._redundant = True
            self._group = (opened.opened, cursor.position)
        else:
            if self._results[-1] == _CONDITION:
                cursor.fail()
            is_function = opened.symbol != "IN"
            self._apply(ApplyTerm(opened.symbol, opened.arity, is_function), _CALL if is_function else _CONDITION)
        cursor.position += 1

    def _push(self, symbol: str, arity: int) -> None:
        self._operators += 1
        self._pending.append(_Pending(_OPERATOR, symbol, arity=arity))

    def _reduce(self, rank: int) -> None:
        """Apply the waiting operators that bind at least as tightly as `rank`, down to the innermost open parenthesis."""
        while self._pending:
            top = self._pending[-1]
            if top.kind != _OPERATOR or _RANK[top.symbol] < rank:
                return
            takes_operands = _RANK[top.symbol] > 3
            if top.halfway or self._results[-1] == (_CONDITION if takes_operands else _OPERAND):
                self._cursor.fail()
            self._pending.pop()
            yields = _OPERAND if top.symbol in "+-" else _CONDITION
            self._apply(ApplyTerm(top.symbol, top.arity), yields)

    def _apply(self, term: ApplyTerm, yields: int) -> None:
        self._terms.append(term)
        del self._results[len(self._results) - term.arity :]
        self._results.append(yields)
