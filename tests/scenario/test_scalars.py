"""What plain scalars mean: what is written, or nothing."""

from __future__ import annotations

import pytest

from emulator.scenario.scalars import ScalarKind, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on", ScalarKind.TEXT),
        ("yes", ScalarKind.TEXT),
        ("12:30", ScalarKind.TEXT),
        ("2026-01-01", ScalarKind.TEXT),
        ("1..3", ScalarKind.TEXT),
        ("..3", ScalarKind.TEXT),
        ("every 5", ScalarKind.TEXT),
        ("250ms", ScalarKind.TEXT),
        ("1e3", ScalarKind.NUMBER),
        ("-0.5", ScalarKind.NUMBER),
        ("0", ScalarKind.NUMBER),
        ("12345678901234567890123456789012345678", ScalarKind.NUMBER),
        ("true", ScalarKind.FLAG),
        ("FALSE", ScalarKind.FLAG),
        ("null", ScalarKind.NULL),
        ("~", ScalarKind.NULL),
        ("", ScalarKind.NULL),
        ("010", ScalarKind.AMBIGUOUS),
        ("0x1F", ScalarKind.AMBIGUOUS),
        ("0o17", ScalarKind.AMBIGUOUS),
        ("1_000", ScalarKind.AMBIGUOUS),
        (".inf", ScalarKind.AMBIGUOUS),
        (".nan", ScalarKind.AMBIGUOUS),
        (".5", ScalarKind.AMBIGUOUS),
    ],
)
def test_kind_of(text: str, kind: ScalarKind) -> None:
    assert kind_of(text) is kind
