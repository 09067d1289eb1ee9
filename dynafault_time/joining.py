"""A program that was started in fast time follows the time of the program that started it, from its first line to its last."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from dynafault_time import session
from dynafault_time.errors import FastTimeError
from dynafault_time.locks import join_others
from dynafault_time.messages import VARIABLE, Address
from dynafault_time.remote import RemoteTime


def join() -> None:
    """Follow the time that the environment names. Where that cannot be had, the program says so and keeps real time."""
    try:
        _join(Address.of(os.environ[VARIABLE]))
    except (FastTimeError, ValueError) as error:
        print(f"dynafault: {os.path.basename(sys.executable)} keeps real time: {error}", file=sys.stderr)


def _join(address: Address) -> None:
    told = RemoteTime(address)
    told.listen()
    try:
        session.begin(told, told.ports)
    except FastTimeError:
        told.leave()
        raise
    _at_end(_leave)


def _at_end(leave: Callable[[], None]) -> None:
    """At the end of the program, before Python waits for the threads that are left, and after pools have ended theirs: what is
    registered first is done last."""
    known: Any = getattr(threading, "_threading_atexits", None)
    if isinstance(known, list):
        known.insert(0, leave)
    else:
        atexit.register(leave)


def _leave() -> None:
    if session.is_begun():
        join_others()
        session.leave()


def _join_again() -> None:
    """In a forked process, which has only the thread that forked it."""
    if os.environ.get(VARIABLE) and session.has_been_left_behind():
        join()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_join_again)
