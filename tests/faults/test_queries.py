"""Compiled queries mean what the library means, on anything."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.faults.queries import REFUSALS, at, compile_query, is_false, wanted_text

VALUE: Any = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2.5, "", "x", "open"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)
TERM = st.sampled_from(
    ["a", "a.b", "a.b.c", "@", "a[0]", "a[*].b", "'x'", "'open'", "`0`", "`true`", "`null`", "length(a)", "a[?b=='x']", "{n: a}", "[a, b]"]
)
QUERY = st.recursive(
    TERM,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">=", "&&", "||"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda one: f"!{one}"),
    ),
    max_leaves=4,
)


def outcome(evaluate: Any, value: Any) -> Any:
    try:
        return evaluate(value)
    except REFUSALS:
        return "refused"


@settings(max_examples=400, deadline=None)
@given(query=QUERY, value=VALUE)
def test_a_query_finds_what_the_library_finds(query: str, value: Any) -> None:
    found = outcome(compile_query(query), value)
    expected = outcome(jmespath.compile(query).search, value)
    assert (type(found), found) == (type(expected), expected)


@settings(max_examples=400, deadline=None)
@given(query=QUERY, value=VALUE)
def test_what_is_wanted_is_there_where_a_query_is_true(query: str, value: Any) -> None:
    wanted = wanted_text(query)
    found = outcome(compile_query(query), value)
    if wanted is not None and found != "refused" and not is_false(found):
        assert at(wanted[0], value) == wanted[1]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("Item.status.S == 'open'", (("Item", "status", "S"), "open")),
        ("'open' == Item.status.S", (("Item", "status", "S"), "open")),
        ("starts_with(a, 'x') && b == 'y'", (("b",), "y")),
        ("a == 'x' || b == 'y'", None),
        ("!(a == 'x')", None),
        ("a != 'x'", None),
        ("a == `1`", None),
        ("a[0] == 'x'", None),
    ],
)
def test_a_text_that_a_query_wants(query: str, wanted: Any) -> None:
    assert wanted_text(query) == wanted
