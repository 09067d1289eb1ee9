"""`auth` as far as it needs no signature: which actions are denied, and what the service says to that."""

from __future__ import annotations

from emulator.aws.errors import ServiceError
from emulator.faults.decision import Decision
from emulator.faults.matching import Condition, conditions
from emulator.messages import Attempt, Call
from emulator.scenario.when import When

_IAM_NAMES = {"streams": "dynamodb"}


class Denial:
    """One entry of `deny`."""

    def __init__(self, when: When) -> None:
        self._conditions: tuple[Condition, ...] = conditions(when)

    def is_about(self, call: Call, attempt: Attempt) -> bool:
        return all(condition.holds(call, attempt) for condition in self._conditions)


def denied(call: Call) -> Decision:
    """AccessDeniedException, in the words of the live service (seen in sst#4469 and napari-hub#1048, 2023 and 2024)."""
    action = f"{_IAM_NAMES.get(call.service, call.service)}:{call.operation}"
    resource = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{call.tables[0]}" if call.tables else "*"
    user = f"arn:aws:iam::{call.account}:user/{call.access_key}"
    whom = f"User: {user} is not authorized to perform: {action} on resource: {resource}"
    text = f"{whom} because no identity-based policy allows the {action} action"
    error = ServiceError("AccessDeniedException", text, service=call.service)
    return Decision(texts=["access denied"], error=error, applied=False)
