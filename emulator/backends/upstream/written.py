"""What a call wrote at an upstream, as far as the answer says."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from emulator.aws.arns import table_name
from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.aws.values import Item, normalise_item
from emulator.backends.statement_references import read_statement, statement_params
from emulator.clock import Clock
from emulator.messages import NOTHING_WRITTEN, OTHER_WRITTEN, REPLAYED, Call, Written, WrittenKey

# (table name) -> the names of its key attributes, None where they are not known
NamesOf = Callable[[str], "tuple[str, ...] | None"]
UNKNOWN = Written(known=False)
_SINGLE = frozenset(("PutItem", "UpdateItem", "DeleteItem"))
_WRITING_VERBS = frozenset(("INSERT", "UPDATE", "DELETE"))
# For how many seconds the service knows a transaction by its token (API reference, TransactWriteItems)
_TOKEN_LIFE = 600.0
_MAX_TOKENS = 50_000


def written_on_success(call: Call, output: dict[str, Any] | None, names_of: NamesOf) -> Written | None:
    """What a call that succeeded wrote; None for one that never writes."""
    if is_read_only(call.operation, call.params):
        return None
    found = _items(call, output or {})
    if found is None:
        return OTHER_WRITTEN
    keys = tuple(_key(table, item, names_of(table)) for table, item in found)
    return Written(keys) if keys else NOTHING_WRITTEN


def written_on_error(call: Call, status: int) -> Written | None:
    """What a call wrote that was answered with an error: nothing if the service refused it, unknown if the service failed."""
    if is_read_only(call.operation, call.params):
        return None
    return UNKNOWN if status >= 500 else NOTHING_WRITTEN


def _items(call: Call, output: dict[str, Any]) -> list[tuple[str, Item]] | None:
    """The items that were written, each by its key or as a whole; None for an operation that writes something else."""
    params = call.params
    if call.operation in _SINGLE:
        return [(call.tables[0], params.get("Key") or params["Item"])]
    if call.operation == "BatchWriteItem":
        return _processed(params["RequestItems"], output.get("UnprocessedItems") or {})
    if call.operation == "TransactWriteItems":
        return list(_of_transaction(params["TransactItems"]))
    if "Statement" in params or "Statements" in params or "TransactStatements" in params:
        return list(_of_statements(call, output.get("Responses") or ()))
    return None


def _processed(asked: dict[str, Any], left: dict[str, Any]) -> list[tuple[str, Item]]:
    """The entries of a batch without those that came back."""
    undone = [(table_name(table), _comparable(entry)) for table, entries in left.items() for entry in entries]
    done = []
    for table, entries in asked.items():
        for entry in entries:
            one = (table_name(table), _comparable(entry))
            if one in undone:
                undone.remove(one)
            else:
                done += [(one[0], action.get("Key") or action["Item"]) for action in entry.values()]
    return done


def _comparable(entry: dict[str, Any]) -> dict[str, Item]:
    return {kind: _normal(action.get("Key") or action.get("Item") or {}) for kind, action in entry.items()}


def _of_transaction(entries: list[dict[str, Any]]) -> Iterator[tuple[str, Item]]:
    for entry in entries:
        for kind, action in entry.items():
            if kind != "ConditionCheck":
                yield table_name(action["TableName"]), action.get("Key") or action["Item"]


def _of_statements(call: Call, responses: Any) -> Iterator[tuple[str, Item]]:
    failed = [isinstance(one, dict) and "Error" in one for one in responses] if call.operation == "BatchExecuteStatement" else []
    for place, params in enumerate(statement_params(call)):
        read = read_statement(params)
        if read is not None and read.verb in _WRITING_VERBS and not (place < len(failed) and failed[place]):
            yield table_name(read.table), read.fixed


def _key(table: str, item: Item, names: tuple[str, ...] | None) -> WrittenKey:
    """Where the names of the key are not known, the whole item stands for it."""
    key = _normal(item if names is None else {name: item[name] for name in names if name in item})
    return table, orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()


def _normal(item: Item) -> Item:
    try:
        return normalise_item(item)
    except ServiceError:
        return item


class UpstreamTokens:
    """The tokens of transactions that succeeded. The service answers a repetition under the same token, and writes nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._done: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def settled(self, call: Call, written: Written | None) -> Written | None:
        """What a successful call wrote: nothing, where its token had succeeded before."""
        token = call.params.get("ClientRequestToken")
        if written is None or not token or "Transact" not in call.operation:
            return written
        name = (call.region, call.access_key, str(token))
        now = self._clock.monotonic()
        with self._lock:
            while self._done and (len(self._done) > _MAX_TOKENS or now - next(iter(self._done.values())) > _TOKEN_LIFE):
                self._done.popitem(last=False)
            if name in self._done:
                return REPLAYED
            self._done[name] = now
            return written
