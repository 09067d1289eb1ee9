"""The same scenarios and clients, embedded and in front of the other emulators: the reports have to agree, but for latencies.

    python -m oracle.in_front                       # all peers whose runtime is there
    python -m oracle.in_front dynalite --only half-a-batch

Each scenario runs against a table of its own. Of a report everything is compared that does not depend on time: the calls with their
attempts, faults, outcomes and what was written, how often each rule fired, expectations, and the verdicts that do not judge waits. Ends
with 1 where something differs; a peer that does not have an operation is said to lack it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator import Emulator
from oracle.fronts import FRONTS, TABLE, Front
from oracle.peers import PEERS, available, serving

# How a client waits is its own dice; how long anything took, the machine's
_OF_WAITS = frozenset({"V8", "V9", "V10", "V11", "V12", "V13", "V15", "V18", "V19", "V28", "V34", "V35"})
_SEED = 7
_LACKING = ("UnknownOperationException", "NotImplemented", "InvalidAction")
_new_client: Any = boto3.client


class Lacking(Exception):
    """The peer does not have an operation that a scenario needs."""


def main() -> int:
    names = [peer.name for peer in PEERS]
    parser = argparse.ArgumentParser(description="The same scenarios embedded and in front of other emulators.")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(names)}; left out: {', '.join(_DEFAULT)}")
    parser.add_argument("--only", action="append", default=[], metavar="SCENARIO", help="this scenario; may be repeated")
    options = parser.parse_args()
    fronts = [front for front in FRONTS if not options.only or front.name in options.only]
    embedded = {front.name: summary(front, None) for front in fronts}
    differing = 0
    asked = available(options.peers or list(_DEFAULT))
    for peer in asked:
        with serving(peer) as endpoint:
            for front in fronts:
                differing += compared(peer.name, front, embedded[front.name], endpoint.url)
    print(f"{len(fronts)} scenarios in front of {', '.join(peer.name for peer in asked) or 'nobody'}: {differing} reports differ")
    return 1 if differing or not asked else 0


_DEFAULT = ("dynoxide", "dynalite", "ministack")


def compared(peer: str, front: Front, embedded: dict[str, Any], url: str) -> bool:
    """Whether the reports differ."""
    try:
        found = summary(front, url)
    except Lacking as lack:
        print(f"{peer:<10} {front.name:<28} lacks {lack}")
        return False
    differences = list(_differences(embedded, found))
    print(f"{peer:<10} {front.name:<28} {'agrees' if not differences else 'DIFFERS'}", flush=True)
    for difference in differences:
        print(f"    {difference}")
    return bool(differences)


def summary(front: Front, upstream: str | None) -> dict[str, Any]:
    """What a client's run under a scenario comes to. Raises Lacking."""
    with Emulator(front.scenario, seed=_SEED, upstream=upstream) as emulator, _table(emulator, upstream):
        before = len(emulator.journal)
        client = _client(dict(emulator.boto3_kwargs()))
        try:
            front.run(client)
        except (ClientError, BotoCoreError) as failure:
            ended = type(failure).__name__
        else:
            ended = "success"
        client.close()
        entries = emulator.journal.entries()[before:]
        for entry in entries:
            if entry.is_upstreams_error and entry.error in _LACKING:
                raise Lacking(entry.operation)
        report = orjson.loads(orjson.dumps(emulator.report().to_json()))
    return {
        "ended": ended,
        "calls": [_call(call) for call in report["calls"]],
        "written": sorted(str(key) for entry in entries if entry.written is not None for key in entry.written.keys),
        "rules": [(rule["name"], rule["matched"], rule["fired"]) for rule in report["rules"]],
        "expectations": [one["status"] for one in report["expectations"]],
        "audit": {one["id"]: one["status"] for one in report["audit"] if one["id"] not in _OF_WAITS},
        "bugs": report["bugs"],
    }


def _call(call: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(str(call[name]) for name in ("operation", "tables", "attempts", "outcome", "faults", "applied"))


@contextmanager
def _table(emulator: Emulator, upstream: str | None) -> Iterator[None]:
    """A table with ten items, made where no rule hears of it."""
    kwargs = dict(emulator.boto3_kwargs())
    direct = _client({**kwargs, "endpoint_url": upstream or emulator.url})
    emulator.rules.off()
    attributes = [("customer", "S", "HASH"), ("order", "N", "RANGE")]
    direct.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, _, kind in attributes],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": type} for name, type, _ in attributes],
        BillingMode="PAY_PER_REQUEST",
    )
    direct.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    for number in range(10):
        direct.put_item(TableName=TABLE, Item={"customer": {"S": "ada"}, "order": {"N": str(number)}, "total": {"N": "7"}})
    emulator.reset("journal")
    emulator.reset("counters")
    emulator.rules.on()
    try:
        yield
    finally:
        emulator.rules.off()
        direct.delete_table(TableName=TABLE)
        direct.get_waiter("table_not_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
        direct.close()


def _client(kwargs: dict[str, Any]) -> Any:
    return _new_client("dynamodb", **kwargs, config=Config(retries={"mode": "standard", "total_max_attempts": 4}))


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name, wanted in before.items():
        found = after[name]
        if wanted == found:
            continue
        if isinstance(wanted, dict):
            yield from (f"{name} {key}: {wanted.get(key)}, but {found.get(key)}" for key in wanted if wanted.get(key) != found.get(key))
        elif isinstance(wanted, list) and len(wanted) == len(found):
            yield from (f"{name}: {one}, but {other}" for one, other in zip(wanted, found, strict=True) if one != other)
        else:
            yield f"{name}: {wanted}, but {found}"


if __name__ == "__main__":
    sys.exit(main())
