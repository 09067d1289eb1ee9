"""What tables must hold, made from the journal alone: from what was asked, and from what the journal says of it was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from emulator.journal import Exchange

Item = dict[str, Any]
Key = str


@dataclass(slots=True)
class Model:
    """Tables with one key attribute `id`. `changes` counts the writes to each item; `backups` are the tables as they were, by ARN."""

    tables: dict[str, dict[Key, Item]] = field(default_factory=dict)
    changes: Counter[tuple[str, Key]] = field(default_factory=Counter)
    backups: dict[str, dict[Key, Item]] = field(default_factory=dict)

    def apply(self, exchanges: Iterable[Exchange]) -> Model:
        for exchange in exchanges:
            self._apply(exchange)
        return self

    def _apply(self, exchange: Exchange) -> None:
        call, written = exchange.call, exchange.written
        if call is None or written is None:
            return
        assert written.known, exchange
        if call.operation == "CreateBackup" and written.other:
            arn = orjson.loads(exchange.reply.body)["BackupDetails"]["BackupArn"]
            self.backups[arn] = dict(self.tables.get(call.params["TableName"], {}))
        left = Counter((table, canonical(orjson.loads(key))) for table, key in written.keys)
        self.changes.update(left)
        for table, item_key, write in _writes(call.operation, call.params):
            if left[table, item_key]:
                left[table, item_key] -= 1
                self._write(table, item_key, write)
        assert not +left, f"{exchange.id} wrote what nobody asked for: {left}"

    def _write(self, table: str, key: Key, write: Mapping[str, Any]) -> None:
        items = self.tables.setdefault(table, {})
        if "Item" in write:
            items[key] = dict(write["Item"])
        elif "UpdateExpression" in write:
            item = items.setdefault(key, dict(write["Key"]))
            values = write["ExpressionAttributeValues"]
            number = int(item.get("n", {"N": "0"})["N"]) + int(values[":one"]["N"])
            items[key] = {**item, "n": {"N": str(number)}, "grp": values[":group"]}
        else:
            items.pop(key, None)


def canonical(key: Mapping[str, Any]) -> Key:
    return orjson.dumps({"id": key["id"]}).decode()


def _writes(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Key, Mapping[str, Any]]]:
    """The writes that a request asks for: table, key, and its members."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield params["TableName"], canonical(params.get("Item") or params["Key"]), params
    elif operation == "BatchWriteItem":
        for table, entries in params["RequestItems"].items():
            for entry in entries:
                (write,) = entry.values()
                yield table, canonical(write.get("Item") or write["Key"]), write
    elif operation == "TransactWriteItems":
        for entry in params["TransactItems"]:
            (write,) = entry.values()
            yield write["TableName"], canonical(write.get("Item") or write["Key"]), write
