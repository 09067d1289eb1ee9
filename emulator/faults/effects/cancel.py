"""`cancel`: a transaction is cancelled, with reasons in the order of its actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.errors import ServiceError
from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target

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
    """`cancel` maps positions, from 0, to codes; every other action has the reason None. A transaction with no action at any
    of these positions goes through."""

    after_validation = True

    cancel: tuple[tuple[int, str], ...]

    def add(self, draft: Draft, target: Target) -> None:
        call = target.call
        actions = call.params.get("TransactItems") or call.params.get("TransactStatements") or ()
        codes = ["None"] * len(actions)
        for position, code in self.cancel:
            if position < len(codes):
                codes[position] = code
        if any(code != "None" for code in codes):
            draft.error = cancelled(codes)
            draft.applied = False
            draft.texts.append(f"cancelled [{', '.join(codes)}]")
        else:
            draft.texts.append("cancelled nothing: the transaction is too short")


def cancelled(codes: list[str]) -> ServiceError:
    """TransactionCanceledException with these reasons."""
    listed = ", ".join(codes)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{listed}]"
    return ServiceError("TransactionCanceledException", text, CancellationReasons=[_reason(code) for code in codes])


def _reason(code: str) -> dict[str, Any]:
    return {"Code": code, "Message": _MESSAGES[code]} if code in _MESSAGES else {"Code": code}
