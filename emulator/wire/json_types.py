"""The service's first look at a parsed body: is each JSON value of the kind that the model wants?

A wrong kind is a SerializationException, answered before any validation. Members that the model does not know, and members
that are null, are dropped silently, as the live service does. What passes is returned in the engine's terms: whole numbers as
`int`, flags as `bool`, the rest as it came (the same object where nothing had to change).

Sentences are those of the live service, Java class names included; the spelling "dectected" is the service's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.services import Service, Shape

Reader = Callable[[Any], Any]

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
# How many unused bits the last character before the padding has, by the number of padding characters
_SPARE_BITS = {1: 0b11, 2: 0b1111}
_BASE64_VALUES = {char: value for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_TRUE_WORDS = frozenset({"true", "1", "yes"})
_FALSE_WORDS = frozenset({"false", "0", "no"})
# Attribute values deeper than this are refused by the engine whatever they hold; looking further would only cost stack
_DEEPEST_LOOK = 104
# A structure, or an attribute value, that was null: what it lacks is found where its members are looked at
_NOTHING: dict[str, Any] = {}
# What becomes of the service's own class for lists as values of a map, and for maps as elements of a list
_PARAMETERIZED = "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"
_PARAMETERIZED_CAST = (
    f"class {_PARAMETERIZED} cannot be cast to class java.lang.Class "
    f"({_PARAMETERIZED} and java.lang.Class are in module java.base of loader 'bootstrap')"
)
_MAP_OF_VALUES = "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"


def compile_reader(service: Service, shape_name: str) -> Reader:
    """A function that checks one parsed JSON value against a shape. It raises ServiceError (SerializationException)."""
    return _Compiler(service).reader(shape_name)


class _Compiler:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._readers: dict[str, Reader] = {}

    def reader(self, shape_name: str) -> Reader:
        known = self._readers.get(shape_name)
        if known is not None:
            return known
        # Shapes may contain themselves: until this one is compiled, look it up when it is called
        self._readers[shape_name] = lambda value: self._readers[shape_name](value)
        self._readers[shape_name] = reader = self._compile(self._service.shape(shape_name))
        return reader

    def _compile(self, shape: Shape) -> Reader:
        if shape.name == "AttributeValue":
            return _attribute_value
        if shape.type in _SCALARS:
            return _SCALARS[shape.type]
        if shape.type == "structure":
            readers = {member.name: self._field(member.shape) for member in shape.members.values()}
            return _structure(readers, self._java(shape))
        if shape.type == "map" and shape.value is not None:
            content = self._service.shape(shape.value)
            null = _NOTHING if content.type == "structure" else None
            reader = self.reader(shape.value)
            return _map(_no_scalar(reader, _PARAMETERIZED_CAST) if content.type == "list" else reader, self._java(shape), null)
        if shape.type == "list" and shape.member is not None:
            reader = self.reader(shape.member)
            is_map = self._service.shape(shape.member).type == "map"
            return _list(_no_scalar(reader, _PARAMETERIZED_CAST) if is_map else reader)
        raise ValueError(f"shape {shape.name} has a type that is not understood: {shape.type}")

    def _field(self, shape_name: str) -> Reader:
        """As `reader`, for a member of a structure: where that is a structure itself, a scalar in its place has its own sentence."""
        reader = self.reader(shape_name)
        is_structure = self._service.shape(shape_name).type == "structure"
        return _no_scalar(reader, "Unexpected field type") if is_structure else reader

    def _java(self, shape: Shape) -> str:
        if shape.type == "map" and shape.value is not None:
            return f"java.util.Map<java.lang.String, {self._java(self._service.shape(shape.value))}>"
        if shape.type == "list" and shape.member is not None:
            return f"java.util.List<{self._java(self._service.shape(shape.member))}>"
        return _JAVA_SCALARS.get(shape.type) or f"com.amazonaws.dynamodb.v20120810.{shape.name}"


_JAVA_SCALARS = {
    "string": "java.lang.String",
    "integer": "java.lang.Integer",
    "long": "java.lang.Long",
    "float": "java.lang.Float",
    "double": "java.lang.Double",
    "boolean": "java.lang.Boolean",
    "blob": "java.nio.ByteBuffer",
    "timestamp": "java.util.Date",
}


def _refusal(sentence: str) -> ServiceError:
    return ServiceError("SerializationException", sentence)


def _token(value: object) -> str:
    if value is True:
        return "TRUE_VALUE"
    if value is False:
        return "FALSE_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    return "NUMBER_VALUE" if isinstance(value, int) else "DECIMAL_VALUE"


def _not_scalar(value: object, java: str) -> ServiceError:
    """The refusal of a value where a scalar of the Java class `java` was wanted."""
    if isinstance(value, dict):
        return _refusal("Start of structure or map found where not expected")
    if isinstance(value, list):
        return _refusal(f"Unrecognized collection type class {java}")
    return _refusal(f"{_token(value)} cannot be converted to {java.rpartition('.')[2]}")


def _string(value: Any) -> Any:
    if type(value) is str:
        return value
    raise _not_scalar(value, "java.lang.String")


def _whole_number(java: str) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is int:
            return value
        if type(value) is float:
            return int(value)
        raise _not_scalar(value, java)

    return read


def _decimal_number(java: str) -> Reader:
    def read(value: Any) -> Any:
        if type(value) in (int, float):
            return value
        raise _not_scalar(value, java)

    return read


def _boolean(value: Any) -> Any:
    if value is True or value is False:
        return value
    if isinstance(value, str):
        word = value.lower()
        if word in _TRUE_WORDS or word in _FALSE_WORDS:
            return word in _TRUE_WORDS
        raise _refusal("Unexpected token received from parser")
    raise _not_scalar(value, "java.lang.Boolean")


def _blob(value: Any) -> Any:
    if type(value) is not str:
        if isinstance(value, (dict, list)):
            raise _not_scalar(value, "java.nio.ByteBuffer")
        raise _refusal("only base-64-encoded strings are convertible to bytes")
    if len(value) % 4:
        raise _refusal(f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(value)}")
    # The end is looked at first: "=+/=" is refused for its slash
    pads = 2 if value[-2:] == "==" else value[-1:] == "="
    if pads and _BASE64_VALUES.get(value[-pads - 1], 0) & _SPARE_BITS[pads]:
        raise _refusal("Invalid last non-pad Base64 character dectected")
    if not _BASE64.match(value):
        raise _refusal("only base-64-encoded strings are convertible to bytes")
    return value


_SCALARS: dict[str, Reader] = {
    "string": _string,
    "integer": _whole_number("java.lang.Integer"),
    "long": _whole_number("java.lang.Long"),
    "float": _decimal_number("java.lang.Float"),
    "double": _decimal_number("java.lang.Double"),
    "timestamp": _decimal_number("java.util.Date"),
    "boolean": _boolean,
    "blob": _blob,
}


def _no_scalar(reader: Reader, sentence: str) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, (dict, list)):
            raise _refusal(sentence)
        return reader(value)

    return read


def _structure(readers: dict[str, Reader], java: str) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            if isinstance(value, list):
                raise _refusal(f"Unrecognized collection type class {java}")
            raise _refusal("Unexpected value type in payload")
        changed: dict[str, Any] | None = None
        for key, content in value.items():
            reader = readers.get(key)
            if reader is None or content is None:
                changed = dict(value) if changed is None else changed
                del changed[key]
                continue
            checked = reader(content)
            if checked is not content:
                changed = dict(value) if changed is None else changed
                changed[key] = checked
        return value if changed is None else changed

    return read


def _map(reader: Reader, java: str, null: dict[str, Any] | None) -> Reader:
    """`null`: what an entry that is null becomes; None: it is dropped."""

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _refusal(f"Unrecognized collection type {java}" if isinstance(value, list) else "Unexpected field type")
        changed: dict[str, Any] | None = None
        for key, content in value.items():
            checked = null if content is None else reader(content)
            if checked is None:
                changed = dict(value) if changed is None else changed
                del changed[key]
            elif checked is not content:
                changed = dict(value) if changed is None else changed
                changed[key] = checked
        return value if changed is None else changed

    return read


def _list(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _refusal("Start of structure or map found where not expected" if isinstance(value, dict) else "Unexpected field type")
        # Structures that are null are refused by the model's constraints; attribute values have none there
        null = _NOTHING if reader is _attribute_value else None
        checked = [null if element is None else reader(element) for element in value]
        return checked if any(a is not b for a, b in zip(checked, value, strict=True)) else value

    return read


def _set(reader: Reader) -> Reader:
    read_list = _list(reader)

    def read(value: Any) -> Any:
        members = read_list(value)
        if None in members:
            # What the service says of it has not been seen; a set without its null would be another set
            raise ServiceError("SerializationException")
        return members

    return read


_string_set = _set(_string)
_blob_set = _set(_blob)
_VALUE_SCALARS: dict[str, Reader] = {
    "S": _string,
    "N": _string,
    "B": _blob,
    "BOOL": _boolean,
    "NULL": _boolean,
    "SS": _string_set,
    "NS": _string_set,
    "BS": _blob_set,
}


def _attribute_value(value: Any, depth: int = 0) -> Any:
    """AttributeValue by hand: it is most of every body, and the only shape that nests without end."""
    if type(value) is not dict:
        if isinstance(value, list):
            raise _refusal("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue")
        raise _refusal("Unexpected value type in payload")
    result = value
    for kind, content in value.items():
        if (kind == "S" or kind == "N") and type(content) is str:
            continue
        checked = _member_of_value(kind, content, depth)
        if checked is None or checked is not content:
            result = dict(value) if result is value else result
            if checked is None:
                del result[kind]
            else:
                result[kind] = checked
    return result


def _member_of_value(kind: str, content: Any, depth: int) -> Any:
    """The checked content, or None where the member does not count: unknown, or null."""
    if content is None:
        return None
    reader = _VALUE_SCALARS.get(kind)
    if reader is not None:
        return reader(content)
    if kind == "M":
        return content if depth > _DEEPEST_LOOK else _value_map(content, depth + 1)
    if kind == "L":
        return content if depth > _DEEPEST_LOOK else _value_list(content, depth + 1)
    return None


def _value_map(content: Any, depth: int) -> Any:
    if type(content) is not dict:
        raise _refusal(f"Unrecognized collection type {_MAP_OF_VALUES}" if isinstance(content, list) else "Unexpected field type")
    checked = {name: _NOTHING if value is None else _attribute_value(value, depth) for name, value in content.items()}
    return checked if any(checked[name] is not content[name] for name in content) else content


def _value_list(content: Any, depth: int) -> Any:
    if type(content) is not list:
        raise _refusal("Start of structure or map found where not expected" if isinstance(content, dict) else "Unexpected field type")
    checked = [_NOTHING if value is None else _attribute_value(value, depth) for value in content]
    return checked if any(a is not b for a, b in zip(checked, content, strict=True)) else content
