"""PartiQL text to tokens, with their places."""

from __future__ import annotations

import re

from dynafault_dataclass import dataclass

_TOKEN = re.compile(
    r"""(?:\s|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*
    (?:(?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
      |(?P<quoted>"(?:[^"]|"")*")
      |(?P<string>'(?:[^']|'')*')
      |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      |(?P<symbol><<|>>|<>|<=|>=|!=|.)
      |$)""",
    re.ASCII | re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: word, quoted (a name in double quotes), string, number, symbol, end. `source[start:end] == text`."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """For words, whose case does not matter where they are keywords; "" for everything else."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def content(self) -> str:
        """The text without quotes."""
        if self.kind == "quoted":
            return self.text[1:-1].replace('""', '"')
        return self.text[1:-1].replace("''", "'") if self.kind == "string" else self.text


def tokenize(source: str) -> list[Token]:
    """The tokens of a statement, the last of them of kind end. A quote that is never closed is a symbol."""
    tokens: list[Token] = []
    position = 0
    while True:
        match = _TOKEN.match(source, position)
        assert match is not None  # the pattern matches at least the end
        kind = match.lastgroup or "end"
        start = match.start(kind) if match.lastgroup else len(source)
        tokens.append(Token(kind, source[start : match.end()], start, match.end()))
        if kind == "end":
            return tokens
        position = match.end()
