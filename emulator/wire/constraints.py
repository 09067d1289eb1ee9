"""What the model forbids, in the service's words: missing members, lengths, ranges, patterns, enums.

An operation's constraints are compiled once from the service data into a tree; a request walks it. The older layer of the
service joins up to ten violations into one sentence, in the order of `constraint_order`; the newer one (`emulator.aws.wording` says
for which operations) names the first alone and words it anew. Contents of attribute values are the engine's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.services import Member, Service, Shape
from emulator.aws.wording import ONE_AT_A_TIME, check_wording, has_moved
from emulator.wire import constraint_order as order
from emulator.wire.java_text import java_text

# The service stops counting here
MAX_REPORTED = 10
_ARN = re.compile(r"arn:[^:]*:dynamodb:")
_TABLE_NAME_LENGTHS = range(3, 256)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken constraint: `path` in the model's letter case ("KeySchema.1.member.KeyType"), the offending value as the
    service prints it (None: not there at all), and what was wanted. `as_before`: the newer layer words it as the older one does."""

    path: str
    shown: str | None
    wanted: str
    is_enum: bool = False
    as_before: bool = False

    def classic(self) -> str:
        value = "null" if self.shown is None else f"'{self.shown}'"
        return f"Value {value} at '{_lower_path(self.path)}' failed to satisfy constraint: {self.wanted}"

    def modern(self) -> str:
        if self.as_before:
            return self.classic()
        if self.is_enum:
            return f"Failed to satisfy constraint: {self.wanted}"
        return f"Value at '{self.path}' failed to satisfy constraint: {self.wanted}"

    def mixed(self) -> str:
        return self.modern() if self.wanted.startswith(("Member must have length", "Member must have value")) else self.classic()


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint on one value: `wanted` is what the service says where `passes` is false."""

    passes: Callable[[Any], bool]
    wanted: str
    is_enum: bool = False
    as_before: bool = False


@dataclass(frozen=True, slots=True)
class Validator:
    """How a value of one shape is looked at: `passes` is the quick answer for the many good requests, `violations` the whole
    one for a value that stands at a path. Both follow the same constraints. (Loops, since `all` over a generator costs twice as
    much, and this runs for every member of every request.)"""

    passes: Callable[[Any], bool]
    violations: Callable[[Any, str], Iterator[Violation]]


Check = Callable[[dict[str, Any]], None]


def compile_check(service: Service, operation: str, wording: str) -> Check:
    """A function that raises ServiceError (ValidationException) if an operation's input breaks its model."""
    shape_name = service.operations[operation].input
    if shape_name is None:
        return lambda params: None
    anew = service.name == "dynamodb" and has_moved(operation, check_wording(wording))
    modern = anew and operation in ONE_AT_A_TIME
    validator = _Compiler(service, anew, order.ENUM_ORDER_2026 if modern else {}).input(operation, service.shape(shape_name))
    name_first = service.name == "dynamodb" and operation in order.TABLE_NAME_FIRST
    length_first = operation in order.NAME_LENGTH_FIRST
    refuse = _first_only if modern else _joined_anew if anew else _joined

    def check(params: dict[str, Any]) -> None:
        if name_first:
            _check_table_name(params.get("TableName"), length_first)
        if not validator.passes(params):
            violations = validator.violations(params, "")
            first = next(violations)
            raise ServiceError(_error_name(service, first), refuse(first, violations), service=service.name)

    return check


def _error_name(service: Service, violation: Violation) -> str:
    if service.name != "backup":
        return "ValidationException"
    return "MissingParameterValueException" if violation.shown is None else "InvalidParameterValueException"


def _first_only(first: Violation, others: Iterator[Violation]) -> str:
    return f"1 validation error detected: {first.modern()}"


def _joined(first: Violation, others: Iterator[Violation]) -> str:
    return _counted([violation.classic() for violation in (first, *islice(others, MAX_REPORTED - 1))])


def _joined_anew(first: Violation, others: Iterator[Violation]) -> str:
    return _counted([violation.mixed() for violation in (first, *islice(others, MAX_REPORTED - 1))])


def _counted(sentences: list[str]) -> str:
    return f"{len(sentences)} validation error{'s' if len(sentences) > 1 else ''} detected: {'; '.join(sentences)}"


def _check_table_name(name: str | None, length_first: bool) -> None:
    if name is None:
        raise ServiceError("ValidationException", "The parameter 'TableName' is required but was not present in the request")
    if length_first and not _ARN.match(name) and len(name) not in _TABLE_NAME_LENGTHS:
        raise ServiceError("ValidationException", "TableName must be at least 3 characters long and at most 255 characters long")


def _lower_path(path: str) -> str:
    """ "KeySchema.1.member.KeyType" -> "keySchema.1.member.keyType". Positions and keys of maps precede "member" and stay."""
    parts = path.split(".")
    is_key = [*(part == "member" for part in parts[1:]), False]
    return ".".join(part if key else part[:1].lower() + part[1:] for part, key in zip(parts, is_key, strict=True))


_nothing = Validator(lambda value: True, lambda value, path: iter(()))


class _Compiler:
    def __init__(self, service: Service, anew: bool, enums: dict[str, tuple[str, ...]]) -> None:
        self._service = service
        self._anew = anew
        self._enums = enums
        self._validators: dict[str, Validator] = {}

    def input(self, operation: str, shape: Shape) -> Validator:
        return self._structure(shape, order.MEMBER_ORDER.get(operation, ()), operation)

    def _validator(self, shape_name: str) -> Validator:
        known = self._validators.get(shape_name)
        if known is None:
            # Shapes may contain themselves: until this one is compiled, look it up when it is needed
            self._validators[shape_name] = Validator(
                lambda value: self._validators[shape_name].passes(value),
                lambda value, path: self._validators[shape_name].violations(value, path),
            )
            self._validators[shape_name] = known = self._validator_of(self._service.shape(shape_name))
        return known

    def _validator_of(self, shape: Shape) -> Validator:
        if shape.name == "AttributeValue":
            return _nothing
        if shape.type == "structure":
            return self._structure(shape, order.SHAPE_MEMBER_ORDER.get(shape.name, ()), shape.name)
        own = self._own(shape, self._tests(shape))
        if shape.type == "list" and shape.member is not None:
            return _list_walk(own, self._validator(shape.member))
        if shape.type == "map":
            return self._map(shape, own)
        return own

    def _structure(self, shape: Shape, first: tuple[str, ...], owner: str) -> Validator:
        names = [name for name in first if name in shape.members]
        names += [name for name in shape.members if name not in first]
        steps = []
        for name in names:
            member = shape.members[name]
            validator = self._member(member, owner)
            if name in shape.required or validator is not _nothing:
                steps.append((name, name in shape.required, validator))
        return _structure_walk(tuple(steps)) if steps else _nothing

    def _member(self, member: Member, owner: str) -> Validator:
        shape = self._service.shape(member.shape)
        if member.name == "TableName" and member.shape == "TableArn":
            validator = self._own(shape, _table_name_tests(owner in order.EMPTY_NAME_AS_BEFORE))
            return Validator(_is_table_name, validator.violations)
        if (owner, member.name) in order.EMPTY_LATER and not self._anew:
            return self._validator_of(replace(shape, min=None))
        most = order.MAXIMA.get((owner, member.name))
        if most is None:
            return self._validator(member.shape)
        if shape.member is None:
            return self._own(shape, [*self._tests(shape), _at_most(most)])
        return _list_walk(self._own(shape, [*self._tests(shape), _at_most_long(most)]), self._validator(shape.member))

    def _map(self, shape: Shape, own: Validator) -> Validator:
        """A map's keys, and values that are no structures, are reported in one sentence at the map itself."""
        assert shape.key is not None
        assert shape.value is not None
        value_shape = self._service.shape(shape.value)
        is_structure = value_shape.type == "structure"
        key_tests = [_TABLE_KEY_TEST] if shape.key == "TableArn" else self._tests(self._service.shape(shape.key))
        key_walk = self._map_part(shape, "keys", key_tests, lambda value: value)
        value_walk = self._map_part(shape, "value", [] if is_structure else self._tests(value_shape), lambda value: value.values())
        element = value_shape.name if is_structure else value_shape.member
        return _map_walk((own, key_walk, value_walk), self._validator(element) if element else _nothing, is_structure)

    def _map_part(self, shape: Shape, part: str, tests: list[Constraint], contents: Callable[[Any], Any]) -> Validator:
        wanted = f"Map {part} must satisfy constraint: [{', '.join(test.wanted for test in tests)}]"

        content_passes = _all_pass([test.passes for test in tests])

        def passes(value: Any) -> bool:
            for content in contents(value):
                if content is not None and not content_passes(content):
                    return False
            return True

        return self._own(shape, [Constraint(passes, wanted)] if tests else [])

    def _own(self, shape: Shape, tests: list[Constraint]) -> Validator:
        """The validator over a value's own constraints, not those of its parts."""
        if not tests:
            return _nothing
        service = self._service

        def violations(value: Any, path: str) -> Iterator[Violation]:
            for test in tests:
                if not test.passes(value):
                    yield Violation(path, java_text(service, shape.name, value), test.wanted, test.is_enum, test.as_before)

        return Validator(_all_pass([test.passes for test in tests]), violations)

    def _tests(self, shape: Shape) -> list[Constraint]:
        tests = []
        if shape.enum:
            tests.append(_one_of(self._enums.get(shape.name) or order.ENUM_ORDER.get(shape.name, shape.enum), shape.enum))
        if shape.pattern:
            tests.append(_matches(shape.pattern))
        is_number = shape.type in ("integer", "long", "float", "double")
        if shape.max is not None:
            tests.append((_at_most if is_number else _at_most_long)(int(shape.max)))
        if shape.min or (is_number and shape.min is not None):
            tests.append((_at_least if is_number else _at_least_long)(int(shape.min)))
        return tests


def _one_of(shown: tuple[str, ...], allowed: tuple[str, ...]) -> Constraint:
    return Constraint(frozenset(allowed).__contains__, f"Member must satisfy enum value set: [{', '.join(shown)}]", is_enum=True)


def _at_most_long(most: int) -> Constraint:
    return Constraint(lambda value: len(value) <= most, f"Member must have length less than or equal to {most}")


def _at_least_long(least: int) -> Constraint:
    return Constraint(lambda value: len(value) >= least, f"Member must have length greater than or equal to {least}")


def _at_most(most: int) -> Constraint:
    return Constraint(lambda value: bool(value <= most), f"Member must have value less than or equal to {most}")


def _at_least(least: int) -> Constraint:
    return Constraint(lambda value: bool(value >= least), f"Member must have value greater than or equal to {least}")


def _matches(pattern: str) -> Constraint:
    python_pattern = _JAVA_CLASS.sub(lambda match: _JAVA_CLASSES[match[1]], pattern).replace(*_JAVA_ASTRAL)
    matcher = re.compile(python_pattern)

    def passes(value: str) -> bool:
        return len(value) <= _MAX_MATCHED and matcher.fullmatch(value) is not None

    return Constraint(passes, f"Member must satisfy regular expression pattern: {pattern}")


# The models' patterns are Java's; these classes of it, all that the models use, have no counterpart in `re`
_JAVA_CLASS = re.compile(r"\\p\{([A-Za-z]+)\}")
_JAVA_CLASSES = {"L": r"\w", "N": r"\w", "Z": r"\s", "Print": r"[\x20-\x7e]"}
# Characters beyond 16 bits, which Java writes as pairs
_JAVA_ASTRAL = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
# Some patterns of the models take quadratic time; nothing that long passes its length constraint anyway
_MAX_MATCHED = 10_000

_name_test = _matches("[a-zA-Z0-9_.-]+")
_MAX_ARN = 1024


_usual_name = re.compile(r"[a-zA-Z0-9_.-]{3,255}").fullmatch


def _is_arn(value: str) -> bool:
    return _ARN.match(value) is not None


def _is_table_name(value: str) -> bool:
    """The quick answer of `_table_name_tests`: every request asks it."""
    return _usual_name(value) is not None or (_is_arn(value) and len(value) <= _MAX_ARN)


def _table_name_tests(empty_as_before: bool) -> list[Constraint]:
    """A name, or an ARN: the model says only how long either may be, but the service goes on refusing what is no name, and words that as
    it always did (recordings up to October 2026). An empty one is reported for its length alone, and so is one that is too long."""
    least, most = _TABLE_NAME_LENGTHS[0], _TABLE_NAME_LENGTHS[-1]
    return [
        replace(_at_least_long(1), as_before=empty_as_before),
        Constraint(
            lambda value: not value or _name_test.passes(value) or len(value) > most or _is_arn(value), _name_test.wanted, as_before=True
        ),
        Constraint(lambda value: not value or len(value) >= least or _is_arn(value), _at_least_long(least).wanted, as_before=True),
        Constraint(lambda value: len(value) <= most or _is_arn(value), _at_most_long(most).wanted, as_before=True),
        Constraint(lambda value: len(value) <= _MAX_ARN or not _is_arn(value), _at_most_long(_MAX_ARN).wanted),
    ]


# The same for the keys of a map
_TABLE_KEY_TEST = Constraint(
    _is_table_name,
    ", ".join((_at_most_long(_TABLE_NAME_LENGTHS[-1]).wanted, _at_least_long(_TABLE_NAME_LENGTHS[0]).wanted, _name_test.wanted)),
)


def _all_pass(predicates: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    if len(predicates) == 1:
        return predicates[0]

    def passes(value: Any) -> bool:
        for predicate in predicates:
            if not predicate(value):
                return False
        return True

    return passes


def _structure_walk(steps: tuple[tuple[str, bool, Validator], ...]) -> Validator:
    required = tuple(name for name, is_required, _ in steps if is_required)
    inner = {name: validator.passes for name, _, validator in steps if validator is not _nothing}

    def passes(value: Any) -> bool:
        for name in required:
            if value.get(name) is None:
                return False
        for name, content in value.items():
            test = inner.get(name)
            if test is not None and content is not None and not test(content):
                return False
        return True

    def violations(value: Any, path: str) -> Iterator[Violation]:
        prefix = f"{path}." if path else ""
        for name, is_required, validator in steps:
            content = value.get(name)
            if content is not None:
                yield from validator.violations(content, prefix + name)
            elif is_required:
                yield Violation(prefix + name, None, "Member must not be null", as_before=name == "TableName")

    return Validator(passes, violations)


def _list_walk(own: Validator, element: Validator) -> Validator:
    if element is _nothing:
        return own

    def passes(value: Any) -> bool:
        if own is not _nothing and not own.passes(value):
            return False
        for content in value:
            if content is None or not element.passes(content):
                return False
        return True

    def violations(value: Any, path: str) -> Iterator[Violation]:
        yield from own.violations(value, path)
        for number, content in enumerate(value, 1):
            if content is None:
                yield Violation(f"{path}.{number}.member", None, "Member must not be null")
            else:
                yield from element.violations(content, f"{path}.{number}.member")

    return Validator(passes, violations)


def _map_walk(parts: tuple[Validator, ...], element: Validator, is_structure: bool) -> Validator:
    """`element` walks a value that is a structure, or the elements of a value that is a list."""
    parts = tuple(part for part in parts if part is not _nothing)
    if not parts and element is _nothing:
        return _nothing
    inner = element if is_structure else _list_walk(_nothing, element)

    def passes(value: Any) -> bool:
        for part in parts:
            if not part.passes(value):
                return False
        if inner is not _nothing:
            for content in value.values():
                if content is not None and not inner.passes(content):
                    return False
        return True

    def violations(value: Any, path: str) -> Iterator[Violation]:
        for part in parts:
            yield from part.violations(value, path)
        for key, content in value.items():
            if content is not None:
                yield from inner.violations(content, f"{path}.{key}.member")

    return Validator(passes, violations)
