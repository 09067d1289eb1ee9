"""JMESPath as functions: what a rule's `where` asks of a request, without walking the expression's tree for each request.

The common kinds of nodes become closures; whatever else an expression holds goes to JMESPath's own interpreter, node by node, so all of
the language works, and means what the library means by it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.visitor import TreeInterpreter

# Steps of the interpreter, and values put together from others, for one question about one request
MAX_STEPS = 200_000

Query = Callable[[Any], Any]

# What evaluating raises where a function or an operator does not take what it is given: the library lets the TypeError of "x" < 1 out
REFUSALS = (jmespath.exceptions.JMESPathError, TypeError)
# Field names from the request's body down
Path = tuple[str, ...]
_Node = dict[str, Any]


def compile_query(expression: str) -> Query:
    """The function that evaluates an expression. The function raises one of REFUSALS where the expression does not fit the value."""
    return _compiled(_parsed(expression))


def wanted_text(expression: str) -> tuple[Path, str] | None:
    """A field that must equal a certain text for the expression to be true; None where there is none such."""
    return _wanted(_parsed(expression))


def at(path: Path, value: Any) -> Any:
    """What stands at a path; None where nothing does."""
    for name in path:
        if type(value) is not dict:
            return None
        value = value.get(name)
    return value


def is_false(value: Any) -> bool:
    """JMESPath's idea of it: 0 is true, what is empty is not."""
    return value is None or value is False or value == "" or value == [] or value == {}


def _parsed(expression: str) -> _Node:
    tree: Any = jmespath.compile(expression).parsed
    return dict(tree)


def _compiled(node: _Node) -> Query:
    maker = _MAKERS.get(node["type"])
    made = None if maker is None else maker(node)
    if made is not None:
        return made
    # Kept, since each interpreter has to find its methods first; one for each thread, since it counts
    local = threading.local()

    def ask(value: Any) -> Any:
        interpreter: Any = getattr(local, "interpreter", None)
        if interpreter is None:
            interpreter = local.interpreter = _BoundedInterpreter()
        return interpreter.ask(node, value)

    return ask


class _TooMuchWork(jmespath.exceptions.JMESPathError):
    """The question would take too long to answer."""


class _BoundedInterpreter(TreeInterpreter):
    """An expression may double what it has at each step: `[@,@]|[@,@]|...`."""

    def ask(self, node: _Node, value: Any) -> Any:
        self._left = MAX_STEPS
        return self.visit(node, value)

    def visit(self, node: Any, *arguments: Any, **named: Any) -> Any:
        self._spend(1)
        found: Any = super().visit(node, *arguments, **named)
        if node["type"] in ("multi_select_list", "multi_select_dict"):
            self._spend(self._size(found))
        return found

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _TooMuchWork

    def _size(self, value: Any) -> int:
        """How many values there are within one, as far as there are steps left."""
        size, pending = 0, [value]
        while pending and size <= self._left:
            one = pending.pop()
            size += 1
            if isinstance(one, dict):
                pending.extend(one.values())
            elif isinstance(one, list):
                pending.extend(one)
        return size


def _field(node: _Node) -> Query:
    name = node["value"]
    return lambda value: value.get(name) if type(value) is dict else None


def _path(node: _Node) -> Query | None:
    names = _names(node)
    return None if names is None else lambda value: at(names, value)


def _comparison(node: _Node) -> Query | None:
    """With a text on one side, when no number can look like a truth value."""
    sides = _text_and_other(node)
    if sides is None or node["value"] not in ("eq", "ne"):
        return None
    text, other = sides[0], _compiled(sides[1])
    if node["value"] == "eq":
        return lambda value: other(value) == text
    return lambda value: other(value) != text


def _and(node: _Node) -> Query:
    left, right = map(_compiled, node["children"])

    def both(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return both


def _or(node: _Node) -> Query:
    left, right = map(_compiled, node["children"])

    def either(value: Any) -> Any:
        found = left(value)
        return right(value) if is_false(found) else found

    return either


_MAKERS: dict[str, Callable[[_Node], Query | None]] = {
    "field": _field,
    "subexpression": _path,
    "comparator": _comparison,
    "and_expression": _and,
    "or_expression": _or,
}


def _names(node: _Node) -> Path | None:
    """The path of a field, or of a field within fields."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return None
    parts = [_names(child) for child in node["children"]]
    return None if None in parts else tuple(name for part in parts if part is not None for name in part)


def _text_and_other(node: _Node) -> tuple[str, _Node] | None:
    left, right = node["children"]
    for one, other in ((left, right), (right, left)):
        if one["type"] == "literal" and isinstance(one["value"], str):
            return one["value"], other
    return None


def _wanted(node: _Node) -> tuple[Path, str] | None:
    if node["type"] == "and_expression":
        return _wanted(node["children"][0]) or _wanted(node["children"][1])
    if node["type"] != "comparator" or node["value"] != "eq":
        return None
    sides = _text_and_other(node)
    path = None if sides is None else _names(sides[1])
    return None if sides is None or path is None else (path, sides[0])
