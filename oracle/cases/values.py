"""Attribute values: small ones, so that they meet again, and broken ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Value = dict[str, Any]

names = st.sampled_from(["a", "b", "c", "d"])
texts = st.sampled_from(["x", "y", "xy", "abc", "Z", "\u00e9", "x y"])
numbers = st.sampled_from(["0", "1", "2", "-1", "3.14", "10", "1E2", "0.50", "-0", "007", "12345678901234567890123456789012345678"])
binaries = st.sampled_from(["eA==", "eHk=", "AP8="])

_scalars: st.SearchStrategy[Value] = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers.map(lambda text: {"N": text}),
    binaries.map(lambda text: {"B": text}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.just({"S": ""}),
)
_sets: st.SearchStrategy[Value] = st.one_of(
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda members: {"SS": members}),
    st.lists(st.sampled_from(["1", "2", "3.5"]), min_size=1, max_size=3, unique=True).map(lambda members: {"NS": members}),
    st.lists(binaries, min_size=1, max_size=2, unique=True).map(lambda members: {"BS": members}),
)
values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(_scalars, _sets),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"L": parts}),
        st.dictionaries(names, inner, max_size=2).map(lambda parts: {"M": parts}),
    ),
    max_leaves=4,
)

broken_values: st.SearchStrategy[Any] = st.sampled_from(
    [
        {},
        {"S": "x", "N": "1"},
        {"X": "x"},
        {"N": "abc"},
        {"N": ""},
        {"N": " 1"},
        {"N": "1e126"},
        {"N": "1e-131"},
        {"N": "123456789012345678901234567890123456789"},
        {"N": "NaN"},
        {"NULL": False},
        {"SS": []},
        {"NS": []},
        {"SS": ["x", "x"]},
        {"NS": ["1", "1.0"]},
        {"NS": ["1", "x"]},
        {"BS": ["eA==", "eA=="]},
        {"SS": ["x", ""]},
        {"L": [{"N": "x"}]},
        {"L": [{}]},
        {"M": {"": {"S": "x"}}},
        {"M": {"a": {"SS": []}}},
        {"S": 1},
        {"N": 1},
        {"BOOL": "x"},
        {"B": "x"},
        {"B": "eA"},
        {"L": {}},
        {"M": []},
        {"SS": "x"},
        "x",
        [],
    ]
)
