"""The machine's wall clock is set back, or forward: what takes time takes as long as before, and what AWS dates has the new date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.messages import HttpRequest
from emulator.server.sandboxes import Sandboxes

JUMPS = [-3600.0, 3600.0]
TABLE = {"name": "orders", "key": {"id": "S"}}
CREATE = {
    "TableName": "made",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"TableName": "orders", "Item": {"id": {"S": "a"}}}
KEY = {"TableName": "orders", "Key": {"id": {"S": "a"}}}


class SettableClock(ManualClock):
    """A clock whose machine can be told another time of day."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    def machine(self) -> float:
        return self.now()


class World:
    def __init__(self, scenario: Any = None, **settings: Any) -> None:
        self.clock = SettableClock()
        self.core = EmulatorCore({"version": 1, "tables": [TABLE], **(scenario or {})}, seed=1, clock=self.clock, **settings)

    def ask(self, operation: str, body: Any, *, streams: bool = False) -> dict[str, Any]:
        """The answer, with its status."""
        target = f"{'DynamoDBStreams' if streams else 'DynamoDB'}_20120810.{operation}"
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": target,
            "x-amz-date": "20261120T120000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
        }
        exchange: Any = self.core.exchange(HttpRequest("POST", "/", headers, orjson.dumps(body), arrived=self.clock.monotonic()))
        assert not exchange.bug
        return {"status": exchange.reply.status, "Date": dict(exchange.reply.headers)["Date"], **orjson.loads(exchange.reply.body or b"{}")}


def throughput(world: World, wait: Callable[[float], None]) -> list[Any]:
    said = []
    for _ in range(30):
        said.append(world.ask("PutItem", ITEM)["status"])
        wait(0.1)
    return said


def phases(world: World, wait: Callable[[float], None]) -> list[Any]:
    said = []
    for _ in range(6):
        said.append((world.core.phase, world.ask("PutItem", ITEM)["status"]))
        wait(1.0)
    return said


def during(world: World, wait: Callable[[float], None]) -> list[Any]:
    said = []
    for _ in range(5):
        wait(1.0)
        said.append(world.ask("GetItem", KEY)["status"])
    return said


def rules_ttl(world: World, wait: Callable[[float], None]) -> list[Any]:
    world.core.rules.add({"name": "short", "when": {"operation": "GetItem"}, "fault": "InternalServerError"}, ttl=2.5)
    said = []
    for _ in range(4):
        wait(1.0)
        said.append(world.ask("GetItem", KEY)["status"])
    return said


def tokens(world: World, wait: Callable[[float], None]) -> list[Any]:
    body = {"TransactItems": [{"Put": ITEM}], "ClientRequestToken": "t" * 36}
    said = []
    for _ in range(4):
        world.ask("TransactWriteItems", body)
        said.append(world.core.journal.entries()[-1].applied)
        wait(250.0)
    return said


def table_states(world: World, wait: Callable[[float], None]) -> list[Any]:
    world.ask("CreateTable", CREATE)
    said = []
    for _ in range(4):
        wait(3.0)
        said.append(world.ask("DescribeTable", {"TableName": "made"})["Table"]["TableStatus"])
    world.ask("DeleteTable", {"TableName": "made"})
    for _ in range(4):
        wait(3.0)
        said.append(world.ask("DescribeTable", {"TableName": "made"})["status"])
    return said


def backups(world: World, wait: Callable[[float], None]) -> list[Any]:
    arn = world.ask("CreateBackup", {"TableName": "orders", "BackupName": "kept"})["BackupDetails"]["BackupArn"]
    said = []
    for _ in range(4):
        wait(3.0)
        said.append(world.ask("DescribeBackup", {"BackupArn": arn})["BackupDescription"]["BackupDetails"]["BackupStatus"])
    return said


def iterators(world: World, wait: Callable[[float], None]) -> list[Any]:
    world.ask("UpdateTable", {"TableName": "orders", "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}})
    wait(20.0)
    arn = world.ask("DescribeTable", {"TableName": "orders"})["Table"]["LatestStreamArn"]
    shard = world.ask("DescribeStream", {"StreamArn": arn}, streams=True)["StreamDescription"]["Shards"][0]["ShardId"]
    asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST"}
    iterator = world.ask("GetShardIterator", asked, streams=True)["ShardIterator"]
    said = []
    for _ in range(4):
        wait(400.0)
        said.append(world.ask("GetRecords", {"ShardIterator": iterator}, streams=True)["status"])
    return said


def stale_reads(world: World, wait: Callable[[float], None]) -> list[Any]:
    said = []
    for number in range(6):
        world.ask("PutItem", {"TableName": "orders", "Item": {"id": {"S": "a"}, "n": {"N": str(number)}}})
        said.append(world.ask("GetItem", KEY).get("Item"))
        wait(1.0)
    return said


def sandboxes(world: World, wait: Callable[[float], None]) -> list[Any]:
    kept = Sandboxes(world.core, idle=10.0)
    kept.core("a")
    said = []
    for _ in range(5):
        wait(3.0)
        kept.drop_idle(world.clock.monotonic())
        said.append([one["name"] for one in kept.listed()])
    return said


def keys(world: World, wait: Callable[[float], None]) -> list[Any]:
    signatures: Any = world.core.run.signatures
    key = signatures._keys["A"]
    said = []
    for _ in range(4):
        wait(100.0)
        said.append(world.clock.elapsed() >= key.expires)
    return said


LASTING: dict[str, tuple[Callable[[World, Callable[[float], None]], list[Any]], dict[str, Any], dict[str, Any]]] = {
    "throughput": (throughput, {"throughput": [{"table": "orders", "write": 2, "burst": "1s"}]}, {}),
    "phases": (
        phases,
        {
            "phases": [{"name": "bad", "for": "3s"}, {"name": "good"}],
            "rules": [{"name": "down", "in": ["bad"], "when": {"operation": "PutItem"}, "fault": "InternalServerError"}],
        },
        {},
    ),
    "during": (
        during,
        {"rules": [{"name": "down", "during": "2s..4s", "when": {"operation": "GetItem"}, "fault": "InternalServerError"}]},
        {},
    ),
    "rules' ttl": (rules_ttl, {}, {}),
    "tokens": (tokens, {}, {}),
    "table states": (table_states, {}, {"table_delay": 5.0}),
    "backups": (backups, {}, {"table_delay": 5.0}),
    "iterators": (iterators, {}, {}),
    "stale reads": (stale_reads, {"consistency": {"lag": "2s"}}, {}),
    "sandboxes": (sandboxes, {}, {}),
    "keys that expire": (keys, {"auth": {"keys": {"A": {"secret": "s", "expires": "250s"}}}}, {}),
}


@pytest.mark.parametrize("ahead", JUMPS)
@pytest.mark.parametrize("kind", LASTING)
def test_what_takes_time_takes_as_long(kind: str, ahead: float) -> None:
    act, scenario, settings = LASTING[kind]
    steady, set_anew = World(scenario, **settings), World(scenario, **settings)
    expected = act(steady, steady.clock.advance)
    jumps = iter([0.0, ahead])

    def wait(seconds: float) -> None:
        set_anew.clock.advance(seconds)
        set_anew.clock.ahead = next(jumps, ahead)

    assert len({orjson.dumps(one) for one in expected}) > 1
    assert act(set_anew, wait) == expected


@pytest.mark.parametrize("ahead", JUMPS)
def test_what_aws_dates_has_the_new_date(ahead: float) -> None:
    world = World()
    before = world.ask("DescribeTable", {"TableName": "orders"})
    world.clock.ahead = ahead
    created = world.ask("CreateTable", CREATE)["TableDescription"]["CreationDateTime"]
    assert created == world.clock.now() == before["Table"]["CreationDateTime"] + ahead
    assert world.ask("DescribeTable", {"TableName": "orders"})["Date"] != before["Date"]


def test_time_to_live_goes_by_the_date() -> None:
    world = World()
    asked = {"TableName": "orders", "TimeToLiveSpecification": {"AttributeName": "end", "Enabled": True}}
    world.ask("UpdateTimeToLive", asked)
    end = int(world.clock.now()) + 1800
    world.ask("PutItem", {"TableName": "orders", "Item": {"id": {"S": "a"}, "end": {"N": str(end)}}})
    world.clock.ahead = -3600
    world.clock.advance(1801)
    assert "Item" in world.ask("GetItem", KEY)
    world.clock.ahead = 0
    assert "Item" not in world.ask("GetItem", KEY)
