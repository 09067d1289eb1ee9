"""Which parts of a request have a condition that an item can fail, and whether the answer is to show that item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.arns import table_name
from emulator.backends.statement_references import read_statement, statement_params
from emulator.faults.decision import Decision, ShownItem
from emulator.faults.effect import Skipped
from emulator.faults.keys import Item, KeyNames
from emulator.messages import Call

_WRITES = frozenset(("PutItem", "UpdateItem", "DeleteItem"))


@dataclass(frozen=True, slots=True)
class ConditionalPart:
    """One action of a request, in its order. `key` is None where the request does not tell it. `shows_item`: it asks for the item that
    fails its condition, by ReturnValuesOnConditionCheckFailure."""

    table: str = ""
    key: Item | None = None
    has_condition: bool = False
    shows_item: bool = False


def parts_of(call: Call, key_names: KeyNames) -> list[ConditionalPart]:
    """The actions of a request that writes items singly, in a transaction, or by statements; none for any other."""
    return list(_parts(call, key_names))


def _parts(call: Call, key_names: KeyNames) -> Iterator[ConditionalPart]:
    if call.operation in _WRITES:
        yield _action(call, call.params, key_names)
    for entry in call.params.get("TransactItems") or ():
        found = [(name, action) for name, action in (entry or {}).items() if isinstance(action, dict)]
        name, action = found[0] if found else ("", {})
        part = _action(call, action, key_names)
        # A ConditionCheck is nothing but its condition
        yield replace(part, has_condition=part.has_condition or name == "ConditionCheck")
    for params in statement_params(call):
        yield _statement(call, params, key_names)


def _action(call: Call, action: Mapping[str, Any], key_names: KeyNames) -> ConditionalPart:
    table = table_name(action.get("TableName") or "")
    has_condition = bool(action.get("ConditionExpression") or action.get("Expected"))
    return ConditionalPart(table, _key(action, key_names(call, table)), has_condition, _shows(action))


def _key(action: Mapping[str, Any], names: tuple[str, ...] | None) -> Item | None:
    if "Key" in action:
        return dict(action["Key"])
    item = action.get("Item") or {}
    return None if names is None or any(name not in item for name in names) else {name: item[name] for name in names}


def _statement(call: Call, params: Mapping[str, Any], key_names: KeyNames) -> ConditionalPart:
    read = read_statement(params)
    if read is None:
        return ConditionalPart()
    names = key_names(call, table_name(read.table))
    return ConditionalPart(table_name(read.table), read.key(names), read.has_condition(names), _shows(params))


def _shows(params: Mapping[str, Any]) -> bool:
    return params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def fails_none(parts: Iterable[ConditionalPart]) -> Skipped | None:
    """What a request lacks to fail a condition; None for one that may fail one."""
    return None if any(part.has_condition for part in parts) else ("condition", "none")


def show(decision: Decision, call: Call, part: ConditionalPart, members: dict[str, Any], scripted: Mapping[str, Any] | None = None) -> None:
    """Let a failed condition show its item, if the request asks for it: a `scripted` one, or else the one that is stored when the answer
    is made."""
    if not part.shows_item:
        return
    if scripted is not None:
        members["Item"] = scripted
    elif part.key is not None:
        params = {"TableName": part.table, "Key": part.key, "ConsistentRead": True}
        read = replace(call, operation="GetItem", params=params, tables=(part.table,), refusal=None)
        decision.shown.append(ShownItem(read, members))
