"""What must hold of an emulator after whatever has been done to it: its tables, indexes, streams and backups against the journal's model,
and its counters against the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from reliability.model import Model, canonical
from reliability.scenarios import INDEX, TABLE

# (operation, parameters, service) -> the answer's body
Ask = Callable[[str, dict[str, Any], str], dict[str, Any]]


class Violation(AssertionError):
    """Something that must hold does not."""


def check_journal(core: EmulatorCore, entries: list[Exchange], fired_before: Counter[str]) -> None:
    """Counters against the journal, and that nothing of the emulator itself has failed. Raises Violation."""
    bugs = [entry.bug for entry in entries if entry.bug]
    _demand(not bugs, f"dynafault itself failed: {bugs[:1]}")
    _demand(core.journal.dropped == 0, "the journal has lost exchanges")
    _demand([entry.id for entry in entries] == sorted({entry.id for entry in entries}), "ids are not in order")
    fired = Counter(fired_before)
    for entry in entries:
        fired.update(name for name in entry.rule.split(", ") if name)
    for rule in core.rules.list():
        _demand(rule.fired <= rule.matched, f"{rule.name} fired {rule.fired} times and matched {rule.matched}")
        _demand(rule.fired == fired[rule.name], f"{rule.name} fired {rule.fired} times, in the journal {fired[rule.name]}")
    for entry in entries:
        _demand(entry.delivery.how != "pending", f"exchange {entry.id} was never delivered")
        _demand(not (entry.applied is True and entry.written is not None and entry.written.replayed), f"{entry.id} replayed and applied")


def check_data(ask: Ask, entries: list[Exchange]) -> None:
    """Tables, indexes, streams and backups against the model. The rules must be gone by now. Raises Violation."""
    model = Model().apply(entries)
    wanted = model.tables.get(TABLE, {})
    _compare("the table", {canonical(item): item for item in _all(ask, "Scan", TableName=TABLE)}, wanted)
    indexed = {key: item for key, item in wanted.items() if "grp" in item}
    _compare("the index", {canonical(item): item for item in _all(ask, "Scan", TableName=TABLE, IndexName=INDEX)}, indexed)
    images: dict[str, Any] = {}
    for record in _stream(ask):
        key = canonical(record["Keys"])
        _demand(images.get(key) == record.get("OldImage"), f"the stream goes from {images.get(key)} to {record.get('OldImage')}")
        images[key] = record.get("NewImage")
    _compare("the stream", {key: image for key, image in images.items() if image is not None}, wanted)
    for number, (arn, kept) in enumerate(model.backups.items()):
        restored = f"restored-{number}"
        ask("RestoreTableFromBackup", {"BackupArn": arn, "TargetTableName": restored}, "dynamodb")
        ask("DescribeTable", {"TableName": restored}, "dynamodb")
        _compare("a backup", {canonical(item): item for item in _all(ask, "Scan", TableName=restored)}, kept)


def _compare(what: str, found: dict[str, Any], wanted: dict[str, Any]) -> None:
    wrong = {key: (found.get(key), wanted.get(key)) for key in {**found, **wanted} if found.get(key) != wanted.get(key)}
    _demand(not wrong, f"{what} does not have what the journal says was written; found and wanted: {dict(list(wrong.items())[:2])}")


def _all(ask: Ask, operation: str, **params: Any) -> Iterator[Any]:
    start: dict[str, Any] = {}
    while True:
        page = ask(operation, {**params, **start, "ConsistentRead": "IndexName" not in params}, "dynamodb")
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _stream(ask: Ask) -> Iterator[Any]:
    arn = ask("DescribeTable", {"TableName": TABLE}, "dynamodb")["Table"]["LatestStreamArn"]
    for shard in ask("DescribeStream", {"StreamArn": arn}, "streams")["StreamDescription"]["Shards"]:
        asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator: str | None = ask("GetShardIterator", asked, "streams")["ShardIterator"]
        while iterator is not None:
            page = ask("GetRecords", {"ShardIterator": iterator}, "streams")
            yield from (record["dynamodb"] for record in page["Records"])
            iterator = page.get("NextShardIterator") if page["Records"] else None


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)
