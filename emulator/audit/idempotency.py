"""Writes that do more harm when they are carried out twice: counters, appended lists, writes whose answer is another the second time."""

from __future__ import annotations

import re
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.backends.dynamodb.expressions.parser import parse_update
from emulator.backends.dynamodb.expressions.syntax import ActionTerm, ApplyTerm, Formula, PathTerm, ValueTerm
from emulator.messages import Call

_COMPUTING = frozenset(("+", "-", "list_append"))
# `SET hits = hits + 1`, `SET tags = list_append(tags, ...)`
_PARTIQL = re.compile(r"""\bSET\s+("?[\w.\[\]]+"?)\s*=\s*(?:list_append\s*\(\s*\1|\1\s*[+-])""", re.IGNORECASE)
_CONDITIONS = ("ConditionExpression", "Expected")


def is_repeatable(call: Call) -> bool:
    """Whether a request may be sent again by a client that does not know whether it was carried out: a read, a conditional write, a write
    that changes nothing the second time, or a transaction that its token protects."""
    if is_read_only(call.operation, call.params) or call.params.get("ClientRequestToken"):
        return True
    return is_guarded(call) or not accumulates(call)


def is_guarded(call: Call) -> bool:
    """Whether a write is made on a condition."""
    return any(call.params.get(name) for name in _CONDITIONS)


def accumulates(call: Call) -> bool:
    """Whether carrying a write out twice leaves something else than carrying it out once."""
    params = call.params
    if "UpdateExpression" in params:
        return _update_accumulates(params)
    if "AttributeUpdates" in params:
        return any(_legacy_accumulates(update) for update in params["AttributeUpdates"].values())
    return any(_PARTIQL.search(statement) for statement in _statements(params))


def spoils_its_answer(call: Call) -> bool:
    """Whether a write asks for the item as it was before: the second time, that is the item that the first one has left."""
    return call.operation in ("PutItem", "DeleteItem") and call.params.get("ReturnValues") == "ALL_OLD"


def put_values(call: Call) -> dict[str, Any]:
    """The attributes that a PutItem or UpdateItem sets to values of its own, in wire form; those within others aside."""
    params = call.params
    if "AttributeUpdates" in params:
        return {name: update.get("Value") for name, update in params["AttributeUpdates"].items() if update.get("Action", "PUT") == "PUT"}
    if "UpdateExpression" not in params:
        item = params.get("Item")
        return item if isinstance(item, dict) else {}
    try:
        actions = parse_update(params["UpdateExpression"], "UpdateExpression").actions
    except ServiceError:
        return {}
    names, values = params.get("ExpressionAttributeNames") or {}, params.get("ExpressionAttributeValues") or {}
    found = {}
    for action in actions:
        terms = action.operand.terms if isinstance(action.operand, Formula) else []
        path = _resolved(action.path, names)
        if len(terms) == 1 and isinstance(terms[0], ValueTerm) and len(path) == 1:
            found[str(path[0])] = values.get(terms[0].key)
    return found


def _update_accumulates(params: dict[str, Any]) -> bool:
    try:
        actions = parse_update(params["UpdateExpression"], "UpdateExpression").actions
    except ServiceError:
        return False
    names = params.get("ExpressionAttributeNames") or {}
    values = params.get("ExpressionAttributeValues") or {}
    return any(_action_accumulates(action, names, values) for action in actions)


def _action_accumulates(action: ActionTerm, names: dict[str, str], values: dict[str, Any]) -> bool:
    operand = action.operand
    if action.section == "ADD" and isinstance(operand, ValueTerm):
        # A set takes in the same members once
        return "N" in values.get(operand.key, {})
    if not isinstance(operand, Formula):
        return False
    target = _resolved(action.path, names)
    computes = any(isinstance(term, ApplyTerm) and term.symbol.lower() in _COMPUTING for term in operand.terms)
    return computes and any(isinstance(term, PathTerm) and _resolved(term, names) == target for term in operand.terms)


def _resolved(path: PathTerm, names: dict[str, str]) -> tuple[object, ...]:
    return tuple(names.get(part, part) if isinstance(part, str) else part for part in path.parts)


def _legacy_accumulates(update: dict[str, Any]) -> bool:
    return update.get("Action") == "ADD" and bool({"N", "L"} & set(update.get("Value") or ()))


def _statements(params: dict[str, Any]) -> list[str]:
    entries = params.get("Statements") or params.get("TransactStatements") or [params]
    return [entry.get("Statement") or "" for entry in entries]
