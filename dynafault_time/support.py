"""Where fast time can be had."""

from __future__ import annotations

import select
import sys

from dynafault_time.errors import FastTimeError


def check_support() -> None:
    """Raises FastTimeError, with the reason, where this Python or this system cannot have it."""
    is_free_threaded = not getattr(sys, "_is_gil_enabled", lambda: True)()
    if sys.implementation.name != "cpython" or is_free_threaded:
        raise FastTimeError("fast time needs CPython with its global lock")
    if not hasattr(select, "poll"):
        raise FastTimeError("fast time needs a system with poll(2): Linux, or macOS")
