"""What docs/architecture.md and CONTRIBUTING.md name is there: files, folders, commands, classes, methods, words of code. So are the names
with a dot that docstrings and comments speak of."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
FOLDERS = (
    "emulator",
    "dynafault",
    "dynafault_time",
    "dynafault_dataclass",
    "bench",
    "calibration",
    "oracle",
    "reliability",
    "sdks",
    "tests",
    "tools",
)
# The fault that CONTRIBUTING.md adds as an example
EXAMPLES = {"emulator/faults/effects/echo.py", "fault: {echo: good morning}"}
# Words that are not ours
FOREIGN = {".venv/bin/pre-commit install", "Date", "x-amz-crc32", "x-amzn-RequestId", "v", "chromium", ".oracle/"}


@cache
def files() -> dict[str, list[Path]]:
    """The Python files of the project by name, but for this one."""
    found = defaultdict(list)
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if path != Path(__file__).resolve():
                found[path.name].append(path)
    return found


@cache
def definitions() -> tuple[dict[str, set[str]], set[str]]:
    """(the classes, each with its methods and fields; all names of code, and all words of its strings)."""
    classes: dict[str, set[str]] = defaultdict(set)
    names: set[str] = set()
    for path in (path for paths in files().values() for path in paths):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                classes[node.name] |= {name for part in ast.walk(node) for name in defined(part)}
            names |= defined(node)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
    return classes, names


def defined(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign | ast.Assign):
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
        return {
            target.id if isinstance(target, ast.Name) else target.attr for target in targets if isinstance(target, ast.Name | ast.Attribute)
        }
    return {node.arg} if isinstance(node, ast.arg) else set()


def is_path(text: str) -> bool:
    places = (ROOT, ROOT / "emulator")
    return any((place / text).exists() for place in places) or ("/" not in text and text in files())


def is_command(text: str) -> bool:
    words = [word for word in text.split() if "=" not in word]
    program = words[0].rpartition("/")[2]
    if program == "make":
        targets = re.findall(r"^([^\s:=#]+):", (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv"), re.MULTILINE)
        return set(words[1:]) <= {*targets, ".venv/tools"} and len(words) > 1
    if program == "python" and words[1] == "-m":
        module, command = words[2], words[3:4]
        is_one = not command or command[0].startswith("-") or (ROOT / module / f"{command[0]}.py").exists()
        return (ROOT / module / "__main__.py").exists() and is_one
    return program == "python" and (ROOT / words[1]).exists()


def is_name(text: str) -> bool:
    """`Class`, `Class.method(argument)`, `package.name`, a word of the code or of its data."""
    classes, names = definitions()
    owner, _, member = re.sub(r"\(.*\)$", "", text).rpartition(".")
    if owner and owner in classes:
        return member in classes[owner]
    if owner:
        package = ROOT / "emulator" / owner / "__init__.py"
        return package.exists() and re.search(rf"\b{member}\b", package.read_text("utf-8")) is not None
    return member in classes if member[:1].isupper() and not member.isupper() else member in names


def is_setting(text: str) -> bool:
    """A key of the language with its value, a variable or an option with what may follow."""
    key = re.split(r"[:=\s]", text, maxsplit=1)[0]
    return bool(re.fullmatch(r"\w+: \w+|[A-Z_=\w /]+|--.+", text)) and (key.lstrip("-") in definitions()[1] or key in definitions()[1])


def is_there(text: str) -> bool:
    if text in FOREIGN | EXAMPLES or is_path(text):
        return True
    if re.match(r"([A-Z]+=\S+ )?(\.venv/bin/)?(make|python) ", text):
        return is_command(text)
    return is_name(text) or is_setting(text)


def named() -> list[tuple[str, str]]:
    prose = {page: re.sub(r"^ *```.*?^ *```", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL) for page in PAGES}
    return sorted({(page, text) for page, words in prose.items() for text in re.findall(r"`([^`\n]+)`", words)})


@pytest.mark.parametrize(("page", "text"), named())
def test_what_is_named_is_there(page: str, text: str) -> None:
    assert is_there(text), f"{page} names `{text}`, and nothing here is called that"


@pytest.mark.parametrize(
    "text",
    [
        "server/gone.py",
        "gone/",
        "gone.py",
        "make gone",
        "python -m bench gone",
        "python -m gone",
        "python tools/gone.py",
        "Gone",
        "EmulatorCore.gone",
        "Gone.exchange(HttpRequest)",
        "faults.gone",
        "gone_word",
        "gone_word: true",
        "--gone_word 1",
    ],
)
def test_what_is_gone_is_seen(text: str) -> None:
    assert not is_there(text)


def mentions(path: Path) -> Iterator[str]:
    """The names with a dot, in backticks, of the docstrings and comments of a file."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield from re.findall(r"`([A-Za-z_]\w*(?:\.\w+)+)(?:\([^`]*\))?`", token.string)


@cache
def modules() -> dict[str, Path]:
    """The modules of the emulator by their names with a dot before them, such as ".emulator.scenario.lint"."""
    found = {}
    for path in (ROOT / "emulator").rglob("*.py"):
        found["".join(f".{part}" for part in path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def is_mentioned_rightly(name: str) -> bool:
    """Whether the file, module, class, or variable named like a class, that a name begins with has the rest; true of what is not ours."""
    owner, _, member = name.rpartition(".")
    if member in ("py", "md", "yaml", "json", "html", "js"):
        return is_path(name)
    if f".{name}" in modules():
        return True
    classes, _ = definitions()
    last = owner.rpartition(".")[2]
    variables = {cls.lower(): parts for cls, parts in classes.items()}
    parts = classes.get(last, set()) | variables.get(last, set())
    texts = [path.read_text("utf-8") for module, path in modules().items() if module.endswith(f".{owner}")]
    is_ours = last in classes or last in variables or any(module.endswith(f".{owner.partition('.')[0]}") for module in modules())
    return not is_ours or member in parts or any(re.search(rf"\b{member}\b", text) for text in texts)


@pytest.mark.parametrize("path", sorted((ROOT / "emulator").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_docstrings_speak_of_is_there(path: Path) -> None:
    assert [name for name in mentions(path) if not is_mentioned_rightly(name)] == []
