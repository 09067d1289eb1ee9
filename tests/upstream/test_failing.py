"""Upstreams that hang, reset, answer garbage, die in the middle or are not there: survived, told apart, and nothing claimed of them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.journal import Exchange
from emulator.journal.committing import GroupCommit
from emulator.journal.disk import JournalFile
from emulator.journal.file import Journals
from emulator.journal.outcomes import ResponseClass, classify_response
from emulator.journal.saved import read_journal
from tests.upstream.servers import Does, RawUpstream, answer, ask

Start = Callable[..., Emulator]
KEY = {"id": {"S": "a"}}
WHOLE = answer(200, b"{}")

# What the upstream does; what became of the request there, the status and the error that its client is told, and how an SDK takes that
FAILURES = {
    "hangs": (Does(then="hang"), "timed out", 504, "UpstreamTimedOut", ResponseClass.TRANSIENT),
    "hangs within its answer": (Does(WHOLE[:-1], "hang"), "timed out", 504, "UpstreamTimedOut", ResponseClass.TRANSIENT),
    "resets": (Does(then="reset"), "reset", 502, "UpstreamReset", ResponseClass.TRANSIENT),
    "closes": (Does(then="close"), "reset", 502, "UpstreamReset", ResponseClass.TRANSIENT),
    "dies within the head": (Does(WHOLE[:20], "close"), "reset", 502, "UpstreamReset", ResponseClass.TRANSIENT),
    "dies within the body": (Does(answer(200, b'{"Attributes":{}}')[:-5], "reset"), "reset", 502, "UpstreamReset", ResponseClass.TRANSIENT),
    "is no HTTP": (Does(b"\x00\x01\x02 garbage\r\n\r\n", "close"), "broken", 502, "UpstreamBroken", ResponseClass.TRANSIENT),
    "is no JSON": (Does(answer(200, b"<html>")), "broken", 200, "", ResponseClass.CORRUPT),
    "is no object": (Does(answer(200, b"[1]")), "broken", 200, "", ResponseClass.CORRUPT),
    "has a wrong checksum": (
        Does(answer(200, b"{}", ("x-amz-crc32", "1"), crc=False)),
        "broken",
        200,
        "",
        ResponseClass.CORRUPT,
    ),
    "redirects": (Does(answer(302, b"", ("Location", "http://example.com"))), "broken", 302, "", ResponseClass.ODD),
}


def put(near: Emulator) -> requests.Response:
    headers, body = ask("PutItem", TableName="orders", Item=KEY)
    return requests.post(near.url, data=body, headers=headers, timeout=20, allow_redirects=False)


@pytest.mark.parametrize("name", FAILURES)
def test_a_write_whose_answer_never_came_may_have_been_carried_out(name: str, start: Start) -> None:
    does, how, status, error, told = FAILURES[name]
    with RawUpstream(lambda asked: does) as far:
        near = start({"version": 1, "upstream": {"url": far.url, "answer_timeout": "200ms"}})
        assert put(near).status_code == status
        assert put(near).status_code == status
    for entry in near.journal:
        assert entry.upstream is not None
        assert (entry.upstream.how, entry.error, entry.applied, entry.is_upstreams_error) == (how, error, "unknown", False)
        assert classify_response(entry).outcome is told
    report = near.report()
    assert report.to_json()["upstream"] == {"asked": 2, "errors": {}, "lost": {how: 2}}
    assert f"upstream {how}, perhaps applied" in report.text()


def test_what_never_got_there_was_not_carried_out(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    near = start(upstream=f"http://127.0.0.1:{port}")
    came = put(near)
    assert (came.status_code, came.json()["message"].startswith("dynafault: the upstream")) == (502, True)
    (entry,) = near.journal.entries()
    assert entry.upstream is not None
    assert (entry.upstream.how, entry.error, entry.applied) == ("unreachable", "UpstreamUnreachable", False)


def test_a_read_says_nothing_of_writes(start: Start) -> None:
    with RawUpstream(lambda asked: Does(then="reset")) as far:
        near = start(upstream=far.url)
        headers, body = ask("GetItem", TableName="orders", Key=KEY)
        assert requests.post(near.url, data=body, headers=headers, timeout=20).status_code == 502
    assert [entry.applied for entry in near.journal] == [None]


def _expecting(count: int) -> dict[str, Any]:
    return {"version": 1, "expect": [{"calls": {"operation": "PutItem"}, "applied": {"per_key": count}}]}


@pytest.mark.parametrize(("wanted", "status"), [(1, "pass"), (2, "pass"), (0, "fail"), (3, "fail")])
def test_what_nobody_knows_is_no_complaint(wanted: int, status: str, start: Start, client_for: Callable[..., Any]) -> None:
    """Once for sure, and perhaps once more: neither one nor two is wrong."""
    turns = iter((Does(then="reset"), Does(WHOLE)))
    with RawUpstream(lambda asked: next(turns)) as far:
        near = start({**_expecting(wanted), "upstream": far.url})
        client_for(near).put_item(TableName="orders", Item=KEY)
    report = near.report()
    assert [(finding.status) for finding in report.expectations] == [status]
    doubled = next(finding for finding in report.audit if finding.verdict.id == "V20")
    assert doubled.status == "n/a"


def test_an_sdk_goes_on_after_it(start: Start, client_for: Callable[..., Any]) -> None:
    turns = iter((Does(then="reset"), Does(b"\xff" * 100, "close"), Does(WHOLE)))
    with RawUpstream(lambda asked: next(turns)) as far:
        near = start(upstream=far.url)
        client_for(near).put_item(TableName="orders", Item=KEY)
    (call,) = near.calls()
    assert (call.attempts, call.outcome) == (3, "success")
    assert not [finding for finding in near.report().audit if finding.fails]


def _how(entry: Exchange) -> str | None:
    return None if entry.upstream is None else entry.upstream.how


def test_a_journal_on_disk_keeps_what_became_of_it(start: Start, tmp_path: Path) -> None:
    with RawUpstream(lambda asked: Does(then="reset")) as far:
        near = start(upstream=far.url)
        path = tmp_path / "journal.jsonl"
        file = JournalFile(path, None)
        commit = GroupCommit(file)
        near.core.observe(Journals(file, commit.write).writer(near.core.rules.list))
        put(near)
        commit.close()
    (entry,) = read_journal(path).entries
    assert (_how(entry), entry.applied, entry.error) == ("reset", "unknown", "UpstreamReset")
