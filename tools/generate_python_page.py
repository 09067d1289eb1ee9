"""Write docs/python.md, the reference of the Python API, from docstrings, docs/stability.md and the examples in tests/examples.

python tools/generate_python_page.py            # write
python tools/generate_python_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import cast

import griffe
from pages import ROOT, code, fill, plain, publish, table

PAGE = ROOT / "docs" / "python.md"
_TEMPLATE = Path(__file__).with_name("python_page.md")
_EXAMPLES = ROOT / "tests" / "examples"
# What the page describes, each as it is reached from its package. Of a clock, what tests may need.
_CLASSES = {
    "Emulator": "emulator.server.running.Emulator",
    "Report": "emulator.report.report.Report",
    "LogicalCall": "emulator.journal.invocations.LogicalCall",
    "Journal": "emulator.journal.journal.Journal",
    "Exchange": "emulator.journal.exchange.Exchange",
    "Delivery": "emulator.journal.exchange.Delivery",
    "Call": "emulator.messages.Call",
    "Clock": "emulator.clock.Clock",
    "EmulatedClock": "emulator.clock.EmulatedClock",
    "Rules": "emulator.faults.rules.Rules",
    "RuleReport": "emulator.faults.rule_set.RuleReport",
    "AdminClient": "emulator.server.admin.client.AdminClient",
}
_OF_CLOCKS = ("now", "elapsed", "machine", "monotonic", "sleep", "advance", "taking_part")
_CALLABLES = {"load_scenario": "emulator.scenario.loading.load_scenario"}
_ERRORS = {
    "EmulatorError": "emulator.aws.errors.EmulatorError",
    "ScenarioError": "emulator.scenario.problems.ScenarioError",
    "RuleError": "emulator.faults.rule_set.RuleError",
}
_FIXTURES = ("dynafault", "dynafault_server")


@dataclass(frozen=True)
class _Member:
    """One name of a class: how it is used, and what it is."""

    name: str
    shown: str
    text: str

    def row(self, stable: frozenset[str]) -> tuple[str, ...]:
        return code(self.shown), "stable" if self.name in stable else "", plain(" ".join(self.text.split()))


def render() -> str:
    """The page as text. Raises ValueError for a public name that no docstring says anything about."""
    parts = {f"class:{name}": partial(_class, name) for name in _CLASSES}
    parts |= {f"example:{path.stem.removeprefix('test_')}": partial(_example, path) for path in sorted(_EXAMPLES.glob("test_*.py"))}
    return fill(_TEMPLATE, {**parts, "functions": _functions, "errors": _errors, "fixtures": _fixtures, "marker": _marker})


@cache
def _package(name: str) -> griffe.Module:
    return cast(griffe.Module, griffe.load(name, search_paths=[str(ROOT)], allow_inspection=False))


def _found(path: str) -> griffe.Object:
    package, _, rest = path.partition(".")
    return cast(griffe.Object, _package(package)[rest])


def _text(found: griffe.Object | griffe.Alias) -> str:
    return found.docstring.value if found.docstring else ""


# --- classes


def _class(name: str) -> str:
    found = cast(griffe.Class, _found(_CLASSES[name]))
    rows = [member.row(_stable(name)) for member in _members(found, name)]
    # A base that is there for its members alone says what they are; of clocks, the section on Clock does
    bases = () if name.endswith("Clock") else found.mro()
    about = "\n\n".join(_prose(_text(one)) for one in (found, *bases) if _text(one))
    return f"{_constructor(found, name)}{about}\n\n{table(('name', '', 'is'), rows)}"


def _constructor(found: griffe.Class, name: str) -> str:
    """How it is made, where its users make it."""
    if name not in _promised_names():
        return ""
    own = found.all_members.get("__init__")
    arguments = list(cast(griffe.Function, own).parameters)[1:] if own is not None else []
    shown = "".join(f"    {_argument(one)},\n" for one in arguments)
    return f"```text\nfrom dynafault import {name}\n\n{name}({chr(10) if shown else ''}{shown})\n```\n\n"


def _argument(argument: griffe.Parameter) -> str:
    default = "" if argument.default is None else f" = {argument.default}"
    return f"{argument.name}: {argument.annotation}{default}"


def _members(found: griffe.Class, name: str) -> list[_Member]:
    wanted = _OF_CLOCKS if name.endswith("Clock") else None
    about = f"{_text(found)} {' '.join(_text(base) for base in found.mro())}"
    members = []
    for own, member in {**found.inherited_members, **found.members}.items():
        if own.startswith("_") or (wanted is not None and own not in wanted):
            continue
        text = _text(member) or (_text(_found(_CLASSES["Clock"]).members[own]) if wanted else "")
        if not text and code(own) not in about:
            raise ValueError(f"nothing is said about {found.path}.{own}")
        members.append(_Member(own, _shown(member, own), text))
    return members


def _shown(member: griffe.Object | griffe.Alias, name: str) -> str:
    if member.is_function:
        return f"{name}{_signature(cast(griffe.Function, member))}"
    return f"{name}: {cast(griffe.Attribute, member).annotation}" if cast(griffe.Attribute, member).annotation is not None else name


def _signature(function: griffe.Function | griffe.Alias) -> str:
    """Arguments with their types, and what comes back, on one line."""
    target = cast(griffe.Function, function.final_target if isinstance(function, griffe.Alias) else function)
    signature = target.signature().removeprefix(target.name)
    return " ".join(signature.replace("self, ", "").replace("(self)", "()").split())


# --- what else there is


def _functions() -> str:
    return "\n".join(
        f"`{name}{_signature(cast(griffe.Function, _found(path)))}`: {_prose(_text(_found(path)))}\n" for name, path in _CALLABLES.items()
    )


def _errors() -> str:
    promised = _promised_names()
    rows = [_Member(name, name, _text(_found(path))).row(promised) for name, path in _ERRORS.items()]
    return table(("error", "", "is"), rows)


def _fixtures() -> str:
    plugin = _package("dynafault")["pytest_plugin"]
    rows = [_Member(name, name, _text(plugin[name])).row(frozenset(_FIXTURES)) for name in _FIXTURES]
    return table(("fixture", "", "is"), rows)


def _marker() -> str:
    """The plugin's own sentence about its marker."""
    from dynafault.pytest_plugin import MARKER

    shown, _, text = MARKER.partition(": ")
    return f"`@pytest.mark.{shown}`: {plain(text)}.\n"


def _example(path: Path) -> str:
    source = path.read_text("utf-8")
    return f"```python\n{source}```\n"


def _prose(docstring: str) -> str:
    """A docstring as Markdown. What is indented in it is code."""
    blocks = re.split(r"\n\n(?=\S)|\n\n(?=    )", docstring)
    return "\n\n".join(_fenced(block) if block.startswith("    ") else plain(block) for block in blocks)


def _fenced(block: str) -> str:
    lines = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    return f"```python\n{lines}\n```"


# --- what is promised


@cache
def _stability() -> str:
    return (ROOT / "docs" / "stability.md").read_text("utf-8")


def _promised_names() -> frozenset[str]:
    """The names that `from dynafault import` takes."""
    return frozenset(re.findall(r"`(\w+)`", _stability().split("From `dynafault`:", 1)[1].split("\n", 1)[0]))


def _stable(name: str) -> frozenset[str]:
    """What of a class stays, as docs/stability.md has it."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", _stability().split("| of | names |", 1)[1], re.MULTILINE)
    names = {owner: re.findall(r"`([\w.]+)`", listed) for owner, listed in rows}
    # The members of an emulator's parts stand with the emulator
    through = {"Rules": "rules.", "Clock": "clock.", "EmulatedClock": "clock.", "Journal": "journal."}.get(name)
    if through is None:
        return frozenset(one.partition(".")[0] for one in names.get(name, ()))
    return frozenset(one.removeprefix(through) for one in names["Emulator"] if one.startswith(through))


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
