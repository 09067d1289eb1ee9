"""`error`: the service's own error, with its status, type and text, or with what the scenario says instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ErrorSpec, ServiceError, lookup
from emulator.faults.conditions import ConditionalPart, fails_none, parts_of, show
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, EffectContext, Skipped, Target
from emulator.messages import Call

_FAILED_CONDITION = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class ErrorEffect(Effect):
    """`reasons` are ThrottlingReasons, `retry_after` is in seconds. `item`, in wire form, takes the place of the stored one where a failed
    condition shows that. `applied`: the error takes the place of the answer to an operation that was carried out. `status` is another
    than the error's own."""

    error: str
    message: str | None = None
    reasons: tuple[str, ...] | None = None
    item: Mapping[str, Any] | None = None
    retry_after: float | None = None
    applied: bool | None = None
    status: int | None = None

    @property
    def is_applied(self) -> bool:
        return bool(self.applied)

    @property
    def is_picky(self) -> bool:
        return self.error == _FAILED_CONDITION

    def needs_valid(self, call: Call) -> bool:
        status = self.status or lookup(self.error, call.service).status
        return bool(self.applied) or status < 500

    def lacking(self, call: Call, context: EffectContext) -> Skipped | None:
        return fails_none(parts_of(call, context.key_names)) if self.is_picky else None

    def add(self, decision: Decision, target: Target) -> None:
        call = target.call
        spec = lookup(self.error, call.service)
        decision.error = ServiceError(self.error, self.message, service=call.service, **self._members(spec, call))
        if self.error == _FAILED_CONDITION:
            failed = next((part for part in parts_of(call, target.context.key_names) if part.has_condition), ConditionalPart())
            show(decision, call, failed, decision.error.members, self.item)
        decision.texts.append(self.error)
        if self.retry_after is not None:
            # milliseconds: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
            decision.headers.append(("x-amz-retry-after", str(round(self.retry_after * 1000))))

    def _members(self, spec: ErrorSpec, call: Call) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for member in spec.members:
            # ThrottlingException spells the member with a small letter, the others with a capital one.
            if member.lower() == "throttlingreasons" and self.reasons is not None:
                members[member] = [{"reason": reason, "resource": _resource(reason, call)} for reason in self.reasons]
        return members


def _resource(reason: str, call: Call) -> str:
    table = call.tables[0] if call.tables else "*"
    arn = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{table}"
    return f"{arn}/index/{call.params.get('IndexName', '*')}" if reason.startswith("Index") else arn
