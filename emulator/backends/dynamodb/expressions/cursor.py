"""A place in the tokens of one expression, and the syntax error that names it."""

from __future__ import annotations

from string import ascii_letters
from typing import NoReturn

from emulator.backends.dynamodb.expressions.lexer import split, tokenize
from emulator.backends.dynamodb.expressions.syntax import PathTerm, ValueTerm
from emulator.backends.dynamodb.refusals import invalid_expression

SIZE_LIMIT = 4096  # bytes

LETTERS = frozenset(ascii_letters)


class Cursor:
    """Reads one expression that came as `parameter`. `keywords`, in upper case, cannot be part of a path.

    Raises ServiceError (ValidationException) for an expression that is empty or too long."""

    __slots__ = ("keywords", "parameter", "position", "source", "tokens")

    def __init__(self, source: str, parameter: str, keywords: frozenset[str]) -> None:
        check_size(source, parameter)
        self.source = source
        self.parameter = parameter
        self.keywords = keywords
        self.tokens = split(source)
        self.tokens.append("")  # stands for the end; no token is empty
        self.position = 0

    @property
    def token(self) -> str:
        return self.tokens[self.position]

    def fail(self) -> NoReturn:
        """Raises the syntax error for the token at this place, together with the text from its neighbour to its neighbour."""
        tokens = tokenize(self.source)
        place = self.position
        text = tokens[place].text if place < len(tokens) else "<EOF>"
        near = ""
        if tokens:
            near = self.source[tokens[max(place - 1, 0)].start : tokens[min(place + 1, len(tokens) - 1)].end]
        raise invalid_expression(self.parameter, f'Syntax error; token: "{text}", near: "{near}"')

    def take(self, text: str) -> None:
        if self.tokens[self.position] != text:
            self.fail()
        self.position += 1

    def path(self) -> PathTerm:
        parts: list[str | int] = [self._name()]
        tokens = self.tokens
        while True:
            token = tokens[self.position]
            if token == ".":
                self.position += 1
                parts.append(self._name())
            elif token == "[":
                self.position += 1
                token = tokens[self.position]
                if not (token.isdigit() and token.isascii()):
                    self.fail()
                parts.append(int(token))
                self.position += 1
                self.take("]")
            else:
                return PathTerm(tuple(parts))

    def value(self) -> ValueTerm:
        token = self.tokens[self.position]
        if len(token) < 2 or token[0] != ":":
            self.fail()
        self.position += 1
        return ValueTerm(token)

    def _name(self) -> str:
        token = self.tokens[self.position]
        if not is_name(token, self.keywords):
            self.fail()
        self.position += 1
        return token


def is_name(token: str, keywords: frozenset[str]) -> bool:
    """Whether the token can be part of a path: a word that is no keyword, or a `#name`."""
    if token[:1] == "#":
        return len(token) > 1
    return token[:1] in LETTERS and token.upper() not in keywords


def check_size(source: str, parameter: str) -> None:
    """Raises ServiceError (ValidationException) for an expression that is empty or longer than 4,096 bytes."""
    if not source:
        raise invalid_expression(parameter, "The expression can not be empty;")
    if len(source) > SIZE_LIMIT // 4 and len(source.encode()) > SIZE_LIMIT:
        tail = "" if parameter == "UpdateExpression" else f" expression size: {len(source.encode())}"
        raise invalid_expression(parameter, f"Expression size has exceeded the maximum allowed size;{tail}")
