"""`auth`: which keys may sign, how exact their clocks must be, and which actions are denied."""

from __future__ import annotations

from collections.abc import Mapping

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import at_least_one, needs
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.reading import ListOf, Reading, Schema, read_pairs, refuse
from emulator.scenario.sections import key, section
from emulator.scenario.values import DURATION, PASSING, Text, scalar_text
from emulator.scenario.when import CALLS, When

_ID = Text("an access key id of letters and digits", r"\w{1,128}")
_SECRET = Text("1 to 256 printable characters without a space", r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key that may sign. `token` is the session token that must come with it; `expires` counts from the scenario's start."""

    secret: str = key(_SECRET, "the secret access key", example="temporary-secret")
    token: str | None = key(
        Text("1 to 4,096 printable characters without a space", r"[!-~]{1,4096}"),
        "the session token that must come with it",
        example="temporary-token",
        default=None,
        left_out="no session token",
    )
    expires: float | None = key(
        PASSING,
        "how long after the scenario's start it is good; then ExpiredTokenException",
        example="1h",
        default=None,
        left_out="it does not expire",
    )


_KEY = section("an access key", AccessKey)


class _KeyValue:
    shape = "a secret access key, or {secret, token, expires}"

    def read(self, node: Node, reading: Reading) -> AccessKey:
        if isinstance(node, MappingNode):
            return _KEY.read(node, reading)
        scalar_text(node, self.shape)
        return AccessKey(_SECRET.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_SECRET.schema(), _KEY.schema()]}


class _KeysValue:
    shape = "secrets by access key id, such as {AKIDEXAMPLE: secret}"

    def read(self, node: Node, reading: Reading) -> dict[str, AccessKey]:
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return dict(read_pairs(node, _ID, _KeyValue(), reading))

    def schema(self) -> Schema:
        names = {"pattern": f"^{_ID.pattern}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _KeyValue().schema(), "minProperties": 1}


@dataclass(frozen=True, slots=True)
class Auth:
    """Who may ask for what. `clock_skew`: how far a request's signing time may be from the truth, in seconds."""

    keys: Mapping[str, AccessKey] = key(
        _KeysValue(),
        "the secrets of the access keys that may sign; no other key may",
        example="{AKIDEXAMPLE: example-secret}",
        default_factory=dict,
        left_out="signatures are not checked",
    )
    deny: tuple[When, ...] = key(
        ListOf(CALLS, 100, 1),
        "what is denied to everyone, with AccessDeniedException: a list of the keys of 'when' that select calls",
        example='[{operation: "Delete*", table: orders}]',
        default=(),
        left_out="everything is allowed",
    )
    clock_skew: float = key(DURATION, "how far a request's time may be off", example="5m", default=900.0, left_out="15m")


AUTH = section(
    "'auth'",
    Auth,
    at_least_one("keys", "deny", says="'auth' says nothing", hint="give 'keys', 'deny', or both"),
    needs(
        "clock_skew",
        "keys",
        says="'clock_skew' without 'keys'",
        hint="signatures are checked only where 'keys' are known",
        at_value=True,
    ),
)

SECTIONS = (AUTH, _KEY)
