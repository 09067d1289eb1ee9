"""What two states of a service model differ in, in words: operations, members, limits, values, errors, retry data.

Both are in the form of emulator/aws/services/*.json, as `generate_services.py` renders it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# What a shape says about itself -> how that is called, where its own name says too little
_WORDS = {
    "min": "lower limit",
    "max": "upper limit",
    "exception": "being an error",
    "fault": "being the service's fault",
    "error": "error code and status",
    "member": "element",
}
_LISTS = {"enum": "value", "required": "required member"}
_HEAD = {"version": "API version", "protocols": "protocols", "target_prefix": "target prefix", "signing_name": "signing name"}


def model_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Every difference as one line, such as "operation ListTables: new error ThrottlingException"; none if there is none. The version
    of botocore is no difference."""
    return [
        *_facts("the service", old, new, _HEAD),
        *_operations(old["operations"], new["operations"]),
        *_shapes(old["shapes"], new["shapes"]),
        *_retry_data(old["retry"], new["retry"]),
    ]


def _operations(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from _coming_and_going("operation", old, new)
    for name in _in_both(old, new):
        before, after = old[name], new[name]
        where = f"operation {name}"
        yield from (f"{where}: {line}" for line in _coming_and_going("error", before["errors"], after["errors"]))
        yield from _facts(
            where, before, after, {"http": "method and path", "input": "input", "output": "output", "idempotent": "being idempotent"}
        )


def _shapes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from _coming_and_going("shape", old, new)
    for name in _in_both(old, new):
        before, after = old[name], new[name]
        yield from _members(name, before.get("members", {}), after.get("members", {}))
        for key, word in _LISTS.items():
            yield from (f"{name}: {line}" for line in _coming_and_going(word, before.get(key, ()), after.get(key, ())))
        facts = [key for key in {**before, **after} if key not in ("members", *_LISTS)]
        yield from _facts(name, before, after, {key: _WORDS.get(key, key) for key in facts})


def _members(shape: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{shape}: {line}" for line in _coming_and_going("member", old, new))
    for name in _in_both(old, new):
        if old[name] != new[name]:
            yield _change(f"{shape}.{name}", "type or place", old[name], new[name])


def _retry_data(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from _facts("retry data", old, new, {"max_attempts": "attempts", "delay": "delay"})
    before, after = old["policies"], new["policies"]
    yield from (f"retry data: {line}" for line in _coming_and_going("policy", before, after))
    names = _in_both(before, after)
    yield from _facts("retry data", before, after, {name: f"policy {name}" for name in names})


def _in_both(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in old if name in new]


def _coming_and_going(word: str, old: Any, new: Any) -> Iterator[str]:
    yield from (f"new {word} {name}" for name in new if name not in old)
    yield from (f"{word} {name} is gone" for name in old if name not in new)


def _facts(where: str, old: Mapping[str, Any], new: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    for key, word in words.items():
        if old.get(key) != new.get(key):
            yield _change(where, word, old.get(key), new.get(key))


def _change(where: str, what: str, old: Any, new: Any) -> str:
    return f"{where}: {what} was {_shown(old)}, is {_shown(new)}"


def _shown(value: Any) -> str:
    return "not there" if value is None else value if isinstance(value, str) else json.dumps(value)
