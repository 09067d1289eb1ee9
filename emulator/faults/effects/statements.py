"""`statements`: single statements of a batch fail, inside an answer of 200, and really are not done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.backends.statement_references import references
from emulator.faults.batches import chosen
from emulator.faults.conditions import fails_none, parts_of, show
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, EffectContext, Skipped, Target
from emulator.messages import Call
from emulator.scenario.effects import STATEMENT_ERRORS, StatementErrors

_FAILED_CONDITION = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class StatementsEffect(Effect):
    """Hits only statements that the rule is about, and with a failed condition only those that have one."""

    after_validation = True
    by_entry = True

    statements: StatementErrors

    @property
    def by_chance(self) -> bool:
        return self.statements.which is not None and self.statements.which.fraction is not None

    def lacking(self, call: Call, context: EffectContext) -> Skipped | None:
        parts = parts_of(call, context.key_names)
        positions = self.statements.positions or [(number, self.statements.error) for number in range(len(parts))]
        there = [(number, code) for number, code in positions if number < len(parts)]
        if any(code != _FAILED_CONDITION for _, code in there):
            return None
        return fails_none(parts[number] for number, _ in there) if there else None

    def add(self, decision: Decision, target: Target) -> None:
        call = target.call
        parts = parts_of(call, target.context.key_names)
        responses: dict[int, dict[str, Any]] = {}
        for number, code in self._chosen(target).items():
            if code == _FAILED_CONDITION and not parts[number].has_condition:
                continue
            error: dict[str, Any] = {"Code": code, "Message": ServiceError(STATEMENT_ERRORS[code]).message}
            if code == _FAILED_CONDITION:
                show(decision, call, parts[number], error)
            responses[number] = {"Error": error, **({"TableName": parts[number].table} if parts[number].table else {})}
        decision.texts.append(f"statements {len(responses)} of {len(parts)}")
        _fail(decision, call, len(parts), responses)

    def _chosen(self, target: Target) -> Mapping[int, str]:
        """The codes of the statements that are hit, by their positions."""
        named = enumerate(references(target.call))
        entries = [("", number, {}) if one is None else (one.table, number, one.fixed) for number, one in named]
        candidates = [entry for entry in entries if target.is_about(entry[1], entry[0], entry[2])]
        if self.statements.which is not None:
            return {number: self.statements.error for _, number, _ in chosen(self.statements.which, candidates, target.random)}
        hit = {number for _, number, _ in candidates}
        return {number: code for number, code in self.statements.positions if number in hit}


def _fail(decision: Decision, call: Call, number: int, responses: dict[int, dict[str, Any]]) -> None:
    """Add to a decision that these statements fail, together with those that do already."""
    for rewrite in [one for one in decision.rewrites if isinstance(one, StatementsRewrite)]:
        responses = {**responses, **rewrite.responses}
        decision.rewrites.remove(rewrite)
    if not responses:
        return
    rewritten = StatementsRewrite(responses)
    if len(responses) < number:
        decision.rewrites.append(rewritten)
    else:
        reported: dict[str, Any] = {"ConsumedCapacity": []} if call.params.get("ReturnConsumedCapacity", "NONE") != "NONE" else {}
        decision.answer = rewritten.after(call, {"Responses": [], **reported})
        decision.applied = False


@dataclass(frozen=True, slots=True)
class StatementsRewrite:
    """Takes the statements that fail out of the request, and puts their responses among the others. `responses` are by position."""

    responses: Mapping[int, dict[str, Any]]

    def before(self, call: Call) -> Call:
        left = [statement for number, statement in enumerate(call.params["Statements"]) if number not in self.responses]
        return replace(call, params={**call.params, "Statements": left})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        done = iter(answer["Responses"])
        numbers = range(len(call.params["Statements"]))
        return {**answer, "Responses": [self.responses[number] if number in self.responses else next(done) for number in numbers]}
