"""Ranges: sets of ordinals, amounts and stretches of time, each beside its reader. Both ends are included, but for time."""

from __future__ import annotations

import re
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.reading import Reading, Refused, Schema, or_parameter, read_each, refuse
from emulator.scenario.scalars import ScalarKind
from emulator.scenario.values import DURATION, Whole, parse_duration, scalar_text, text_schema, unquoted

_LIKE_A_RANGE = re.compile(r"([0-9]{1,12}) *(?:-|to|\.{2,5}|,|:) *([0-9]{1,12})")
_RANGE = re.compile(r"([0-9]{0,12})\.\.([0-9]{0,12})")
_EVERY = re.compile(r"every +([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Ordinals:
    """A set of ordinals, from 1. `ranges` include both ends; an open one has None. `every` 5 means 5, 10, 15, ..."""

    written: str
    ranges: tuple[tuple[int, int | None], ...]
    every: int | None = None

    def __contains__(self, ordinal: int) -> bool:
        if self.every is not None:
            return ordinal > 0 and ordinal % self.every == 0
        # A plain loop: this runs for each request and rule, and a generator costs three times as much.
        for first, last in self.ranges:
            if first <= ordinal and (last is None or ordinal <= last):
                return True
        return False

    def after(self, ordinal: int) -> int | None:
        """The next one behind an ordinal, or behind 0; None where there is none."""
        if self.every is not None:
            return ordinal - ordinal % self.every + self.every
        return min((max(first, ordinal + 1) for first, last in self.ranges if last is None or last > ordinal), default=None)


_ORDINALS = "ordinals such as 3, 1..3, ..3, 4.., every 5 or [1, 4]"


class _Ordinal:
    shape = _ORDINALS

    def read(self, node: Node, reading: Reading) -> int:
        if not isinstance(node, ScalarNode) or node.kind is not ScalarKind.NUMBER or not re.fullmatch(r"[0-9]{1,12}", node.text):
            refuse(node, self.shape)
        if node.text == "0":
            raise Refused(node.where, "there is no ordinal 0", "counting starts at 1")
        return int(node.text)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": 1, "maximum": 10**12 - 1}


class OrdinalSet:
    """Which of a row of requests: `3`, `1..3`, `..3`, `4..`, `every 5`, `[1, 4]`. Counting starts at 1."""

    shape = _ORDINALS

    def read(self, node: Node, reading: Reading) -> Ordinals:
        if isinstance(node, SequenceNode):
            return self._listed(node, reading)
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.NUMBER:
            number = _Ordinal().read(node, reading)
            return Ordinals(node.text, ((number, number),))
        text = scalar_text(node, self.shape)
        every = _EVERY.fullmatch(text)
        if every is not None:
            return Ordinals(text, (), int(every[1]))
        return Ordinals(text, (self._range(node, text),))

    def schema(self) -> Schema:
        ordinal = _Ordinal().schema()
        several = {"type": "array", "items": or_parameter(ordinal), "minItems": 1, "maxItems": 1000}
        return {"anyOf": [ordinal, text_schema(rf"(?!\.\.$){_RANGE.pattern}|{_EVERY.pattern}"), several]}

    def _listed(self, node: SequenceNode, reading: Reading) -> Ordinals:
        if not 1 <= len(node.items) <= 1000:
            raise Refused(node.where, f"the list has {len(node.items)} ordinals", "1 to 1,000 may stand here")
        numbers = sorted(set(read_each(((_Ordinal(), item) for item in node.items), reading)))
        return Ordinals(f"[{', '.join(map(str, numbers))}]", tuple((number, number) for number in numbers))

    def _range(self, node: Node, text: str) -> tuple[int, int | None]:
        found = _RANGE.fullmatch(text)
        if found is None or text == "..":
            refuse(node, self.shape, unquoted(node) or _range_hint(text))
        first, last = int(found[1] or 1), int(found[2]) if found[2] else None
        if first == 0 or last == 0:
            raise Refused(node.where, "there is no ordinal 0", "counting starts at 1")
        if last is not None and last < first:
            raise Refused(node.where, f"the range {text} is empty", f"did you mean {last}..{first}?")
        return first, last


def _range_hint(text: str) -> str:
    found = _LIKE_A_RANGE.fullmatch(text)
    return f"did you mean {found[1]}..{found[2]}?" if found else ""


@dataclass(frozen=True, slots=True)
class Amount:
    """How many, both ends included; `maximum` None: no upper end."""

    minimum: int
    maximum: int | None

    def __contains__(self, count: int) -> bool:
        return count >= self.minimum and (self.maximum is None or count <= self.maximum)

    def __str__(self) -> str:
        if self.maximum is None:
            return f"at least {self.minimum}"
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum} to {self.maximum}"


class Amounts:
    """How many: a value, a range, or `{min, max}`. Both ends are included."""

    shape = "a count such as 3, 1..3, 4.. or {min: 1, max: 3}"

    def read(self, node: Node, reading: Reading) -> Amount:
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.NUMBER:
            number = Whole().read(node, reading)
            return Amount(number, number)
        found = _RANGE.fullmatch(scalar_text(node, self.shape)) if isinstance(node, ScalarNode) else None
        if found is not None and (found[1] or found[2]):
            return _amount(node, int(found[1] or 0), int(found[2]) if found[2] else None)
        return self._bounds(node, reading)

    def schema(self) -> Schema:
        ends = {"min": Whole().schema(), "max": Whole().schema()}
        bounds = {"type": "object", "properties": ends, "additionalProperties": False, "minProperties": 1}
        return {"anyOf": [Whole().schema(), text_schema(rf"(?!\.\.$){_RANGE.pattern}"), bounds]}

    def _bounds(self, node: Node, reading: Reading) -> Amount:
        if not isinstance(node, MappingNode) or not node.entries or any(key.text not in ("min", "max") for key, _ in node.entries):
            refuse(node, self.shape, unquoted(node) or (_range_hint(node.text) if isinstance(node, ScalarNode) else ""))
        found: dict[str, Any] = {key.text: Whole().read(value, reading) for key, value in node.entries}
        return _amount(node, found.get("min", 0), found.get("max"))


def _amount(node: Node, minimum: int, maximum: int | None) -> Amount:
    if maximum is not None and maximum < minimum:
        raise Refused(node.where, f"nothing lies between {minimum} and {maximum}", "the smaller number comes first")
    return Amount(minimum, maximum)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, since the scenario began where nothing else is said: `start` included, `end` not."""

    start: float
    end: float | None

    def __contains__(self, seconds: float) -> bool:
        return seconds >= self.start and (self.end is None or seconds < self.end)


@dataclass(frozen=True)
class Spans:
    """A stretch of time: `10s..40s`, `..40s`, `10s..`."""

    shape: str = "a stretch of time such as 10s..40s, ..40s or 10s.."

    def read(self, node: Node, reading: Reading) -> Span:
        text = scalar_text(node, self.shape, "each end has its unit, such as 10s..40s")
        first, dots, last = text.partition("..")
        if not dots:
            refuse(node, self.shape, "" if parse_duration(text) is None else f"from then on: {text}..; until then: ..{text}")
        if not (first or last) or any(end and parse_duration(end) is None for end in (first, last)):
            refuse(node, self.shape, "each end has its unit" if any(character.isdecimal() for character in text) else "")
        start = DURATION.seconds(node, first) if first else 0.0
        end = DURATION.seconds(node, last) if last else None
        if end is not None and end <= start:
            raise Refused(node.where, f"the stretch {first}..{last} is empty", "it must end after it starts")
        return Span(start * reading.time_scale, None if end is None else end * reading.time_scale)

    def schema(self) -> Schema:
        end = r"[0-9]{1,12}(?:\.[0-9]{1,6})?(?:ms|s|m|h|d)"
        return text_schema(rf"{end}\.\.(?:{end})?|\.\.{end}")
