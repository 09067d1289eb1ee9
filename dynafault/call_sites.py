"""Tells, in a header of each request, where in a program a boto3 call is made, so that two calls that ask the same from two places can be
told apart. The header is added by botocore's own events, and signed with the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HEADER = "x-dynafault-call-site"
# What stands between the program and the wire
_NOT_OURS = frozenset(("boto3", "botocore", "s3transfer", "aiobotocore", "aioboto3", "dynafault", "pynamodb"))


# The roots of the programs whose call sites are told at present. Sessions outlive tests, boto3's own one above all, so all have one handler
_roots: list[Path] = []


@contextmanager
def call_sites_told(root: Path) -> Iterator[None]:
    """While the `with` lasts, boto3 sessions that are made from now on name the call sites of their requests, as `file:function` below
    `root`. Does nothing where botocore is not installed."""
    try:
        from botocore import handlers
    except ImportError:
        yield
        return
    rows = [(f"before-sign.{service}", _tell) for service in ("dynamodb", "dynamodb-streams")]
    handlers.BUILTIN_HANDLERS.extend(row for row in rows if row not in handlers.BUILTIN_HANDLERS)
    _roots.append(root)
    try:
        yield
    finally:
        _roots.remove(root)


def _tell(request: Any, **_: Any) -> None:
    """What botocore calls before it signs a request."""
    site = _site(_roots[-1]) if _roots else ""
    if site:
        request.headers[HEADER] = site


def _site(root: Path) -> str:
    """The innermost function of the program that is at work: its file and its name."""
    frame = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        file = frame.f_code.co_filename
        if module not in _NOT_OURS and "site-packages" not in file and file.startswith(str(root)):
            name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
            text = f"{Path(file).relative_to(root).as_posix()}:{name}"
            return text.encode("ascii", "replace").decode()
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    return ""
