"""A place in the tokens of one statement; names, paths and values; and how a statement is refused."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.aws.errors import ServiceError
from emulator.aws.values import NESTING_LIMIT, AttributeValue, check_value, normalise_number
from emulator.aws.wording import Words
from emulator.backends.dynamodb.expressions.nodes import Path
from emulator.backends.dynamodb.partiql.keywords import KEYWORDS
from emulator.backends.dynamodb.partiql.lexer import Token, tokenize
from emulator.backends.dynamodb.refusals import refusal

# Deeper than any value or condition that could be accepted, and harmless to the stack
_DEPTH_LIMIT = 2 * NESTING_LIMIT


class Cursor:
    """Reads one statement. `parameters` are the values for its question marks, in normal form.

    All methods raise ServiceError (ValidationException) where the text is not what they are to read."""

    __slots__ = ("_depth", "_parameters", "_position", "_text", "_tokens", "_used", "_wording", "names")

    def __init__(self, text: str, parameters: Sequence[AttributeValue], wording: Words = "2026") -> None:
        self._wording = wording
        self._text = text
        self._tokens = tokenize(text)
        self._position = 0
        self._parameters = parameters
        self._used = 0
        self._depth = 0
        self.names: set[str] = set()  # top-level attributes of the paths read so far

    @property
    def token(self) -> Token:
        return self._tokens[self._position]

    def advance(self) -> Token:
        token = self._tokens[self._position]
        if token.kind != "end":
            self._position += 1
        return token

    def rewind(self, tokens: int) -> None:
        self._position -= tokens

    def takes(self, *words: str) -> bool:
        """Whether these keywords come next; if so, they are read."""
        following = self._tokens[self._position : self._position + len(words)]
        if tuple(token.upper for token in following) != words:
            return False
        self._position += len(words)
        return True

    def symbol(self, text: str) -> bool:
        """Whether this symbol comes next; if so, it is read."""
        if self.token.kind != "symbol" or self.token.text != text:
            return False
        self._position += 1
        return True

    def need(self, word: str) -> None:
        if not self.takes(word):
            raise self.unexpected()

    def need_symbol(self, text: str) -> None:
        if not self.symbol(text):
            raise self.unexpected()

    def calls(self) -> bool:
        """Whether a function and its opening parenthesis come next."""
        following = self._tokens[self._position + 1 : self._position + 2]
        return self.token.kind == "word" and [token.text for token in following] == ["("]

    def place(self) -> str:
        """Where the next token is, as the service says it: its line and column, from 1, and its length."""
        token = self.token
        before = self._text[: token.start]
        return f"{before.count(chr(10)) + 1}:{token.start - before.rfind(chr(10))}:{len(token.text)}"

    def enter(self) -> None:
        """Into something nested; `leave` gets out."""
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise malformed("Nesting is too deep")

    def leave(self) -> None:
        self._depth -= 1

    def refuse(self, sentence: str) -> ServiceError:
        """What is wrong with operators, functions and paths is said in the same words as in expressions."""
        return refusal(sentence)

    def unexpected(self) -> ServiceError:
        """The error for the token at this place."""
        if self.token.kind == "end":
            return malformed("Unexpected end of statement")
        return malformed("Unexpected keyword" if self.token.upper in KEYWORDS else "Unexpected term")

    def name(self) -> str:
        """A table, index or attribute name: a word that is no keyword, or anything in double quotes."""
        token = self.token
        if token.kind == "quoted" or (token.kind == "word" and token.upper not in KEYWORDS):
            self._position += 1
            return token.content
        raise self.unexpected()

    def path(self) -> Path:
        """A document path: `a."b"[0]`."""
        steps: list[str | int] = [self.name()]
        while True:
            if self.symbol("."):
                steps.append(self.name())
            elif self.symbol("["):
                steps.append(self._index())
                self.need_symbol("]")
            else:
                break
        self.names.add(str(steps[0]))
        return Path(tuple(steps))

    def _index(self) -> str | int:
        token = self.advance()
        if token.kind == "string":
            return token.content
        # As large as an index can be takes ten digits
        if token.kind == "number" and token.text.isdigit() and len(token.text) <= 10:
            return int(token.text)
        self.rewind(1)
        raise self.unexpected()

    def literal(self) -> AttributeValue | None:
        """A value, or None where something else stands here."""
        value = self._literal()
        return None if value is None else check_value(value, self._wording)

    def value(self) -> AttributeValue:
        value = self.literal()
        if value is None:
            raise self.unexpected()
        return value

    def finish(self) -> None:
        """Raises ServiceError for text after the statement, and for parameters that it does not use."""
        if self.token.kind != "end":
            raise self.unexpected()
        if self._used != len(self._parameters):
            raise _wrong_number()

    def _literal(self) -> AttributeValue | None:
        token = self.token
        if token.kind == "string":
            self._position += 1
            return {"S": token.content}
        if token.kind == "number":
            self._position += 1
            return {"N": normalise_number(token.text, self._wording)}
        if token.kind == "word":
            return self._word_literal()
        if token.kind == "symbol":
            return self._symbol_literal(token.text)
        return None

    def _word_literal(self) -> AttributeValue | None:
        if self.takes("TRUE"):
            return {"BOOL": True}
        if self.takes("FALSE"):
            return {"BOOL": False}
        return {"NULL": True} if self.takes("NULL") else None

    def _symbol_literal(self, text: str) -> AttributeValue | None:
        if text == "?":
            self._position += 1
            return self._parameter()
        if text == "-" or text == "+":
            following = self._tokens[self._position + 1]
            if following.kind != "number":
                return None
            self._position += 2
            return {"N": normalise_number(text + following.text, self._wording)}
        if text == "[":
            return {"L": self._elements("[", "]")}
        if text == "<<":
            return self._set()
        return self._map() if text == "{" else None

    def _parameter(self) -> AttributeValue:
        if self._used >= len(self._parameters):
            raise _wrong_number()
        self._used += 1
        return self._parameters[self._used - 1]

    def _elements(self, opening: str, closing: str) -> list[AttributeValue]:
        self.need_symbol(opening)
        self.enter()
        elements: list[AttributeValue] = []
        if not self.symbol(closing):
            elements.append(self._nested())
            while self.symbol(","):
                elements.append(self._nested())
            self.need_symbol(closing)
        self.leave()
        return elements

    def _set(self) -> AttributeValue:
        elements = self._elements("<<", ">>")
        kinds = {kind for element in elements for kind in element}
        if not kinds:
            return {"SS": []}  # which is refused when the whole value is checked
        kind = kinds.pop()
        if kinds or kind not in ("S", "N", "B"):
            raise refusal("Sets must contain only strings, only numbers or only binaries")
        return {kind + "S": [element[kind] for element in elements]}

    def _map(self) -> AttributeValue:
        self.need_symbol("{")
        self.enter()
        members: dict[str, AttributeValue] = {}
        if not self.symbol("}"):
            self._member(members)
            while self.symbol(","):
                self._member(members)
            self.need_symbol("}")
        self.leave()
        return {"M": members}

    def _member(self, members: dict[str, AttributeValue]) -> None:
        if self.token.kind != "string":
            raise self.unexpected()
        name = self.advance().content
        self.need_symbol(":")
        members[name] = self._nested()

    def _nested(self) -> AttributeValue:
        value = self._literal()
        if value is None:
            raise self.unexpected()
        return value


def malformed(detail: str) -> ServiceError:
    # The frame and some of the details as observed: nubo-db/dynoxide#149, passren/PyDynamoDB#26
    return refusal(f"Statement wasn't well formed, can't be processed: {detail}")


def _wrong_number() -> ServiceError:
    return refusal("Number of parameters in request and statement don't match.")
