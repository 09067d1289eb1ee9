"""`page`: a short page, or an empty one that the client has to read on from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target
from emulator.faults.page_tokens import Key, PageTokens
from emulator.messages import Call
from emulator.scenario.effects import ShortPage


@dataclass(frozen=True, slots=True)
class _ShortPageRewrite:
    items: int

    def before(self, call: Call) -> Call:
        limit = min(self.items, call.params.get("Limit", self.items))
        return replace(call, params={**call.params, "Limit": limit})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        return answer


class _EmptyPageRewrite:
    """Reads one item to learn what a key looks like, and keeps it to itself. Where there is nothing to read, the page is
    empty of itself, and the last."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens
        self._start: Key | None = None

    def before(self, call: Call) -> Call:
        self._start = call.params.get("ExclusiveStartKey")
        return replace(call, params={**call.params, "Limit": 1})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        last = answer.get("LastEvaluatedKey")
        if last is None:
            return answer
        empty = {**answer, "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": self._tokens.issue(last, self._start)}
        return {**empty, "Items": []} if "Items" in answer else empty


@dataclass(frozen=True, slots=True)
class PageEffect(Effect):
    """A page of no items is an empty one."""

    after_validation = True

    page: ShortPage

    def add(self, decision: Decision, target: Target) -> None:
        items = self.page.items
        decision.rewrites.append(_ShortPageRewrite(items) if items else _EmptyPageRewrite(target.context.tokens))
        decision.texts.append(f"page of {items}" if items else "empty page")
