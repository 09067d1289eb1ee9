"""Tokens know where they stand, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.dynamodb.expressions.lexer import split, tokenize


@given(st.one_of(st.text(), st.text("a1_#:.,()[]<>=+- \t\n\u00e9")))
def test_tokens_are_the_text_without_its_blanks(text):
    tokens = tokenize(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert split(text) == [token.text for token in tokens]
    blanks = str.maketrans("", "", " \t\r\n")
    assert "".join(token.text for token in tokens) == text.translate(blanks)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a.b[10]<>:v", ["a", ".", "b", "[", "10", "]", "<>", ":v"]),
        ("#a>=#b<=c<d>e=f", ["#a", ">=", "#b", "<=", "c", "<", "d", ">", "e", "=", "f"]),
        (":0 + #0_x - :_", [":0", "+", "#0_x", "-", ":_"]),
        ("_a 1a a_1", ["_", "a", "1", "a", "a_1"]),
        (": # ::a ##b", [":", "#", ":", ":a", "#", "#b"]),
    ],
)
def test_tokens(text, tokens):
    assert split(text) == tokens
