"""What a verdict is, and how it is read from its file: the docstring describes it, `GRADE` and `judge` are its code.

The docstring begins with a line such as `V9: Retries wait` and has the sections of `SECTIONS`, in Markdown, each of them below a line
such as `## What it does`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType

from dynafault_dataclass import dataclass
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status
from emulator.aws.errors import EmulatorError

SECTIONS = ("What it does", "Why it matters", "Fails", "Passes", "What helps", "Sources")
GRADES = (Status.FAIL, Status.WARN, Status.INFO)
_EXAMPLES = ("Fails", "Passes")
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule for retrying clients. `looks_at` is what it judges by; `matters` why; `fails` and `passes` are examples, in fenced blocks;
    `remedy` is what to do about it; `sources` are those who demand it; `grade` is the worst that it can say. Texts are Markdown."""

    id: str
    title: str
    looks_at: str
    matters: str
    fails: str
    passes: str
    remedy: str
    sources: tuple[str, ...]
    grade: Status
    judge: Callable[[Evidence], Ruling]

    def sections(self) -> Iterator[tuple[str, str]]:
        """(name, Markdown) of each part of the description, in the order of `SECTIONS`."""
        sources = "\n".join(f"- {source}" for source in self.sources)
        yield from zip(SECTIONS, (self.looks_at, self.matters, self.fails, self.passes, self.remedy, sources), strict=True)

    @property
    def source(self) -> str:
        """The titles of the sources in one line."""
        return "; ".join(_LINK.sub(r"\1", source) for source in self.sources)


def verdict_of(module: ModuleType, verdict_id: str) -> Verdict:
    """The verdict of that id that a module holds. Raises EmulatorError, which names the file and what is wrong in it."""
    title, sections = _description(module, verdict_id)
    return Verdict(
        verdict_id,
        title,
        _flowing(sections["What it does"]),
        _flowing(sections["Why it matters"]),
        sections["Fails"],
        sections["Passes"],
        _flowing(sections["What helps"]),
        tuple(_sources(module, sections["Sources"])),
        *_code(module),
    )


def _description(module: ModuleType, verdict_id: str) -> tuple[str, dict[str, str]]:
    """(title, sections) of the docstring."""
    # Under -OO Python leaves docstrings out
    text = module.__doc__ or ast.get_docstring(ast.parse(inspect.getsource(module))) or ""
    first, *lines = inspect.cleandoc(text).splitlines() or [""]
    title = first.removeprefix(f"{verdict_id}: ")
    if not title or title == first:
        raise _malformed(module, f"its docstring must begin with '{verdict_id}: ' and a title, and begins with {first[:100]!r}")
    sections = _split(module, lines)
    for name in SECTIONS:
        if not sections.get(name):
            raise _malformed(module, f"its docstring has no text below '## {name}'" if name in sections else f"it has no '## {name}'")
    if tuple(sections) != SECTIONS:
        raise _malformed(module, f"its sections must come in the order {', '.join(SECTIONS)}")
    for name in _EXAMPLES:
        if sections[name].count("```") < 2:
            raise _malformed(module, f"'## {name}' must hold an example in a fenced block")
    return title, sections


def _split(module: ModuleType, lines: list[str]) -> dict[str, str]:
    """The sections by name; what looks like a heading in a fenced block is none."""
    found: dict[str, list[str]] = {}
    name, is_fenced = "", False
    for line in lines:
        is_fenced ^= line.startswith("```")
        if line.startswith("## ") and not is_fenced:
            name = line.removeprefix("## ").strip()
            if name not in SECTIONS or name in found:
                what = "is there twice" if name in found else f"is none of {', '.join(SECTIONS)}"
                raise _malformed(module, f"the section '## {name}' {what}")
            found[name] = []
        elif name:
            found[name].append(line)
        elif line.strip():
            raise _malformed(module, f"between its first line and '## {SECTIONS[0]}' stands {line[:100]!r}")
    return {name: "\n".join(part).strip() for name, part in found.items()}


def _flowing(text: str) -> str:
    """Paragraphs in one line each."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))


def _sources(module: ModuleType, text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("- "):
            raise _malformed(module, f"below '## Sources' each line must begin with '- ', and one is {line[:100]!r}")
        yield line.removeprefix("- ")


def _code(module: ModuleType) -> tuple[Status, Callable[[Evidence], Ruling]]:
    grade, judge = getattr(module, "GRADE", None), getattr(module, "judge", None)
    if grade not in GRADES:
        raise _malformed(module, f"GRADE must be one of {', '.join(map(str, GRADES))}")
    if not callable(judge):
        raise _malformed(module, "it has no function judge(evidence)")
    return grade, judge


def _malformed(module: ModuleType, what: str) -> EmulatorError:
    return EmulatorError(f"{module.__file__}: {what}")
