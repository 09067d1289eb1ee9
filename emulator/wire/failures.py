"""Failures of the emulator itself: they are answers in our own name, and fail the report."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

import orjson

from emulator.aws.errors import ServiceError
from emulator.messages import HttpReply, Outcome, Written

T = TypeVar("T")


class Bug(Outcome):
    """The emulator itself has failed, just now. The client is told so in our name, the journal keeps the traceback, and reports fail.
    `written` is what is known of that."""

    __slots__ = ("trace",)

    def __init__(self, written: Written | None = None) -> None:
        self.trace = traceback.format_exc()
        summary = self.trace.rstrip().rpartition("\n")[2]
        text = f"dynafault itself failed, which is a bug of dynafault: {summary}"
        super().__init__(None, written, ServiceError("InternalServerError", text))


def last_resort(bug: Bug) -> HttpReply:
    """An answer where not even that of a failure can be encoded."""
    assert bug.error is not None
    body = orjson.dumps({"__type": bug.error.spec.type, "message": bug.error.message})
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body))), ("Connection", "keep-alive")]
    return HttpReply(500, headers, body)


def report_failure(exchange_id: int, failure: Exception) -> None:
    """Say on standard error that who was told of an exchange has failed."""
    print(f"dynafault: an observer failed at exchange {exchange_id}, which is a bug of dynafault:", file=sys.stderr)
    traceback.print_exception(type(failure), failure, failure.__traceback__)


def tell(heard: Callable[[T], None], news: T, exchange_id: int) -> None:
    """Who is told and fails must not cost a client its answer."""
    try:
        heard(news)
    except Exception as failure:
        report_failure(exchange_id, failure)
