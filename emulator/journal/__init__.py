"""What happened: one exchange for each request, in order; which of them belong together, what clients could read, what was written."""

from emulator.journal.journal import Delivery, Exchange, Journal, readable

__all__ = ["Delivery", "Exchange", "Journal", "readable"]
