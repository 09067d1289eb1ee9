"""The simple values of the language, one reader each: text, numbers, durations, sizes, chances.

Units are part of a value: a bare number is never a duration or a size. All numbers are bounded, so that no value of a
scenario can overflow later.
"""

from __future__ import annotations

import re
from dataclasses import field
from decimal import Decimal
from typing import Generic, TypeVar

from dynafault_dataclass import dataclass
from emulator.messages import EVERYTHING, NOTHING, Portion
from emulator.scenario.nodes import Node, ScalarNode
from emulator.scenario.reading import Reading, Refused, Schema, or_parameter, refuse, suggestion
from emulator.scenario.scalars import YES_AND_NO, ScalarKind, flag, kind_of

T = TypeVar("T")

_UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_DURATION = re.compile(r"(-?)([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")
_SIZES = {"B": 1, "kB": 1000, "KiB": 1024, "MB": 1000**2, "MiB": 1024**2}
_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(B|kB|KiB|MB|MiB)")
_SHARE = re.compile(r"(?:[0-9]{1,2}(?:\.[0-9]{1,3})?|100)%")
_WHOLE = re.compile(r"-?[0-9]{1,18}")

MAX_SECONDS = 10 * 366 * 86400.0
MAX_WHOLE = 10**12


def scalar_text(node: Node, shape: str, hint: str = "") -> str:
    """The text of a node. Refuses what is not text as it stands: the number 7 is not the name '7'. `hint` is for a number or truth
    value, where quotes are not what it lacks."""
    if isinstance(node, ScalarNode) and node.kind is ScalarKind.TEXT:
        return node.text
    if isinstance(node, ScalarNode) and node.kind is not ScalarKind.NULL:
        refuse(node, shape, hint or f"quotes make it text: '{node.text[:40]}'")
    refuse(node, shape)


def unquoted(node: Node) -> str:
    """The hint for a number or truth value that is written otherwise."""
    if not isinstance(node, ScalarNode) or len(node.text) > 40:
        return ""
    if node.kind is ScalarKind.AMBIGUOUS:
        return f"readers of YAML do not agree on what {node.text} is"
    return f"without quotes: {node.text}" if node.quoted and kind_of(node.text) in (ScalarKind.NUMBER, ScalarKind.FLAG) else ""


@dataclass(frozen=True)
class Text:
    """Text, perhaps of a certain form: `pattern` must match all of it."""

    shape: str = "text"
    pattern: str = r"[\s\S]*"
    longest: int = 10_000

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar_text(node, self.shape)
        if len(text) > self.longest or re.fullmatch(self.pattern, text) is None:
            refuse(node, self.shape)
        return text

    def schema(self) -> Schema:
        return text_schema(self.pattern, self.longest)


def text_schema(pattern: str, longest: int = 10_000) -> Schema:
    """Text of a certain form."""
    return or_parameter({"type": "string", "pattern": f"^(?:{pattern})$", "maxLength": longest})


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds, both included."""

    minimum: int = 0
    maximum: int = MAX_WHOLE

    @property
    def shape(self) -> str:
        if self.minimum == self.maximum:
            return f"the number {self.minimum}"
        return f"a whole number from {self.minimum:,} to {self.maximum:,}"

    def read(self, node: Node, reading: Reading) -> int:
        if not isinstance(node, ScalarNode) or node.kind is not ScalarKind.NUMBER or not _WHOLE.fullmatch(node.text):
            refuse(node, self.shape, unquoted(node))
        number = int(node.text)
        if not self.minimum <= number <= self.maximum:
            refuse(node, self.shape)
        return number

    def schema(self) -> Schema:
        return or_parameter({"type": "integer", "minimum": self.minimum, "maximum": self.maximum})


@dataclass(frozen=True)
class Number:
    """A number within bounds, both included."""

    minimum: float
    maximum: float
    shape: str

    def read(self, node: Node, reading: Reading) -> float:
        if not isinstance(node, ScalarNode) or node.kind is not ScalarKind.NUMBER or len(node.text) > 40:
            refuse(node, self.shape, unquoted(node) or self._share(node))
        number = float(node.text)
        if not self.minimum <= number <= self.maximum:
            refuse(node, self.shape)
        return number

    def schema(self) -> Schema:
        return or_parameter({"type": "number", "minimum": self.minimum, "maximum": self.maximum})

    def _share(self, node: Node) -> str:
        """The hint for a share that is written in percent."""
        if isinstance(node, ScalarNode) and self.maximum == 1 and _SHARE.fullmatch(node.text):
            return f"as a number: {float(node.text[:-1]) / 100:g}"
        return ""


CHANCE = Number(0.0, 1.0, "a chance from 0 to 1")
# Of tables, indexes and backups
RESOURCE_NAME = Text("a name of 3 to 255 letters, digits, '_', '-' or '.'", r"[A-Za-z0-9_.\-]{3,255}")


class Flag:
    shape = "true or false"

    def read(self, node: Node, reading: Reading) -> bool:
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.FLAG:
            return flag(node.text)
        meant = YES_AND_NO.get(node.text.lower()) if isinstance(node, ScalarNode) and not node.quoted else None
        refuse(node, self.shape, f"write {meant}" if meant else unquoted(node))

    def schema(self) -> Schema:
        return or_parameter({"type": "boolean"})


@dataclass(frozen=True)
class OneOf(Generic[T]):
    """One word of a few; each stands for something. Where the words are many, `what` says what they are. `meant` are words that people
    write for them, in lower case."""

    words: dict[str, T]
    what: str = ""
    meant: dict[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        if len(self.words) > 8:
            return self.what
        if len(self.words) == 1:
            return next(iter(self.words))
        listed = ", ".join(self.words)
        return f"{self.what}: one of {listed}" if self.what else f"one of {listed}"

    def read(self, node: Node, reading: Reading) -> T:
        if not isinstance(node, ScalarNode):
            refuse(node, self.shape)
        if node.text not in self.words:
            meant = self.meant.get(node.text.lower())
            refuse(node, self.shape, f"did you mean '{meant}'?" if meant else suggestion(node.text, tuple(self.words)))
        return self.words[node.text]

    def schema(self) -> Schema:
        return or_parameter({"enum": list(self.words)})


def one_of(*words: str, what: str = "", **meant: str) -> OneOf[str]:
    return OneOf({word: word for word in words}, what, meant)


def parse_duration(text: str) -> float | None:
    """The seconds of a duration with its unit, such as "250ms" or "-10m"; None for a text that is none."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    seconds = float(Decimal(found[2]) * _UNITS[found[3]])
    return -seconds if found[1] else seconds


@dataclass(frozen=True)
class Duration:
    """A length of time with its unit, in seconds. `signed`: it may lie in the past. `scaled`: a time that passes in the
    emulator, so the scenario's `time_scale` applies; what is asked or told of a client is not scaled."""

    signed: bool = False
    scaled: bool = False
    shape: str = "a duration such as 250ms, 2s, 5m, 1h or 35d"

    def read(self, node: Node, reading: Reading) -> float:
        seconds = self.seconds(node, self._text(node))
        return seconds * reading.time_scale if self.scaled else seconds

    def seconds(self, node: Node, text: str) -> float:
        seconds = parse_duration(text)
        if seconds is None or (seconds < 0 and not self.signed):
            refuse(node, self.shape, _duration_hint(text, seconds))
        if abs(seconds) > MAX_SECONDS:
            raise Refused(node.where, f"{text} is too long", "at most ten years (3660d)")
        return seconds

    def schema(self) -> Schema:
        return text_schema(_DURATION.pattern if self.signed else _DURATION.pattern.replace("(-?)", ""))

    def _text(self, node: Node) -> str:
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.NUMBER:
            refuse(node, self.shape, f"a duration needs its unit: {node.text[:20]}s or {node.text[:20]}ms?")
        return scalar_text(node, self.shape)


def _duration_hint(text: str, seconds: float | None) -> str:
    if seconds is not None:
        return "it cannot lie in the past"
    return "the units are ms, s, m, h and d, right behind the number" if text[:1].isdecimal() else ""


DURATION = Duration()
PASSING = Duration(scaled=True)


def read_size(node: Node, text: str, shape: str) -> int:
    found = _SIZE.fullmatch(text)
    if found is None:
        refuse(node, shape, "units are B, kB, KiB, MB and MiB")
    return int(Decimal(found[1]) * _SIZES[found[2]])


class DripRate:
    """A rate such as `100B/s`, in bytes per second."""

    shape = "a rate such as 100B/s or 4kB/s"

    def read(self, node: Node, reading: Reading) -> int:
        text = scalar_text(node, self.shape, "a rate has its unit, such as 100B/s")
        if not text.endswith("/s"):
            refuse(node, self.shape, "per second: /s")
        rate = read_size(node, text[:-2], self.shape)
        if rate == 0:
            raise Refused(node.where, "nothing goes out at a rate of 0", "to say nothing at all: connection: hang")
        return rate

    def schema(self) -> Schema:
        return text_schema(f"{_SIZE.pattern}/s")


@dataclass(frozen=True)
class Portions:
    """How much of an answer goes out: `nothing`, `headers`, `50%` of the body, `120B` of the whole."""

    shape: str = "how much of the answer goes out: nothing, headers, a share such as 50%, or a size such as 120B"

    def read(self, node: Node, reading: Reading) -> Portion:
        text = scalar_text(node, self.shape, f"{node.text[:20]}% or {node.text[:20]}B?" if isinstance(node, ScalarNode) else "")
        if text in ("nothing", "headers"):
            return NOTHING if text == "nothing" else Portion(head_only=True)
        if _SHARE.fullmatch(text):
            return EVERYTHING if text == "100%" else Portion(share=float(text[:-1]) / 100)
        return Portion(size=read_size(node, text, self.shape))

    def schema(self) -> Schema:
        return text_schema(rf"nothing|headers|{_SHARE.pattern}|{_SIZE.pattern}")
