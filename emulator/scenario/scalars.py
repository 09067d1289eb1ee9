"""What a plain YAML scalar is: text, a number, a truth value, nothing, or something that YAML readers disagree on.

YAML 1.1 and 1.2 read `010`, `0x1F`, `1_000` or `.inf` differently; such a scalar is AMBIGUOUS and is refused wherever it
stands, with the advice to quote it. `on`, `yes`, `12:30` and dates are plain text, as in YAML 1.2. A quoted scalar is text.
"""

from __future__ import annotations

import re
from enum import Enum


class ScalarKind(Enum):
    TEXT = "text"
    NUMBER = "a number"
    FLAG = "true or false"
    NULL = "null"
    AMBIGUOUS = "ambiguous"


_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_FLAG = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_AMBIGUOUS = re.compile(
    r"[-+]?0[0-9_]+(\.[0-9_]*)?([eE][-+]?[0-9]+)?"  # 010: ten, or eight
    r"|[-+]?0[xob][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"  # 1_000: a number, or text
    r"|[-+]?(\.[0-9]+|[0-9]+\.)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)

YES_AND_NO = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}


def kind_of(text: str) -> ScalarKind:
    """The kind of an unquoted scalar."""
    if text in _NULL:
        return ScalarKind.NULL
    if text in _FLAG:
        return ScalarKind.FLAG
    if _NUMBER.fullmatch(text):
        return ScalarKind.NUMBER
    if _AMBIGUOUS.fullmatch(text):
        return ScalarKind.AMBIGUOUS
    return ScalarKind.TEXT


def flag(text: str) -> bool:
    return _FLAG[text]
