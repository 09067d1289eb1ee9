"""Tokens of PartiQL know where they stand and what they stand for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.dynamodb.partiql.lexer import tokenize


@given(st.one_of(st.text(), st.text("aA1_$ '\"?<>=!.,-/*\n[]{}():\u00e9")))
def test_tokens_know_their_places(text):
    tokens = tokenize(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.kind for token in tokens].count("end") == 1
    assert tokens[-1].kind == "end"
    assert all(left.end <= right.start for left, right in pairwise(tokens))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("SELECT * FROM t", [("word", "SELECT"), ("symbol", "*"), ("word", "FROM"), ("word", "t")]),
        ("'it''s' \"a\"\"b\"", [("string", "it's"), ("quoted", 'a"b')]),
        ("1 1.5 .5 2e-3", [("number", "1"), ("number", "1.5"), ("number", ".5"), ("number", "2e-3")]),
        (
            "<<1>> <> <= != <",
            [("symbol", "<<"), ("number", "1"), ("symbol", ">>"), ("symbol", "<>"), ("symbol", "<="), ("symbol", "!="), ("symbol", "<")],
        ),
        ("a -- rest\n b /* c\n */ d", [("word", "a"), ("word", "b"), ("word", "d")]),
        ("'open", [("symbol", "'"), ("word", "open")]),
    ],
)
def test_tokens(text, tokens):
    assert [(token.kind, token.content) for token in tokenize(text)[:-1]] == tokens
