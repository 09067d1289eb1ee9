"""Text to tokens, the same for every kind of expression.

A token is a word, a placeholder (`#name`, `:value`), an unsigned integer, an operator or a mark. Whatever else stands there
becomes a token of one character, which no grammar accepts: the parser then names it, as the service does. An underscore may
not begin a word (aws/aws-sdk-js#1691).
"""

from __future__ import annotations

import re

from dynafault_dataclass import dataclass

_TOKEN = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|[0-9]+|<[=>]?|>=?|[^ \t\r\n])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: `source[start:end] == text`."""

    text: str
    start: int
    end: int


def split(source: str) -> list[str]:
    """The texts of the tokens."""
    return _TOKEN.findall(source)


def tokenize(source: str) -> list[Token]:
    """The tokens with their places, for error messages; `split` gives the same texts several times faster."""
    return [Token(match[1], match.start(1), match.end(1)) for match in _TOKEN.finditer(source)]
