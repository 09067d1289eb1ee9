"""Bytes <-> messages, without sockets: protocols, JSON types, model constraints, who signed."""

from emulator.wire.codec import Codec
from emulator.wire.json_rpc import ACCOUNT, LARGEST_BODY

__all__ = ["ACCOUNT", "LARGEST_BODY", "Codec"]
