"""DynamoDB Streams: what is recorded of the changes of tables, and the operations that read it.

Tables write into streams, so `stream` and `registry` know nothing of tables; `service` and `operations` know both.
"""

from emulator.backends.dynamodb.streams.registry import Streams
from emulator.backends.dynamodb.streams.stream import Stream

__all__ = ["Stream", "Streams"]
