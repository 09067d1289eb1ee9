"""The verdicts by id, found by looking into their folder: one more file there is one more verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from emulator.audit.verdict import Verdict, verdict_of
from emulator.scenario.verdict_files import verdict_modules

_PACKAGE = "emulator.audit.verdicts"


class Registry(Mapping[str, Verdict]):
    """The verdicts by id, in the order of their numbers. Each is imported when it is first asked for, which raises EmulatorError where
    its file is malformed."""

    def __getitem__(self, verdict_id: str) -> Verdict:
        return _load(verdict_modules()[verdict_id], verdict_id)

    def __iter__(self) -> Iterator[str]:
        return iter(verdict_modules())

    def __len__(self) -> int:
        return len(verdict_modules())


@cache
def _load(module: str, verdict_id: str) -> Verdict:
    return verdict_of(import_module(f"{_PACKAGE}.{module}"), verdict_id)


VERDICTS = Registry()
