"""What happened: one exchange for each request, in order; which of them belong together, what clients could read, what was written."""

from emulator.journal.exchange import Delivery, Exchange, readable
from emulator.journal.journal import Journal

__all__ = ["Delivery", "Exchange", "Journal", "readable"]
