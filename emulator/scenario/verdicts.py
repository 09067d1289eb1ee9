"""Verdicts as the language names them; and `audit`: which of them fail a run, and which are not asked."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, describe
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, or_parameter, read_pairs, refuse
from emulator.scenario.sections import Fields, key, section
from emulator.scenario.values import one_of, scalar_text
from emulator.scenario.verdict_files import verdict_modules

VERDICT_STATUSES = ("pass", "fail", "warn", "info", "n/a")


def is_verdict(name: str) -> bool:
    return name in verdict_modules()


def _range() -> str:
    ids = tuple(verdict_modules())
    return f"{ids[0]} to {ids[-1]}"


class _VerdictName:
    @property
    def shape(self) -> str:
        return f"a verdict from {_range()}"

    def read(self, node: Node, reading: Reading) -> str:
        # V9 may be written as 9
        name = f"V{node.text}" if isinstance(node, ScalarNode) and node.text.isdecimal() else scalar_text(node, self.shape)
        if not is_verdict(name):
            refuse(node, self.shape, f"did you mean '{name.upper()}'?" if is_verdict(name.upper()) else "")
        return name

    def schema(self) -> Schema:
        names = list(verdict_modules())
        return or_parameter({"enum": [*names, *(int(name[1:]) for name in names)]})


class _NamedVerdict:
    """A verdict's id where it is a key."""

    shape = "the id of a verdict, such as V22"

    def read(self, node: Node, reading: Reading) -> str:
        name = getattr(node, "text", "")
        if not is_verdict(name):
            hint = f"did you mean '{name.upper()}'?" if is_verdict(name.upper()) else f"they are {_range()}"
            raise Refused(node.where, f"unknown verdict {describe(node)}", hint)
        return name

    def schema(self) -> Schema:
        return _VerdictName().schema()


class VerdictsValue:
    shape = "verdicts by id, such as {V22: pass}"

    def read(self, node: Node, reading: Reading) -> dict[str, str]:
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return dict(read_pairs(node, _NamedVerdict(), one_of(*VERDICT_STATUSES), reading))

    def schema(self) -> Schema:
        status = one_of(*VERDICT_STATUSES).schema()
        return {"type": "object", "propertyNames": _VerdictName().schema(), "additionalProperties": status, "minProperties": 1}


class _Verdicts:
    shape = "verdicts such as [V1, V4]"

    def read(self, node: Node, reading: Reading) -> tuple[str, ...]:
        return self._list().read(node, reading)

    def schema(self) -> Schema:
        return self._list().schema()

    def _list(self) -> ListOf[str]:
        return ListOf(_VerdictName(), len(verdict_modules()), 1)


@dataclass(frozen=True, slots=True)
class Audit:
    """Which general verdicts fail the run, and which are not asked. `off`: none is."""

    enforce: tuple[str, ...] = key(_Verdicts(), "verdicts that fail the run", example="[V1, V4]", default=())
    ignore: tuple[str, ...] = key(_Verdicts(), "verdicts that are not asked", example="[V18]", default=())
    off: bool = False


def _check_audit(fields: Fields, reading: Reading) -> None:
    both = set(fields.get("enforce", ())) & set(fields.get("ignore", ()))
    for verdict in sorted(both, key=lambda name: int(name[1:])):
        reading.report(Refused(fields.at("ignore"), f"{verdict} is enforced and ignored", "leave it out of one of them"))


_AUDIT = section("'audit'", Audit, check=_check_audit)


class AuditValue:
    shape = "{enforce: [V1, V4], ignore: [V11]}, or off"

    def read(self, node: Node, reading: Reading) -> Audit:
        if isinstance(node, MappingNode):
            return _AUDIT.read(node, reading)
        if scalar_text(node, self.shape, "write off") != "off":
            refuse(node, self.shape, "no verdict at all: off")
        return Audit(off=True)

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"const": "off"}), _AUDIT.schema()]}


SECTIONS = (_AUDIT,)
