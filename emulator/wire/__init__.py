"""Bytes <-> messages, without sockets: protocols, JSON types, model constraints, who signed."""

from emulator.wire.codec import Codec
from emulator.wire.json_rpc import LARGEST_BODY

__all__ = ["LARGEST_BODY", "Codec"]
