"""One expression of a request and where its names and values come from: paths and values become nodes here."""

from __future__ import annotations

from emulator.aws.errors import ServiceError
from emulator.aws.values import AttributeValue
from emulator.backends.dynamodb.expressions.nodes import Literal, Path
from emulator.backends.dynamodb.expressions.placeholders import Placeholders
from emulator.backends.dynamodb.expressions.reserved import RESERVED_WORDS
from emulator.backends.dynamodb.expressions.syntax import PathTerm, ValueTerm
from emulator.backends.dynamodb.refusals import invalid_expression

PATH_LIMIT = 32
INDEX_LIMIT = 4_294_967_294  # measured: floci-io/floci#3073


class ExpressionScope:
    """Resolves paths and values, refuses in the name of the parameter, and remembers the values and the top-level attributes
    mentioned, and those among them that something within was mentioned of."""

    __slots__ = ("attribute_names", "nested_names", "parameter", "placeholders", "values")

    def __init__(self, placeholders: Placeholders, parameter: str) -> None:
        self.placeholders = placeholders
        self.parameter = parameter
        self.attribute_names: set[str] = set()
        self.nested_names: list[str] = []
        self.values: list[AttributeValue] = []

    def refuse(self, sentence: str) -> ServiceError:
        return invalid_expression(self.parameter, sentence)

    def path(self, term: PathTerm) -> Path:
        steps = tuple([part if isinstance(part, int) and part <= INDEX_LIMIT else self._step(part) for part in term.parts])
        if len(steps) > PATH_LIMIT:
            raise self.refuse(f"The document path has too many nesting elements; nesting levels: {len(steps)}")
        self.attribute_names.add(steps[0])  # type: ignore[arg-type]  # the grammar has a name first
        if len(steps) > 1:
            self.nested_names.append(str(steps[0]))
        return Path(steps)

    def _step(self, part: str | int) -> str:
        if isinstance(part, int):
            raise self.refuse(f"List index is not within the allowable range; index: [{part}]")
        if part[0] == "#":
            name = self.placeholders.name(part)
            if name is None:
                raise self.refuse(f"An expression attribute name used in the document path is not defined; attribute name: {part}")
            return name
        if part.upper() in RESERVED_WORDS:
            raise self.refuse(f"Attribute name is a reserved keyword; reserved keyword: {part}")
        return part

    def value(self, term: ValueTerm) -> Literal:
        value = self.placeholders.value(term.key)
        if value is None:
            raise self.refuse(f"An expression attribute value used in expression is not defined; attribute value: {term.key}")
        self.values.append(value)
        return Literal(value)
