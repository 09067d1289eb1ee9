"""The entries of a batch, and which of them come back unprocessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.faults.chance import RequestRandom
from emulator.faults.decision import Decision
from emulator.faults.keys import KeyPattern
from emulator.messages import Call
from emulator.scenario.effects import Unprocessed

# An entry: its table as the request names it, its position in that table's list, and the mapping that names the item
Entry = tuple[str, int, dict[str, Any]]


def entries_of(call: Call) -> list[Entry]:
    """All entries of a BatchGetItem or BatchWriteItem, in the order of the request."""
    found: list[Entry] = []
    for table, wanted in call.params.get("RequestItems", {}).items():
        if call.operation == "BatchGetItem":
            found += [(table, position, key) for position, key in enumerate(wanted.get("Keys", ()))]
        else:
            found += [(table, position, _named(request)) for position, request in enumerate(wanted)]
    return found


def _named(request: dict[str, Any]) -> dict[str, Any]:
    """The key or item of a put or delete request."""
    for action in request.values():
        if isinstance(action, dict):
            named: dict[str, Any] = action.get("Key") or action.get("Item") or {}
            return named
    return {}


def chosen(which: Unprocessed, entries: Sequence[Entry], random: RequestRandom) -> Sequence[Entry]:
    """Those of the entries of a request that are selected."""
    if which.every is not None:
        return entries[which.every - 1 :: which.every]
    if which.indexes is not None:
        return [entry for number, entry in enumerate(entries) if number in which.indexes]
    if which.all_but is not None:
        return entries[which.all_but :]
    if which.keys is not None:
        return [entry for entry in entries if any(KeyPattern(key).fits(entry[2]) for key in which.keys)]
    share = which.fraction or 0.0
    drawn = sorted(range(len(entries)), key=lambda number: random.uniform(f"entry {number}"))
    return [entries[number] for number in sorted(drawn[: round(share * len(entries))])]


def leave_unprocessed(decision: Decision, call: Call, hit: frozenset[tuple[str, int]]) -> None:
    """Add to a decision that these entries, by table and position, come back; together with those that do already."""
    earlier = [rewrite for rewrite in decision.rewrites if isinstance(rewrite, UnprocessedRewrite)]
    for rewrite in earlier:
        hit |= rewrite.hit
        decision.rewrites.remove(rewrite)
    if hit and len(hit) == len(entries_of(call)):
        # As in AWS: a batch of which nothing could be done is an error of its own (API reference of both operations)
        decision.error = ServiceError("ProvisionedThroughputExceededException")
        decision.applied = False
    elif hit:
        decision.rewrites.append(UnprocessedRewrite(hit))


@dataclass(frozen=True, slots=True)
class UnprocessedRewrite:
    """Takes the entries out of the request, and adds them to the unprocessed entries of the answer."""

    hit: frozenset[tuple[str, int]]

    def before(self, call: Call) -> Call:
        return replace(call, params={**call.params, "RequestItems": self._part(call, False)})

    def after(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        member = "UnprocessedKeys" if call.operation == "BatchGetItem" else "UnprocessedItems"
        return {**answer, member: _merged(answer.get(member) or {}, self._part(call, True))}

    def _part(self, call: Call, hit: bool) -> dict[str, Any]:
        """The request's entries that were hit, or those that were not."""
        part: dict[str, Any] = {}
        for table, wanted in call.params["RequestItems"].items():
            entries = wanted["Keys"] if call.operation == "BatchGetItem" else wanted
            kept = [entry for number, entry in enumerate(entries) if ((table, number) in self.hit) == hit]
            if kept:
                part[table] = {**wanted, "Keys": kept} if call.operation == "BatchGetItem" else kept
        return part


def _merged(left: dict[str, Any], hit: dict[str, Any]) -> dict[str, Any]:
    """What the engine left over itself, and what was hit."""
    merged = dict(left)
    for table, entries in hit.items():
        if table not in merged:
            merged[table] = entries
        elif isinstance(entries, dict):
            merged[table] = {**entries, "Keys": [*merged[table]["Keys"], *entries["Keys"]]}
        else:
            merged[table] = [*merged[table], *entries]
    return merged
