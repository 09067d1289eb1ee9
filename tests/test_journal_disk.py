"""The journal's file under bad luck: damage, kills, full and slow disks, a second server, too little room, another version's format."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator, EmulatorError
from emulator.core import EmulatorCore
from emulator.journal.committing import GroupCommit
from emulator.journal.disk import JournalFile, earlier_file, open_raw
from emulator.journal.file import Journals, JournalWriter
from emulator.journal.records import decoded, encoded
from emulator.journal.saved import read_journal
from emulator.messages import HttpRequest
from tests.conftest import PATIENCE

SCENARIO = {
    "version": 1,
    "name": "kept",
    "tables": [{"name": "orders", "key": {"id": "S"}}],
    "rules": [{"name": "first", "when": {"operation": "PutItem", "request": 1}, "fault": "InternalServerError"}],
}
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}


def put(key: str, text: str = "") -> HttpRequest:
    body = orjson.dumps({"TableName": "orders", "Item": {"id": {"S": key}, "text": {"S": text}}})
    return HttpRequest("POST", "/", {**HEADERS, "x-amz-target": "DynamoDB_20120810.PutItem"}, body)


def send(core: EmulatorCore, request: HttpRequest) -> int:
    exchange: Any = core.exchange(request)
    exchange.delivery.how, exchange.delivery.ended = "sent", 1.0
    core.delivered(exchange)
    return int(exchange.reply.status)


def post(url: str, key: str, timeout: float = PATIENCE) -> int:
    request = put(key)
    return requests.post(url, headers=request.headers, data=request.body, timeout=timeout).status_code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def written(path: Path) -> list[bytes]:
    """The lines of a run with ten writes."""
    core = EmulatorCore(SCENARIO)
    writer = JournalWriter(path, core.rules.list)
    core.observe(writer)
    for number in range(10):
        send(core, put(str(number)))
    writer.close()
    return path.read_bytes().splitlines(keepends=True)


def ids(path: Path) -> list[int]:
    return sorted(entry.id for entry in read_journal(path).entries)


# --- damage


def test_each_line_is_json_with_length_and_checksum(written: list[bytes]) -> None:
    for line in written:
        record = orjson.loads(line)
        assert {"length", "crc", "writer"} <= set(record)
        assert decoded(line[:-1]) == {name: value for name, value in record.items() if name not in ("length", "crc")}


def test_every_changed_byte_of_a_record_is_noticed(written: list[bytes]) -> None:
    record = decoded(written[-1][:-1])
    assert record is not None
    for place in range(len(written[-1]) - 1):
        damaged = bytearray(written[-1][:-1])
        damaged[place] ^= 1
        found = decoded(bytes(damaged))
        # In what says the checksum itself, the record is not what is damaged
        assert found is None or {name: found.get(name) for name in record} == record


def test_a_damaged_line_costs_itself_and_is_counted(written: list[bytes], path: Path) -> None:
    for place, line in enumerate(written):
        path.write_bytes(b"".join([*written[:place], line.replace(b'"', b"\x00", 3), *written[place + 1 :]]))
        run = read_journal(path)
        assert any("1 damaged record is left out" in warning for warning in run.warnings)
        kept = len(run.entries)
        assert kept == 10 - (b'{"exchange"' in line)
        assert run.dropped == 10 - kept
        assert run.scenario.name == ("" if place == 0 else "kept")


def test_a_torn_end_is_left_out_and_said(written: list[bytes], path: Path) -> None:
    whole = b"".join(written)
    for cut in range(1, len(written[-1]) - 1, 7):
        path.write_bytes(whole[:-cut])
        run = read_journal(path)
        assert len(run.entries) == 10
        assert bool(run.warnings) == (cut > 1)


def test_a_server_that_starts_on_a_torn_file_cuts_it_and_says_so(written: list[bytes], path: Path, capsys: Any) -> None:
    torn = b"".join(written)[:-20]
    path.write_bytes(torn)
    JournalFile(path).close()
    assert path.read_bytes() == b"".join(written[:-1])
    assert f"its {len(written[-1]) - 20} bytes are cut off" in capsys.readouterr().err
    assert ids(path) == list(range(1, 11))
    # A record that lacks its line break alone is whole
    path.write_bytes(b"".join(written)[:-1])
    JournalFile(path).close()
    assert path.read_bytes() == b"".join(written)


def test_what_an_older_version_made_of_a_torn_file_is_read(written: list[bytes], path: Path) -> None:
    """It went on in the line that was torn."""
    path.write_bytes(written[0] + written[1][:50] + b"".join(written))
    run = read_journal(path)
    assert (len(run.entries), run.scenario.name) == (10, "kept")


def older(line: bytes) -> bytes:
    """A line as format 1 had it."""
    record = decoded(line.rstrip(b"\n"))
    assert record is not None
    del record["writer"]
    record.get("run", {}).pop("format", None)
    return orjson.dumps(record) + b"\n"


def test_format_1_is_read_and_written_on_to(written: list[bytes], path: Path) -> None:
    path.write_bytes(b"".join(map(older, written)))
    assert ids(path) == list(range(1, 11))
    core = EmulatorCore({**SCENARIO, "name": "newer"})
    writer = JournalWriter(path, core.rules.list)
    core.observe(writer)
    send(core, put("a"))
    writer.close()
    run = read_journal(path)
    assert (len(run.entries), run.scenario.name, run.warnings) == (1, "newer", [])


def test_a_newer_format_is_refused(written: list[bytes], path: Path) -> None:
    record = decoded(written[0][:-1])
    assert record is not None
    path.write_bytes(encoded({**record, "run": {**record["run"], "format": 3, "dynafault": "9.0"}}) + b"".join(written[1:]))
    with pytest.raises(EmulatorError, match=r"format 3, as dynafault 9\.0 writes it; this version reads up to 2"):
        read_journal(path)


def test_a_stranger_s_file_is_left_alone(path: Path) -> None:
    path.write_text("what I wrote yesterday")
    with pytest.raises(EmulatorError, match="is there already, and no journal"):
        JournalFile(path)
    assert path.read_text() == "what I wrote yesterday"


def test_answers_are_kept_byte_for_byte(start: Callable[..., Emulator], path: Path) -> None:
    emulator = start({**SCENARIO, "rules": []})
    writer = JournalWriter(path, emulator.rules.list)
    emulator.core.observe(writer)
    long = put("long", "x" * 10_000)
    get = orjson.dumps({"TableName": "orders", "Key": {"id": {"S": "long"}}})
    asked = {**HEADERS, "x-amz-target": "DynamoDB_20120810.GetItem", "accept-encoding": "gzip"}
    requests.post(emulator.url, headers=long.headers, data=long.body, timeout=PATIENCE)
    requests.post(emulator.url, headers=asked, data=get, timeout=PATIENCE)
    emulator.stop()
    writer.close()
    saved = read_journal(path).entries
    assert [entry.reply.body for entry in saved] == [entry.reply.body for entry in emulator.journal]
    assert saved[1].reply.body[:2] == b"\x1f\x8b"


# --- one writer, and so much room


def test_two_servers_do_not_share_a_file(path: Path) -> None:
    first = JournalFile(path)
    with pytest.raises(EmulatorError, match="another server writes its journal to"):
        JournalFile(path)
    first.close()
    JournalFile(path).close()


def test_the_second_server_is_refused(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--journal", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        first.stdout.readline()
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        first.send_signal(signal.SIGTERM)
    assert second.returncode
    assert f"another server writes its journal to {path} already" in second.stderr


def bounded(path: Path, most: int) -> tuple[EmulatorCore, GroupCommit]:
    file = JournalFile(path, most)
    commit = GroupCommit(file)
    core = EmulatorCore(SCENARIO)
    core.observe(Journals(file, commit.write).writer(core.rules.list))
    return core, commit


def test_a_bounded_journal_stays_within_its_room_and_says_what_it_lost(path: Path) -> None:
    core, commit = bounded(path, 100_000)
    for number in range(300):
        send(core, put(str(number), "x" * 500))
        done = threading.Event()
        if commit.when_written(done.set):
            assert done.wait(PATIENCE)
        assert path.stat().st_size + (earlier_file(path).stat().st_size if earlier_file(path).exists() else 0) <= 100_000
    commit.close()
    run = read_journal(path)
    assert run.scenario.name == "kept"
    assert run.entries[-1].id == 300
    assert 0 < len(run.entries) < 300
    assert run.dropped == 300 - len(run.entries)
    assert {rule.name: rule.fired for rule in run.rules} == {"first": 1}


def test_the_report_says_what_fell_out(path: Path) -> None:
    core, commit = bounded(path, 100_000)
    for number in range(300):
        send(core, put(str(number), "x" * 500))
    commit.close()
    said = subprocess.run([sys.executable, "-m", "emulator", "report", str(path)], capture_output=True, text=True, check=False)
    assert f"the journal does not have {read_journal(path).dropped} exchanges any more" in said.stdout


def test_sandboxes_are_in_the_file_by_name(path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--journal", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        requests.put(f"{url}/sandbox/ci-1/_emulator/scenario", data=orjson.dumps(SCENARIO), timeout=PATIENCE)
        assert [post(f"{url}/sandbox/ci-1", "a"), post(f"{url}/sandbox/ci-1", "a"), post(url, "a")] == [500, 200, 400]
        server.send_signal(signal.SIGTERM)
    assert [entry.reply.status for entry in read_journal(path).entries] == [400]
    inside = read_journal(path, "ci-1")
    assert (inside.scenario.name, [entry.reply.status for entry in inside.entries]) == ("kept", [500, 200])
    report = [sys.executable, "-m", "emulator", "report", str(path), "--sandbox"]
    assert "kept" in subprocess.run([*report, "ci-1"], capture_output=True, text=True, check=False).stdout
    missing = subprocess.run([*report, "ci-2"], capture_output=True, text=True, check=False)
    assert "has nothing of a sandbox 'ci-2'; the sandboxes in it: ci-1" in missing.stderr


# --- serving a run again


def replay(path: Path) -> Any:
    return read_journal(path).to_serve()


def with_items(tmp_path: Path, path: Path, count: int = 2) -> Path:
    items = tmp_path / "items.jsonl"
    items.write_text("".join(f'{{"id": "{number}", "text": "{"x" * 1000}"}}\n' for number in range(count)))
    scenario = tmp_path / "main.yaml"
    scenario.write_text("version: 1\ntables: [{name: orders, key: {id: S}, items: {file: items.jsonl}}]\n")
    core = EmulatorCore(scenario)
    writer = JournalWriter(path, core.rules.list)
    core.observe(writer)
    writer.close()
    return items


def test_items_of_files_are_served_again(tmp_path: Path, path: Path) -> None:
    with_items(tmp_path, path).unlink()
    assert len(replay(path).tables[0].items) == 2


def test_items_that_are_too_many_to_keep_are_those_of_the_file_or_none(tmp_path: Path, path: Path) -> None:
    items = with_items(tmp_path, path, 2_000)
    assert path.stat().st_size < 10_000
    assert len(replay(path).tables[0].items) == 2_000
    items.write_text('{"id": "other"}\n')
    with pytest.raises(EmulatorError, match=r"the items of .*items\.jsonl are not in the file, and not there as they were"):
        replay(path)
    assert read_journal(path).scenario.tables[0].name == "orders"


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_run_whose_rules_were_changed_is_not_served_with_others(path: Path, when: str) -> None:
    core = EmulatorCore(SCENARIO)
    writer = JournalWriter(path, core.rules.list)
    core.observe(writer)
    if when == "between":
        send(core, put("a"))
    core.rules.add({"name": "added", "when": {"operation": "Query"}, "fault": "InternalServerError"})
    send(core, put("a"))
    if when == "between":
        core.rules.remove("added")
        send(core, put("a"))
    writer.close()
    with pytest.raises(EmulatorError, match=r"rules were added, removed or switched while it ran \('added'\)"):
        replay(path)
    assert [rule.name for rule in read_journal(path).rules] == (["first", "added"] if when == "before" else ["first"])


def test_a_run_without_changes_is_served_again(written: list[bytes], path: Path) -> None:
    assert [rule.name for rule in replay(path).rules] == ["first"]


# --- disks that fail


class BadDisk:
    """A file that goes wrong at one of its calls: the real file otherwise. `most` is how many bytes a write takes."""

    def __init__(self, path: Path, fails_at: int, error: int, most: int = 10**9) -> None:
        self._file = open_raw(path)
        self._calls = 0
        self._fails_at = fails_at
        self._error = error
        self._most = most
        self.is_closed = False

    def _call(self) -> None:
        self._calls += 1
        if self._calls >= self._fails_at:
            raise OSError(self._error, os.strerror(self._error))

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int) -> bytes | None:
        self._call()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._call()
        return self._file.seek(offset, whence)

    def truncate(self, size: int) -> int:
        self._call()
        return self._file.truncate(size)

    def write(self, data: bytes | memoryview) -> int | None:
        self._call()
        return self._file.write(data[: self._most])

    def close(self) -> None:
        self.is_closed = True
        self._file.close()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_whichever_call_fails_the_emulator_lives_and_says_it_once(path: Path, error: int, capsys: Any) -> None:
    for fails_at in range(1, 30):
        path.unlink(missing_ok=True)
        earlier_file(path).unlink(missing_ok=True)
        disks: list[BadDisk] = []

        def opened(path: Path, fails_at: int = fails_at, disks: list[BadDisk] = disks) -> BadDisk:
            disks.append(BadDisk(path, fails_at, error, most=700))
            return disks[-1]

        core = EmulatorCore(SCENARIO)
        try:
            file = JournalFile(path, 16_000, opener=opened)
        except EmulatorError:
            # Refused at the start, as where the file cannot be opened
            assert fails_at == 1
            continue
        commit = GroupCommit(file)
        core.observe(Journals(file, commit.write).writer(core.rules.list))
        core.when_safe = commit.when_written
        statuses = [send(core, put(str(number))) for number in range(10)]
        commit.close()
        assert statuses == [500, *[200] * 9]
        said = capsys.readouterr().err
        assert said.count("ends here") <= 1
        assert ("ends here" in said) == any(disk._calls >= fails_at for disk in disks)
        assert all(disk.is_closed for disk in disks)
        for line in path.read_bytes().splitlines() if path.exists() else ():
            assert decoded(line) is not None or line == path.read_bytes().splitlines()[-1]


def test_short_writes_lose_nothing(path: Path) -> None:
    file = JournalFile(path, opener=lambda path: BadDisk(path, 10**9, errno.EIO, most=13))
    core = EmulatorCore(SCENARIO)
    core.observe(JournalWriter(file.write, core.rules.list))
    for number in range(5):
        send(core, put(str(number)))
    file.close()
    assert ids(path) == [1, 2, 3, 4, 5]


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Path]:
    """A pipe that nobody reads: it takes some bytes, then whoever writes is held."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    holding = os.open(pipe, os.O_RDWR)
    yield pipe
    os.close(holding)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_disk_that_holds_its_writers_holds_nobody_else(stuck: Path) -> None:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--journal", str(stuck)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        held = 0
        with requests.Session() as session:
            while held < 3:
                try:
                    request = put("a", "x" * 20_000)
                    session.post(url, headers=request.headers, data=request.body, timeout=0.5)
                except requests.exceptions.ReadTimeout:
                    held += 1
        assert requests.get(f"{url}/_emulator/health", timeout=PATIENCE).status_code == 200
        server.kill()


def test_a_full_disk_costs_the_journal_and_no_client(capfd: Any) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no full disk to try")
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--journal", "/dev/full"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        assert [post(url, "a"), post(url, "a")] == [400, 400]
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=PATIENCE)
    assert said.count("ends here: No space left on device") == 1
