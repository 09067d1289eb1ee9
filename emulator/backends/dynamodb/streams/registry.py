"""Which streams there are. They belong to an account and a region, and outlive their tables by 24 hours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.streams.stream import Stream
from emulator.clock import Clock
from emulator.messages import Call

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Streams:
    """The streams of all accounts and regions, guarded by the engine's lock."""

    def __init__(self) -> None:
        self._streams: dict[tuple[str, str], dict[str, Stream]] = {}

    def open(self, call: Call, clock: Clock, table_arn: str, key: KeySchema, view: str) -> Stream:
        """A new stream of a table, still ENABLING."""
        now = clock.now()
        streams = self._streams.setdefault((call.account, call.region), {})
        moment = round(now * 1000)
        # A table may have had another stream in the same millisecond, where the clock stands still
        while (arn := f"{table_arn}/stream/{_label(moment)}") in streams:
            moment += 1
        stream = Stream(clock, arn, table_arn.rpartition("/")[2], call.region, key, view, now)
        streams[arn] = stream
        return stream

    def find(self, call: Call, arn: str, now: float) -> Stream | None:
        stream = self._streams.get((call.account, call.region), {}).get(arn)
        return None if stream is None or stream.is_gone(now) else stream

    def all(self, call: Call, now: float) -> list[Stream]:
        """The streams of the caller's account and region, in the order of their ARNs."""
        streams = self._streams.get((call.account, call.region), {})
        for stream in list(streams.values()):
            if stream.is_gone(now):
                del streams[stream.arn]
        return [streams[arn] for arn in sorted(streams)]

    def remove(self, account: str, region: str, arn: str) -> None:
        """Forget a stream at once; nothing happens if there is none."""
        self._streams.get((account, region), {}).pop(arn, None)

    def copied(self) -> Streams:
        """A register of its own, with the same streams."""
        copied = Streams()
        copied._streams = {home: dict(streams) for home, streams in self._streams.items()}
        return copied


def _label(moment: int) -> str:
    """A time in milliseconds since 1970 as streams are labelled: 2026-11-20T23:17:05.123."""
    return (_EPOCH + timedelta(milliseconds=moment)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
