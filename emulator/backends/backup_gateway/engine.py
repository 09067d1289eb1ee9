"""The service as its callers see it: which operation is carried out by which function, under one lock."""

from __future__ import annotations

import threading

from emulator.aws.services import is_read_only
from emulator.backends.backup_gateway.gateways import GATEWAY_OPERATIONS
from emulator.backends.backup_gateway.hypervisors import HYPERVISOR_OPERATIONS
from emulator.backends.backup_gateway.inventory import Inventory
from emulator.backends.backup_gateway.tagging import TAG_OPERATIONS
from emulator.clock import Clock
from emulator.messages import AS_USUAL, OTHER_WRITTEN, Call, ExecutionContext, Outcome

_OPERATIONS = {**GATEWAY_OPERATIONS, **HYPERVISOR_OPERATIONS, **TAG_OPERATIONS}


class BackupGateway:
    """All inventories, by account and region. A call that is refused changes nothing."""

    def __init__(self, clock: Clock) -> None:
        self.operations = frozenset(_OPERATIONS)
        self._clock = clock
        self._lock = threading.Lock()
        self._inventories: dict[tuple[str, str], Inventory] = {}

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome:
        """What the operation came to. Raises ServiceError for what the service refuses."""
        home = (call.account, call.region)
        with self._lock:
            inventory = self._inventories.get(home)
            if inventory is None:
                inventory = self._inventories[home] = Inventory(*home)
            output = _OPERATIONS[call.operation](inventory, call, self._clock.now())
        return Outcome(output, None if is_read_only(call.operation, call.params) else OTHER_WRITTEN)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """This service has no tables."""
        return None

    def new_empty(self) -> BackupGateway:
        """The same service, with nothing in it."""
        return BackupGateway(self._clock)
