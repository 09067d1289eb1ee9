"""Good parameters, slightly broken: one member left out, of another kind, out of its range, or one too many."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from oracle.cases.values import broken_values
from oracle.endpoint import Request

_WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", "wrong name!", 0, -1, 1, 101, 1.5, True, "true", [], {}, ["x"], {"x": "y"}, "x" * 300]
)
_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all members and elements, outermost first."""
    if isinstance(value, dict):
        inner = [(key, part) for key, part in value.items()]
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return []
    found = [(*path, key) for key, _ in inner]
    for key, part in inner:
        found += _places(part, (*path, key))
    return found


def _is_value(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TYPES


@st.composite
def broken(draw: st.DrawFn, request: Request) -> Request:
    """The request with one thing wrong."""
    params = deepcopy(request.params)
    places = _places(params)
    if not places:
        return Request(request.operation, {"Unknown": "x"})
    path = draw(st.sampled_from(places))
    holder = params
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    how = draw(st.sampled_from(["remove", "replace", "value" if _is_value(holder[last]) else "replace"]))
    if how == "remove":
        del holder[last]
    elif how == "value":
        holder[last] = draw(broken_values)
    else:
        holder[last] = draw(_WRONG)
    return Request(request.operation, params)


# What may be wrong in a case, one thing at most: with two faults, all that shows is which of them an endpoint looks for first.
# "odd" is what the parameters allow and the operation does not.
faults = st.sampled_from(["", "", "", "member", "token", "placeholder", "odd"])


def perhaps_broken(draw: st.DrawFn, request: Request, fault: str) -> Request:
    return draw(broken(request)) if fault == "member" else request
