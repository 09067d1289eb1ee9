"""What the routes of one emulator's admin API are about."""

from __future__ import annotations

import threading
from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.core import EmulatorCore
from emulator.server.admin.access import Access
from emulator.server.sandboxes import Sandboxes

# Each keeps a worker thread busy
MAX_EVENT_READERS = 8


@dataclass(frozen=True, slots=True)
class AdminContext:
    """`sandboxes` are those beside the emulator, None inside one. `readers` has a place for each who may read events at the same time."""

    core: EmulatorCore
    access: Access
    sandboxes: Sandboxes | None = None
    readers: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MAX_EVENT_READERS))
