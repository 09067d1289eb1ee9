"""What `dynafault serve --log` says of each exchange, when its answer is out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import orjson

from emulator.journal import Exchange
from emulator.report.line import exchange_line
from emulator.scenario import Scenario

Form = Literal["requests", "json"]


class RequestLog:
    """An observer: a line for each exchange, for people or for programs."""

    def __init__(self, form: Form, say: Callable[[str], None]) -> None:
        self._is_json = form == "json"
        self._say = say

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        pass

    def exchanged(self, exchange: Exchange) -> None:
        pass

    def delivered(self, exchange: Exchange) -> None:
        record = exchange.to_json(bodies=False)
        self._say(orjson.dumps(record).decode() if self._is_json else exchange_line(record))
