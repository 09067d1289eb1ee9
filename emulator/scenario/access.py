"""`auth`: which keys may sign, how exact their clocks must be, and which actions are denied."""

from __future__ import annotations

from emulator.scenario.constraints import Said
from emulator.scenario.model import AccessKey, Auth
from emulator.scenario.nodes import Mapping, Node
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, read_pairs, refuse
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import DURATION, PASSING, Text, scalar_text
from emulator.scenario.when import CALLS

_ID = Text("an access key id of letters and digits", r"\w{1,128}")
_SECRET = Text("1 to 256 printable characters without a space", r"[!-~]{1,256}")

_KEY = Section(
    "an access key",
    (
        Key("secret", _SECRET, "the secret access key", "temporary-secret", required=True),
        Key(
            "token",
            Text("1 to 4,096 printable characters without a space", r"[!-~]{1,4096}"),
            "the session token that must come with it",
            "temporary-token",
            default="no session token",
        ),
        Key(
            "expires",
            PASSING,
            "how long after the scenario's start it is good; then ExpiredTokenException",
            "1h",
            default="it does not expire",
        ),
    ),
    lambda fields, reading: AccessKey(**fields.model()),
)


class _KeyValue:
    shape = "a secret access key, or {secret, token, expires}"

    def read(self, node: Node, reading: Reading) -> AccessKey:
        if isinstance(node, Mapping):
            return _KEY.read(node, reading)
        scalar_text(node, self.shape)
        return AccessKey(_SECRET.read(node, reading))

    def schema(self) -> Schema:
        return {"anyOf": [_SECRET.schema(), _KEY.schema()]}


class _KeysValue:
    shape = "secrets by access key id, such as {AKIDEXAMPLE: secret}"

    def read(self, node: Node, reading: Reading) -> dict[str, AccessKey]:
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return dict(read_pairs(node, _ID, _KeyValue(), reading))

    def schema(self) -> Schema:
        names = {"pattern": f"^{_ID.pattern}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _KeyValue().schema(), "minProperties": 1}


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text for key, _ in node.entries}
    if "keys" not in there and "deny" not in there:
        reading.report(Refused(node.where, "'auth' says nothing", "give 'keys', 'deny', or both"))
    skew = node.get("clock_skew")
    if skew is not None and "keys" not in there:
        reading.report(Refused(skew.where, "'clock_skew' without 'keys'", "signatures are checked only where 'keys' are known"))


def _auth(fields: Fields, reading: Reading) -> Auth:
    return Auth(**{"keys": {}, **fields.model()})


AUTH = Section(
    "'auth'",
    (
        Key(
            "keys",
            _KeysValue(),
            "the secrets of the access keys that may sign; no other key may",
            "{AKIDEXAMPLE: example-secret}",
            default="signatures are not checked",
        ),
        Key(
            "deny",
            ListOf(CALLS, 100, 1),
            "what is denied to everyone, with AccessDeniedException: a list of the keys of 'when' that select calls",
            '[{operation: "Delete*", table: orders}]',
            default="everything is allowed",
        ),
        Key("clock_skew", DURATION, "how far a request's time may be off", "5m", default="15m"),
    ),
    _auth,
    (Said(_check, {"anyOf": [{"required": ["keys"]}, {"required": ["deny"]}], "dependentRequired": {"clock_skew": ["keys"]}}),),
)

SECTIONS = (AUTH, _KEY)
