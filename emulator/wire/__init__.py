"""Bytes <-> messages, without sockets: protocols, JSON types, model constraints, who signed."""

from emulator.wire.binding import ACCOUNT
from emulator.wire.codec import Codec
from emulator.wire.compression import MAX_BODY
from emulator.wire.json_rpc import ADMIN_PREFIX
from emulator.wire.signature import SignatureCheck, SigningKey

__all__ = ["ACCOUNT", "ADMIN_PREFIX", "MAX_BODY", "Codec", "SignatureCheck", "SigningKey"]
