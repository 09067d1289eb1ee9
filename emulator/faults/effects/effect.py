"""What every effect of a fault is: something that adds its part to the decision about a request."""

from __future__ import annotations

from typing import ClassVar

from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.messages import Call


class Effect:
    """`after_validation`: it is a matter of requests that the service accepts, so one that the service refuses never meets it. Outages
    (5xx) and lost connections come before the service's own look at a request, and so do changes of whatever is answered."""

    __slots__ = ()

    after_validation: ClassVar[bool] = False

    def needs_valid(self, call: Call) -> bool:
        return self.after_validation

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        """Add this effect's part to the decision about `call`."""
        raise NotImplementedError
