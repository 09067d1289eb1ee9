"""`delay`: a duration, or a distribution that one is drawn from."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import one_way
from emulator.scenario.nodes import MappingNode, Node, SequenceNode
from emulator.scenario.reading import Reading, Refused, Schema, read_each, read_pairs, refuse
from emulator.scenario.sections import Fields, Key, Section, key, section
from emulator.scenario.values import PASSING, Number

_PERCENTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,4})?)")


class _Between:
    shape = "the shortest and the longest wait, such as [50ms, 1s]"

    def read(self, node: Node, reading: Reading) -> tuple[float, float]:
        if not isinstance(node, SequenceNode) or len(node.items) != 2:
            refuse(node, self.shape)
        low, high = read_each(((PASSING, item) for item in node.items), reading)
        if high < low:
            raise Refused(node.where, "the longest wait comes before the shortest", "the shorter duration comes first")
        return low, high

    def schema(self) -> Schema:
        return {"type": "array", "items": PASSING.schema(), "minItems": 2, "maxItems": 2}


class _Percentiles:
    """`pNN: duration` for some NN, perhaps `min` and `max`; rising."""

    shape = "percentiles such as {p50: 5ms, p99: 80ms, max: 1s}"

    def read(self, node: Node, reading: Reading) -> tuple[tuple[float, float], ...]:
        if not isinstance(node, MappingNode) or not any(_PERCENTILE.fullmatch(key.text) for key, _ in node.entries):
            refuse(node, self.shape)
        points = sorted(read_pairs(node, _Share(), PASSING, reading))
        if len({share for share, _ in points}) < len(points):
            raise Refused(node.where, "one percentile stands here twice", "give each once")
        if any(late < early for (_, early), (_, late) in pairwise(points)):
            raise Refused(node.where, "a higher percentile has a shorter wait", "percentiles rise")
        return tuple(points)

    def schema(self) -> Schema:
        waits = {f"^{_PERCENTILE.pattern}$": PASSING.schema(), "^(?:min|max)$": PASSING.schema()}
        shares = {"not": {"propertyNames": {"enum": ["min", "max"]}}}
        return {"type": "object", "patternProperties": waits, "additionalProperties": False, "minProperties": 1, **shares}


class _Share:
    """A percentile as a share from 0 to 1."""

    shape = "p50, p99, p99.9, min or max"

    def read(self, node: Node, reading: Reading) -> float:
        text = getattr(node, "text", "")
        if text in ("min", "max"):
            return 0.0 if text == "min" else 1.0
        found = _PERCENTILE.fullmatch(text)
        if found is None:
            raise Refused(node.where, f"unknown percentile '{text[:64]}'", f"write {self.shape}")
        return float(found[1]) / 100

    def schema(self) -> Schema:
        return {"pattern": f"^(?:min|max|{_PERCENTILE.pattern})$"}


@dataclass(frozen=True, slots=True)
class FixedDelay:
    """Always the same wait."""

    fixed: float


@dataclass(frozen=True, slots=True)
class UniformDelay:
    """Any wait from the first to the second, all equally likely."""

    uniform: tuple[float, float]


@dataclass(frozen=True, slots=True)
class NormalDelay:
    """The bell curve; never below nothing."""

    mean: float = key(PASSING, "the middle of the bell curve", example="100ms")
    sd: float = key(PASSING, "its standard deviation", example="20ms")


@dataclass(frozen=True, slots=True)
class LognormalDelay:
    """Half of the waits are below `median`; `sigma` is the spread of their logarithms; `max` cuts the tail."""

    median: float = key(PASSING, "half of the waits are shorter", example="80ms")
    sigma: float = key(Number(0.0, 10.0, "a number from 0 to 10"), "the standard deviation of the waits' logarithms", example="0.4")
    max: float | None = key(PASSING, "no wait is longer", example="2s", default=None, left_out="waits may be of any length")


@dataclass(frozen=True, slots=True)
class PercentilesDelay:
    """(share of the waits, what they do not exceed), rising; between two points the waits lie evenly."""

    percentiles: tuple[tuple[float, float], ...]


Delay = FixedDelay | UniformDelay | NormalDelay | LognormalDelay | PercentilesDelay

_NORMAL = section("'normal'", NormalDelay)
_LOGNORMAL = section("'lognormal'", LognormalDelay)

_DISTRIBUTION_KEYS = (
    Key("uniform", _Between(), "any wait between two, all equally likely", "[50ms, 1s]"),
    Key("normal", _NORMAL, "the bell curve; what would be less than nothing is nothing", "{mean: 100ms, sd: 20ms}"),
    Key("lognormal", _LOGNORMAL, "most waits short, some long", "{median: 80ms, sigma: 0.4, max: 2s}"),
    Key("percentiles", _Percentiles(), "as a dashboard shows them", "{p50: 5ms, p99: 80ms, max: 1s}"),
)


def _distribution(fields: Fields, reading: Reading) -> Delay:
    (name, value), *_ = fields.values.items()
    makers: dict[str, Any] = {"uniform": UniformDelay, "percentiles": PercentilesDelay}
    delay: Delay = makers[name](value) if name in makers else value
    return delay


_ONE = one_way(
    *(row.name for row in _DISTRIBUTION_KEYS),
    says="a delay has one distribution, not {count}",
    hint="uniform, normal, lognormal or percentiles",
)
_DISTRIBUTION = Section("'delay'", _DISTRIBUTION_KEYS, _distribution, (_ONE,))


class DelayValue:
    shape = "a delay: a duration such as 200ms, or a distribution such as {uniform: [50ms, 1s]}"

    def read(self, node: Node, reading: Reading) -> Delay:
        if isinstance(node, MappingNode):
            return _DISTRIBUTION.read(node, reading)
        if isinstance(node, SequenceNode):
            refuse(node, self.shape)
        return FixedDelay(PASSING.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [PASSING.schema(), _DISTRIBUTION.schema()]}


SECTIONS = (_DISTRIBUTION, _NORMAL, _LOGNORMAL)
