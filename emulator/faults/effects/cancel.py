"""`cancel`: a transaction is cancelled, with reasons in the order of its actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.faults.conditions import ConditionalPart, fails_none, parts_of, show
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, EffectContext, Skipped, Target
from emulator.messages import Call

_FAILED_CONDITION = "ConditionalCheckFailed"
# From the documentation of CancellationReasons in the service model
_MESSAGES = {
    "ConditionalCheckFailed": "The conditional request failed",
    "ItemCollectionSizeLimitExceeded": "Collection size exceeded.",
    "TransactionConflict": "Transaction is ongoing for the item.",
    "ProvisionedThroughputExceeded": (
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    ),
    "ThrottlingError": "Throughput exceeds the current capacity of your table or index.",
    "ValidationError": "One or more parameter values were invalid.",
}


@dataclass(frozen=True, slots=True)
class CancelEffect(Effect):
    """`cancel` maps positions, from 0, to codes; every other action has the reason None, and so has one without a condition that is to
    fail it. A transaction with no action at any of these positions goes through."""

    after_validation = True

    cancel: tuple[tuple[int, str], ...]

    def lacking(self, call: Call, context: EffectContext) -> Skipped | None:
        actions = parts_of(call, context.key_names)
        there = [(position, code) for position, code in self.cancel if position < len(actions)]
        return fails_none(()) if there and not _possible(there, actions) else None

    def add(self, decision: Decision, target: Target) -> None:
        actions = parts_of(target.call, target.context.key_names)
        reasons = [_reason("None") for _ in actions]
        for position, code in _possible(self.cancel, actions):
            reasons[position] = _reason(code)
            if code == _FAILED_CONDITION:
                show(decision, target.call, actions[position], reasons[position])
        codes = ", ".join(reason["Code"] for reason in reasons)
        if any(reason["Code"] != "None" for reason in reasons):
            decision.error = _cancelled(codes, reasons)
            decision.applied = False
            decision.texts.append(f"cancelled [{codes}]")
        else:
            decision.texts.append("cancelled nothing: the transaction is too short")


def _possible(reasons: Iterable[tuple[int, str]], actions: Sequence[ConditionalPart]) -> list[tuple[int, str]]:
    """The reasons that actions of the transaction can have."""
    there = [(position, code) for position, code in reasons if position < len(actions)]
    return [(position, code) for position, code in there if code != _FAILED_CONDITION or actions[position].has_condition]


def _cancelled(codes: str, reasons: list[dict[str, Any]]) -> ServiceError:
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return ServiceError("TransactionCanceledException", text, CancellationReasons=reasons)


def _reason(code: str) -> dict[str, Any]:
    return {"Code": code, "Message": _MESSAGES[code]} if code in _MESSAGES else {"Code": code}
