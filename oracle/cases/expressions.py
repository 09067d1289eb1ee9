"""Expressions with their placeholders: condition, filter, key condition, update, projection; as a whole or with a token amiss."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from oracle.cases import values as drawn
from oracle.cases.tables import INDEXES, KEYS, key_value
from oracle.cases.values import Value

_COMPARATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
_TYPE_NAMES = st.sampled_from(["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"])
_TOKEN = re.compile(r"[#:]?\w+|<>|<=|>=|\S")
_STRAY = st.sampled_from(
    ["AND", "OR", "NOT", "(", ")", ",", "=", ".", "[0]", "[-1]", "a", "#x", ":x", "size", "SET", "REMOVE", "ADD", "1", "status", "#", ":"]
)


@dataclass
class Terms:
    """Draws the names and values of one request, and keeps what stands for what. `fault`: what is to be wrong (see `breaking`)."""

    draw: st.DrawFn
    fault: str = ""
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def name(self) -> str:
        return self.named(self.draw(drawn.names))

    def named(self, name: str) -> str:
        """A name as it is, or behind a placeholder."""
        if self.draw(st.booleans()):
            return name
        self.names[f"#{name}"] = name
        return f"#{name}"

    def path(self) -> str:
        path = self.name()
        for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 2]))):
            path += f"[{self.draw(st.integers(0, 2))}]" if self.draw(st.booleans()) else f".{self.name()}"
        return path

    def value(self, strategy: st.SearchStrategy[Value] = drawn.values) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = self.draw(strategy)
        return placeholder

    def params(self, **expressions: str) -> dict[str, Any]:
        """The expressions with the placeholders that they use, or with one too many or too few, or with a token amiss."""
        params: dict[str, Any] = dict(expressions)
        if self.fault == "token":
            chosen = self.draw(st.sampled_from(sorted(params)))
            params[chosen] = _amiss(self.draw, params[chosen])
        found_names, found_values = dict(self.names), dict(self.values)
        amiss = self.draw(st.integers(0, 3)) if self.fault == "placeholder" else None
        if amiss == 0:
            found_names["#unused"] = "a"
        elif amiss == 1:
            found_values[":unused"] = {"S": "x"}
        elif amiss == 2 and found_values:
            del found_values[sorted(found_values)[0]]
        elif amiss == 3 and found_names:
            del found_names[sorted(found_names)[0]]
        if found_names:
            params["ExpressionAttributeNames"] = found_names
        if found_values:
            params["ExpressionAttributeValues"] = found_values
        return params


def _operand(terms: Terms) -> str:
    kind = terms.draw(st.sampled_from(["path", "path", "value", "value", "size"]))
    return terms.path() if kind == "path" else terms.value() if kind == "value" else f"size({terms.path()})"


def _predicate(terms: Terms) -> str:
    kind = terms.draw(st.sampled_from(["compare", "compare", "between", "in", "exists", "not exists", "type", "begins", "contains"]))
    if kind == "compare":
        left, right = _operand(terms), _operand(terms)
        if left == right:
            right = terms.value()
        return f"{left} {terms.draw(_COMPARATORS)} {right}"
    if kind == "between":
        return f"{_operand(terms)} BETWEEN {terms.value()} AND {terms.value()}"
    if kind == "in":
        return f"{_operand(terms)} IN ({terms.value()}, {_operand(terms)})"
    if kind == "exists":
        return f"attribute_exists({terms.path()})"
    if kind == "not exists":
        return f"attribute_not_exists({terms.path()})"
    if kind == "type":
        return f"attribute_type({terms.path()}, {terms.value(_TYPE_NAMES.map(lambda name: {'S': name}))})"
    return f"{'begins_with' if kind == 'begins' else 'contains'}({terms.path()}, {_operand(terms)})"


def condition(terms: Terms, depth: int = 2) -> str:
    kind = terms.draw(st.sampled_from(["one", "one", "one", "AND", "OR", "NOT", "()"])) if depth else "one"
    if kind == "one":
        return _predicate(terms)
    if kind == "NOT":
        return f"NOT {condition(terms, depth - 1)}"
    if kind == "()":
        return f"({condition(terms, depth - 1)})"
    return f"{condition(terms, depth - 1)} {kind} {condition(terms, depth - 1)}"


def _set_value(terms: Terms) -> str:
    kind = terms.draw(st.sampled_from(["value", "value", "path", "sum", "default", "append"]))
    if kind == "value":
        return terms.value()
    if kind == "path":
        return terms.path()
    if kind == "sum":
        return f"{_addend(terms)} {terms.draw(st.sampled_from(['+', '-']))} {_addend(terms)}"
    if kind == "default":
        return f"if_not_exists({terms.path()}, {terms.value()})"
    return f"list_append({_addend(terms)}, {_addend(terms)})"


def _addend(terms: Terms) -> str:
    kind = terms.draw(st.sampled_from(["path", "value", "default"]))
    return terms.path() if kind == "path" else terms.value() if kind == "value" else f"if_not_exists({terms.path()}, {terms.value()})"


def update(terms: Terms) -> str:
    clauses = []
    for word in terms.draw(st.lists(st.sampled_from(["SET", "SET", "REMOVE", "ADD", "DELETE"]), min_size=1, max_size=2)):
        actions = []
        for _ in range(terms.draw(st.sampled_from([1, 1, 2]))):
            path = terms.path()
            actions.append(f"{path} = {_set_value(terms)}" if word == "SET" else path if word == "REMOVE" else f"{path} {terms.value()}")
        clauses.append(f"{word} {', '.join(actions)}")
    return " ".join(clauses)


def projection(terms: Terms) -> str:
    return ", ".join(terms.path() for _ in range(terms.draw(st.integers(1, 3))))


def key_condition(terms: Terms, target: str) -> str:
    """For a table or an index: the partition key, and perhaps the sort key; sometimes with what does not belong there."""
    attributes = INDEXES[target][1] if target in INDEXES else KEYS[target]
    (hash_name, hash_kind), *rest = attributes.items()
    clauses = [f"{terms.named(hash_name)} = {terms.value(key_value(hash_kind))}"]
    for name, kind in rest[: terms.draw(st.integers(0, len(rest)))]:
        clauses.append(_sort_condition(terms, terms.named(name), key_value(kind)))
    if terms.fault == "odd":
        clauses.append(_predicate(terms))
    if terms.draw(st.integers(0, 9)) == 0:
        clauses.reverse()
    return " AND ".join(clauses)


def _sort_condition(terms: Terms, name: str, operands: st.SearchStrategy[Value]) -> str:
    kind = terms.draw(st.sampled_from(["=", "<", "<=", ">", ">=", "between", *(["begins", "<>"] if terms.fault == "odd" else [])]))
    if kind == "between":
        return f"{name} BETWEEN {terms.value(operands)} AND {terms.value(operands)}"
    if kind == "begins":
        return f"begins_with({name}, {terms.value(operands)})"
    return f"{name} {kind} {terms.value(operands)}"


def _amiss(draw: st.DrawFn, text: str) -> str:
    """The expression with a token left out, doubled, or replaced by a stray one."""
    tokens = _TOKEN.findall(text)
    place = draw(st.integers(0, len(tokens) - 1))
    how = draw(st.sampled_from(["without", "twice", "stray", "extra"]))
    replacement = {"without": [], "twice": [tokens[place]] * 2, "stray": [draw(_STRAY)], "extra": [tokens[place], draw(_STRAY)]}[how]
    return " ".join([*tokens[:place], *replacement, *tokens[place + 1 :]])
