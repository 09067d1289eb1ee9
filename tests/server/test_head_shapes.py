"""Requests of a shape that was learned are read as llhttp reads them, and everything else by llhttp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from emulator.clock import ManualClock
from emulator.messages import HttpRequest
from emulator.server import head_shapes
from emulator.server.head_shapes import MAX_AWAITED, MAX_SHAPES, PATIENCE, HeadShapes
from emulator.server.header_texts import HeaderTexts
from emulator.server.http1 import MAX_HEAD, Event, ReadingState, RequestReader
from emulator.server.lateness import Lateness

BODY = b'{"TableName":"orders","Key":{"id":{"S":"a"}}}'
BOTO3 = (
    b"POST / HTTP/1.1",
    b"Host: localhost:8000",
    b"X-Amz-Target: DynamoDB_20120810.GetItem",
    b"Content-Type: application/x-amz-json-1.0",
    b"User-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 (*+?)",
    b"X-Amz-Date: 20261127T213000Z",
    b"Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0f",
    b"amz-sdk-invocation-id: 3f0c1c1e-aaaa-bbbb-cccc-0123456789ab",
    b"amz-sdk-request: attempt=1",
    b"Accept-Encoding: identity",
    b"Connection: keep-alive",
)


def request(*lines: bytes, body: bytes = BODY) -> bytes:
    return b"\r\n".join([*(lines or BOTO3), b"Content-Length: %d" % len(body), b"", body])


class World:
    def __init__(self, shapes: HeadShapes | None = None) -> None:
        clock = ManualClock()
        self.shapes = HeadShapes() if shapes is None else shapes
        self.reader = RequestReader(clock, HeaderTexts(), self.shapes, Lateness(clock, lambda: False), 1, "127.0.0.1:5000")
        self.parsed = 0
        parse = self.reader._parse

        def counted(data: bytes) -> list[Event]:
            self.parsed += 1
            return parse(data)

        self.reader._parse = counted  # type: ignore[method-assign]  # to see who has read

    def feed(self, data: bytes) -> list[Event]:
        return self.reader.feed(data)

    def learned(self, *requests: bytes) -> World:
        for number in range(PATIENCE):
            self.feed((requests or (request(),))[number % len(requests or (1,))])
        self.parsed = 0
        return self


def same(left: list[Event], right: list[Event]) -> bool:
    def told(events: list[Event]) -> list[Any]:
        return [(one, list(one.headers)) if isinstance(one, HttpRequest) else one for one in events]

    return told(left) == told(right)


def test_what_is_like_the_requests_before_is_read_at_once() -> None:
    world = World().learned()
    later = request(*[line.replace(b"213000Z", b"213001Z").replace(b"GetItem", b"PutItem") for line in BOTO3], body=b"{}")
    (event,) = world.feed(later)
    assert world.parsed == 0
    assert same([event], World().feed(later))
    assert isinstance(event, HttpRequest)
    assert (event.headers["x-amz-date"], event.headers["x-amz-target"], event.body) == (
        "20261127T213001Z",
        "DynamoDB_20120810.PutItem",
        b"{}",
    )


def test_a_header_that_a_client_changes_is_learned() -> None:
    traced = [request(*BOTO3, b"traceparent: 00-%d" % number) for number in range(2)]
    world = World().learned(*traced)
    world.feed(request(*BOTO3, b"traceparent: 00-77"))
    assert world.parsed == 0


def _changed() -> Iterator[bytes]:
    """A learned request with one byte replaced, left out or put in."""
    whole = request()
    strange = [b"\r", b"\n", b"\0", b"\t", b" ", b":", b"\x80", b"a", b"9", b"\r\n", b"\r\n\r\n", b"\x7f"]
    for place in range(len(whole)):
        for one in strange:
            yield whole[:place] + one + whole[place + 1 :]
            yield whole[:place] + one + whole[place:]
        yield whole[:place] + whole[place + 1 :]
        yield whole[:place]


def test_whatever_else_comes_is_read_as_without_a_shape() -> None:
    shapes = HeadShapes()
    count = 0
    for data in _changed():
        world, fresh = World(shapes).learned(), World()
        for _ in range(PATIENCE):
            fresh.feed(request())
        fresh.reader._shape = None
        assert world.reader._shape is not None
        assert same(world.feed(data), fresh.feed(data)), data
        assert world.reader.state is fresh.reader.state, data
        # And what comes behind it
        assert same(world.feed(request()), fresh.feed(request())), data
        count += 1
    assert count > 10_000


@pytest.mark.parametrize(
    "line", [b"Expect: 100-continue", b"Upgrade: h2c", b"Connection: close", b"Host: a\r\nHost: b", b"X-Amz-Date: 1", b"a: " + b"x" * 5000]
)
def test_what_is_unusual_is_not_learned(line: bytes) -> None:
    world = World()
    for _ in range(4 * PATIENCE):
        world.feed(request(*BOTO3[:-1], line))
    assert world.reader._shape is None
    assert not world.shapes._known


@pytest.mark.parametrize("name", [b"Connection", b"Host"])
def test_what_the_parser_acts_on_stays_as_it_is(name: bytes) -> None:
    world = World()
    for number in range(4 * PATIENCE):
        world.feed(request(*[line for line in BOTO3 if not line.startswith(name)], name + b": a%d" % number))
    assert world.reader._shape is None


def test_chunked_bodies_are_the_parsers() -> None:
    world = World()
    chunked = b"\r\n".join([*BOTO3, b"Transfer-Encoding: chunked", b"", b"2", b"{}", b"0", b"", b""])
    for _ in range(4 * PATIENCE):
        (event,) = world.feed(chunked)
        assert isinstance(event, HttpRequest)
    assert world.reader._shape is None


def in_two(data: bytes) -> tuple[bytes, bytes]:
    """As boto3 sends it: the head, then the body."""
    head = data.index(b"\r\n\r\n") + 4
    return data[:head], data[head:]


def test_a_body_may_come_behind_its_head() -> None:
    world, fresh = World(), World()
    for _ in range(PATIENCE):
        head, body = in_two(request())
        assert world.feed(head) == []
        assert len(world.feed(body)) == 1
    world.parsed = 0
    later = request(*[line.replace(b"213000Z", b"213001Z") for line in BOTO3], body=b'{"a":1}' * 1000)
    head, body = in_two(later)
    assert world.feed(head) == []
    assert world.reader.state is ReadingState.BODY
    assert world.feed(body[:500]) == []
    assert same(world.feed(body[500:]), fresh.feed(later))
    assert (world.parsed, world.reader.state) == (0, ReadingState.IDLE)


def test_what_comes_behind_a_body_is_the_next_request() -> None:
    world = World().learned()
    head, body = in_two(request())
    assert world.feed(head) == []
    events = world.feed(body + request(body=b"{}") + request()[:50])
    assert [event.body for event in events if isinstance(event, HttpRequest)] == [BODY, b"{}"]
    assert len(world.feed(request()[50:])) == 1


def test_a_long_body_is_the_parsers() -> None:
    world = World().learned()
    head, body = in_two(request(body=b"x" * (MAX_AWAITED + 1)))
    assert world.feed(head) == []
    (event,) = world.feed(body)
    assert world.parsed == 2
    assert isinstance(event, HttpRequest)
    assert len(event.body) == MAX_AWAITED + 1


@pytest.mark.parametrize("size", [MAX_HEAD - 2000, MAX_HEAD - 500, MAX_HEAD, 10 * MAX_HEAD])
def test_a_head_that_is_too_long_is_refused_as_ever(size: int) -> None:
    world, fresh = World().learned(), World()
    long = request(*[line + b"x" * size if line.startswith(b"X-Amz-Date") else line for line in BOTO3])
    assert world.reader._shape is not None
    assert same(world.feed(long), fresh.feed(long))
    assert world.reader.state is fresh.reader.state


@pytest.mark.parametrize("seed", range(20))
def test_however_requests_are_cut_they_are_the_same(seed: int) -> None:
    random = Random(seed)
    world = World()
    sent = b""
    for number in range(60):
        sent += request(*BOTO3, b"traceparent: %d" % random.randrange(3), body=b"%d" % number * random.randrange(1, 40))
    fed: list[Event] = []
    while sent:
        size = sent.index(b"\r\n\r\n") + 4 if b"\r\n\r\n" in sent and random.random() < 0.7 else random.randrange(1, 700)
        fed += world.feed(sent[:size])
        sent = sent[size:]
    bodies = [event.body for event in fed if isinstance(event, HttpRequest)]
    assert len(bodies) == len(fed) == 60
    assert [int(body[: len(str(number))]) for number, body in enumerate(bodies)] == list(range(60))


def test_nothing_is_read_at_once_behind_the_last_request_of_a_connection() -> None:
    world, fresh = World().learned(), World()
    last = request(*BOTO3[:-1], b"Connection: close")
    assert same(world.feed(last), fresh.feed(last))
    assert same(world.feed(request()), fresh.feed(request()))
    assert world.reader._shape is None


def test_requests_in_pieces_and_in_a_row() -> None:
    world, data = World().learned(), request()
    assert world.feed(data[:100]) == []
    assert len(world.feed(data[100:] + data + data)) == 3
    assert len(world.feed(data)) == 1
    assert world.parsed == 2


def test_shapes_are_bounded_and_shared() -> None:
    shapes = HeadShapes()
    for number in range(MAX_SHAPES + 10):
        World(shapes).learned(request(*BOTO3, b"x-%d: 1" % number))
        assert len(shapes._known) <= MAX_SHAPES
    one, other = World(shapes).learned(), World(shapes).learned()
    assert one.reader._shape is other.reader._shape is not None


def test_a_client_without_a_shape_costs_no_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(head_shapes, "_pattern", lambda *asked: tried.append(asked))
    world = World()
    for _ in range(1000):
        world.feed(request())
    # The 8th, the 16th ... the 512th
    assert len(tried) == 7


def test_times_are_those_of_the_request() -> None:
    world = World().learned()
    world.reader.answered = 5.0
    world.reader._clock.advance(3.0)
    (event,) = world.feed(request())
    fresh = World()
    assert isinstance(event, HttpRequest)
    assert event.idle_since == 5.0
    assert event.arrived == world.reader.since
    (other,) = fresh.feed(request())
    assert isinstance(other, HttpRequest)
    assert replace(event, arrived=0.0, idle_since=0.0, opened=0.0) == replace(other, arrived=0.0, idle_since=0.0, opened=0.0)
