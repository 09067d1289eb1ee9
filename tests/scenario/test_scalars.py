"""What plain scalars mean: what is written, or nothing."""

from __future__ import annotations

import pytest

from emulator.scenario.scalars import Kind, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on", Kind.TEXT),
        ("yes", Kind.TEXT),
        ("12:30", Kind.TEXT),
        ("2026-01-01", Kind.TEXT),
        ("1..3", Kind.TEXT),
        ("..3", Kind.TEXT),
        ("every 5", Kind.TEXT),
        ("250ms", Kind.TEXT),
        ("1e3", Kind.NUMBER),
        ("-0.5", Kind.NUMBER),
        ("0", Kind.NUMBER),
        ("12345678901234567890123456789012345678", Kind.NUMBER),
        ("true", Kind.FLAG),
        ("FALSE", Kind.FLAG),
        ("null", Kind.NULL),
        ("~", Kind.NULL),
        ("", Kind.NULL),
        ("010", Kind.AMBIGUOUS),
        ("0x1F", Kind.AMBIGUOUS),
        ("0o17", Kind.AMBIGUOUS),
        ("1_000", Kind.AMBIGUOUS),
        (".inf", Kind.AMBIGUOUS),
        (".nan", Kind.AMBIGUOUS),
        (".5", Kind.AMBIGUOUS),
    ],
)
def test_kind_of(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind
