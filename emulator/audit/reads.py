"""When each item was read, and by whom. A client that does not know whether a write was carried out has to read the item."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.audit.evidence import Evidence
from emulator.audit.seen import JudgedCall
from emulator.journal.writes import keys_in

_BY_KEY = frozenset(("GetItem", "BatchGetItem", "TransactGetItems"))
_BY_TABLE = frozenset(("Query", "Scan", "ExecuteStatement"))
# An item's table and key, or a table as a whole
Target = tuple[str, str | None]
# The reads of each target in order, by who asked (access key and address) and the target
_Reads = dict[tuple[str, str, Target], list[JudgedCall]]


def was_read(write: JudgedCall, evidence: Evidence, *, consistently: bool = False) -> bool:
    """Whether the client of a write looked at its item, or through its table, after the write had ended. `consistently`: with
    ConsistentRead."""
    everything, consistent = evidence.once(_reads)
    reads = consistent if consistently else everything
    targets = [*keys_in(write.request, evidence.key_names), *((table, None) for table in write.request.tables)]
    return any(found[-1].started >= write.ended for target in targets if (found := reads.get((*_who(write), target))))


def reads_between(key: Target, before: JudgedCall, after: JudgedCall, evidence: Evidence) -> int:
    """How often the client of two writes read an item between them."""
    reads = evidence.once(_reads)[0].get((*_who(before), key), [])
    return sum(before.ended <= read.started <= after.started for read in reads)


def last_read_before(key: Target, write: JudgedCall, evidence: Evidence) -> JudgedCall | None:
    """The last GetItem of an item by the client of a write, answered before that began."""
    reads = evidence.once(_reads)[0].get((*_who(write), key), [])
    return next((read for read in reversed(reads) if read.operation == "GetItem" and read.ended <= write.started), None)


def _who(call: JudgedCall) -> tuple[str, str]:
    """A program may read with another client than it writes with."""
    return call.client_key.access_key, call.client_key.address


def _reads(evidence: Evidence) -> tuple[_Reads, _Reads]:
    everything: _Reads = {}
    consistent: _Reads = {}
    for call in evidence.everything:
        targets = list(_targets(call, evidence))
        for reads in (everything, consistent) if targets and _is_consistent(call) else (everything,):
            for target in targets:
                reads.setdefault((*_who(call), target), []).append(call)
    return everything, consistent


def _targets(call: JudgedCall, evidence: Evidence) -> Iterable[Target]:
    if call.operation in _BY_KEY:
        return keys_in(call.request, evidence.key_names)
    return [(table, None) for table in call.request.tables] if call.operation in _BY_TABLE and not call.is_write else []


def _is_consistent(read: JudgedCall) -> bool:
    params = read.request.params
    if read.operation == "TransactGetItems" or params.get("ConsistentRead"):
        return True
    requests = params.get("RequestItems")
    return isinstance(requests, dict) and all(_asks_consistently(table) for table in requests.values())


def _asks_consistently(table: object) -> bool:
    return isinstance(table, dict) and bool(table.get("ConsistentRead"))
