"""What is left out wherever an exchange is written down: signatures, and the tokens of temporary credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "***"
_TOKENS = frozenset({"x-amz-security-token", "x-amz-s3session-token", "cookie", "proxy-authorization"})
_SIGNATURE = re.compile(r"(Signature=)[^,\s&]+")
_OF_QUERY = re.compile(r"(X-Amz-(?:Signature|Security-Token)=)[^&]*", re.IGNORECASE)


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A request's headers as they are written down."""
    shown = {name: HIDDEN if name in _TOKENS else value for name, value in headers.items()}
    authorization = shown.get("authorization")
    if authorization is not None:
        is_signed = authorization.startswith("AWS4-")
        shown["authorization"] = _SIGNATURE.sub(rf"\g<1>{HIDDEN}", authorization) if is_signed else HIDDEN
    return shown


def shown_target(target: str) -> str:
    """A request's target as it is written down."""
    return _OF_QUERY.sub(rf"\g<1>{HIDDEN}", target)
