"""YAML text as nodes: positions, bounds, and everything of YAML that the language refuses."""

from __future__ import annotations

import pytest
import yaml

from emulator.scenario.nodes import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NODES,
    MappingNode,
    ScalarNode,
    SequenceNode,
    Source,
    Unreadable,
    read_nodes,
)
from emulator.scenario.problems import Position


@pytest.fixture(params=["libyaml", "pure Python"])
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


def refusal(text: str) -> tuple[Position, str]:
    source = Source("f.yaml", text)
    with pytest.raises(Unreadable):
        read_nodes(source)
    (found,) = source.problems
    return Position(found.file, found.line, found.column), f"{found.message}; {found.hint}"


def complaint(text: str) -> tuple[int, int, str]:
    source = Source("f.yaml", text)
    read_nodes(source)
    (found,) = source.problems
    return found.line, found.column, found.message


@pytest.mark.usefixtures("_both_parsers")
def test_nodes_know_where_they_stand() -> None:
    root = read_nodes(Source("f.yaml", "a: 1\nbé:\n  - {c: 'x'}\n"))
    assert isinstance(root, MappingNode)
    (_, one), (key, _) = root.entries
    assert one.where == Position("f.yaml", 1, 4)
    assert key.where == Position("f.yaml", 2, 1)
    outer = root.get("bé")
    assert isinstance(outer, SequenceNode)
    (inner,) = outer.items
    assert isinstance(inner, MappingNode)
    assert inner.where == Position("f.yaml", 3, 5)
    scalar = inner.get("c")
    assert isinstance(scalar, ScalarNode)
    assert scalar.where == Position("f.yaml", 3, 9)


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 1, 1, "the file is empty"),
        ("# only a comment\n", 1, 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
        ("a: *b\n", 1, 4, "there is no complete value with the anchor '&b'"),
        ("a: &a [*a]\n", 1, 8, "there is no complete value with the anchor '&a'"),
        ("a: [1, 2\nb: 3\n", 2, 2, "not YAML"),
        ('a: "\x07"\n', 1, 5, "the character U+0007 is not allowed"),
        ("a: b: c\n", 1, 5, "text with ': ' in it needs quotes"),
        ("a: {b: 1, c: 2\nd: 3\n", 2, 2, "a comma is missing, or the '}' that closes the mapping"),
        ("a: [1, 2\nb: 3\n", 2, 2, "a comma is missing, or the ']' that closes the list"),
        ("a: @b\n", 1, 4, "text that begins with this character needs quotes"),
        ('a: "b\n', 2, 1, "a quote is not closed"),
        ("a: {b: ${name}}\n", 1, 9, 'a parameter needs quotes: "${name}"'),
    ],
)
def test_text_that_has_no_tree(text: str, line: int, column: int, said: str) -> None:
    where, message = refusal(text)
    assert said in message
    assert where.line == line


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands here twice"),
        ("a: {b: 1, b: 2}\n", 1, 11, "the key 'b' stands here twice"),
        ("? [1, 2]\n: x\n", 1, 3, "a key must be text, not a list"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", 2, 5, "merge keys ('<<') are not part of the language"),
        ("a: !!python/object:os.system x\n", 1, 4, "the tag 'tag:yaml.org,2002:python/object:os.system' is not part of the language"),
        ("a: !!str 1\n", 1, 4, "the tag 'tag:yaml.org,2002:str' is not part of the language"),
    ],
)
def test_yaml_that_the_language_refuses(text: str, line: int, column: int, said: str) -> None:
    assert complaint(text) == (line, column, said)


def test_an_alias_repeats_a_value() -> None:
    root = read_nodes(Source("f.yaml", "a: &x [1]\nb: *x\n"))
    assert isinstance(root, MappingNode)
    assert root.get("a") == root.get("b")


def test_an_alias_counts_as_what_it_stands_for() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    where, message = refusal("\n".join(lines))
    assert f"more than {MAX_NODES:,} values" in message
    assert where.line == 6


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_is_bounded(opening: str) -> None:
    where, message = refusal(opening * (MAX_DEPTH + 1))
    assert message.rstrip("; ") == f"values are nested more than {MAX_DEPTH} deep"
    assert where.column == MAX_DEPTH * len(opening) + 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_whoever_finds_far_too_deep_a_nesting_the_words_are_ours(opening: str) -> None:
    assert refusal(opening * 100_000)[1].rstrip("; ") == f"values are nested more than {MAX_DEPTH} deep"


def test_what_is_as_deep_as_allowed_is_read() -> None:
    source = Source("f.yaml", "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    read_nodes(source)
    assert list(source.problems) == []


def test_size_is_bounded() -> None:
    _, message = refusal("a" * (MAX_CHARACTERS + 1))
    assert "the file has 1,000,001 characters" in message
