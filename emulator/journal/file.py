"""The journal on disk, as JSON lines: written as exchanges happen, readable after a kill, good for the same report as the live one.

A run begins with a line that brings its scenario along. Then each exchange has a line when its answer is ready, another when that is
delivered, and a third where rules counted it. Runs are appended; who reads gets the last one.

    {"run": {"dynafault", "started", "seed", "scenario": {"parameters", "texts": [{"file", "text", "depth", "scale"}]}}}
    {"exchange": {... as in the admin API ..., "wire": {...}}}
    {"delivered": {"id", "how", "first_byte", "ended", "sent"}}
    {"rules": [{"name", "matched", "fired", "enabled"}]}
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from emulator.aws.errors import EmulatorError
from emulator.faults import RuleReport
from emulator.journal import Delivery, Exchange
from emulator.journal.secrets import shown_target
from emulator.messages import Call, HttpReply, HttpRequest, Written
from emulator.scenario import SavedText, Scenario, load_saved
from emulator.version import __version__


class JournalWriter:
    """Appends to a file; each line is handed to the operating system before the next thing happens. Raises EmulatorError where the
    file cannot be opened; where it can no longer be written, says so once on standard error and writes no more."""

    def __init__(self, path: Path, rules: Callable[[], tuple[RuleReport, ...]]) -> None:
        try:
            self._file: BinaryIO | None = path.open("ab", buffering=0)
        except OSError as error:
            raise EmulatorError(f"cannot write the journal to {path}: {error.strerror}") from None
        self._path = path
        self._rules = rules
        self._matched = 0
        self._lock = threading.Lock()

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        """A run begins, or another scenario is loaded."""
        texts = [{"file": text.file, "text": text.text, "depth": text.depth, "scale": text.scale} for text in scenario.texts]
        saved = {"parameters": dict(scenario.parameters), "texts": texts}
        self._matched = 0
        self._write({"run": {"dynafault": __version__, "started": now, "seed": seed, "scenario": saved}})

    def exchanged(self, entry: Exchange) -> None:
        self._write({"exchange": {**entry.to_json(), "wire": _wire(entry)}})
        rules = self._rules()
        matched = sum(rule.matched for rule in rules)
        if matched != self._matched:
            self._matched = matched
            counts = [{"name": rule.name, "matched": rule.matched, "fired": rule.fired, "enabled": rule.enabled} for rule in rules]
            self._write({"rules": counts})

    def delivered(self, entry: Exchange) -> None:
        delivery = entry.delivery
        how = {"how": delivery.how, "first_byte": delivery.first_byte, "ended": delivery.ended, "sent": delivery.sent}
        self._write({"delivered": {"id": entry.id, **how}})

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, record: dict[str, Any]) -> None:
        line = orjson.dumps(record) + b"\n"
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.write(line)
            except OSError as error:
                self._file = None
                print(f"dynafault: the journal {self._path} ends here: {error.strerror}", file=sys.stderr)


def _wire(entry: Exchange) -> dict[str, Any]:
    """What a report needs of an exchange and the published form leaves out. Times are monotonic seconds."""
    request, call = entry.request, entry.call
    return {
        "method": request.method,
        "target": shown_target(request.target),
        "connection": request.connection,
        "peer": request.peer,
        "arrived": request.arrived,
        "late": request.late,
        "access_key": call.access_key if call else "",
        "account": call.account if call else "",
        "key_names": None if entry.key_names is None else {table: list(names) for table, names in entry.key_names.items()},
    }


@dataclass(slots=True)
class SavedRun:
    """A run as its journal file tells it. `counts` are (matched, fired, enabled) of rules by name."""

    scenario: Scenario = field(default_factory=Scenario)
    seed: int = 0
    started: float = 0.0
    entries: list[Exchange] = field(default_factory=list)
    counts: dict[str, tuple[int, int, bool]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[RuleReport, ...]:
        """The scenario's rules with what they counted. Rules that came at run time are not in the file."""
        return tuple(
            RuleReport(rule.name, *self.counts.get(rule.name, (0, 0, rule.enabled)), rule.where, rule) for rule in self.scenario.rules
        )


def read_journal(path: Path) -> SavedRun:
    """The last run in a journal file. A last line that was cut off is left out. Raises EmulatorError for a file that is no journal."""
    run: SavedRun | None = None
    by_id: dict[int, Exchange] = {}
    for number, record in _records(path):
        try:
            if "run" in record:
                run = _run(record["run"], run)
            elif run is None:
                raise KeyError("run")
            elif "exchange" in record:
                entry = _entry(record["exchange"])
                run.entries.append(entry)
                by_id[entry.id] = entry
            elif "delivered" in record:
                _deliver(by_id[record["delivered"]["id"]], record["delivered"])
            elif "rules" in record:
                run.counts = {rule["name"]: (rule["matched"], rule["fired"], rule["enabled"]) for rule in record["rules"]}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise EmulatorError(f"{path}:{number}: not a line of a dynafault journal ({error!r})") from None
    if run is None:
        raise EmulatorError(f"{path} has no run in it; a journal is written by 'dynafault serve --journal FILE'")
    return run


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise EmulatorError(f"cannot read {path}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            record = orjson.loads(line) if line else None
        except orjson.JSONDecodeError:
            if number == len(lines):
                return
            raise EmulatorError(f"{path}:{number}: not a line of a dynafault journal (no JSON)") from None
        if isinstance(record, dict):
            yield number, record


def _run(record: dict[str, Any], before: SavedRun | None) -> SavedRun:
    """A server's own journal goes on when it loads another scenario; a server that starts again starts a journal of its own."""
    saved = record["scenario"]
    scenario = load_saved((SavedText(**text) for text in saved["texts"]), saved["parameters"])
    goes_on = before is not None and before.started == record["started"]
    return SavedRun(scenario, record["seed"], record["started"], before.entries if before is not None and goes_on else [])


def _entry(record: dict[str, Any]) -> Exchange:
    wire = record["wire"]
    body = record["request"]["body"]
    request = HttpRequest(
        wire["method"],
        wire["target"],
        record["request"]["headers"],
        _bytes(body),
        wire["connection"],
        wire["peer"],
        wire["arrived"],
        late=wire.get("late"),
    )
    reply = HttpReply(record["status"], list(record["response"]["headers"].items()), _bytes(record["response"]["body"]))
    call = _call(record, request, body) if record["operation"] else None
    names = wire["key_names"]
    return Exchange(
        record["id"],
        record["time"],
        request,
        call,
        reply,
        Delivery(),
        call_id=record["call"],
        attempt=record["attempt"] or 0,
        work=record["work"] or "",
        tries=record["try"] or 0,
        rule=record["rule"] or "",
        fault=record["fault"] or "",
        error=record["error"] or "",
        written=_written(record),
        key_names=None if names is None else {table: tuple(found) for table, found in names.items()},
        bug=record.get("bug", ""),
    )


def _written(record: dict[str, Any]) -> Written | None:
    if record["applied"] is None:
        return None
    written = record["written"]
    keys = [(table, orjson.dumps(key).decode()) for table, found in written["items"].items() for key in found]
    return Written(tuple(keys), written["other"], written["replayed"], known=record["applied"] != "unknown")


def _call(record: dict[str, Any], request: HttpRequest, body: Any) -> Call:
    return Call(
        record["service"],
        record["operation"],
        body if isinstance(body, dict) else {},
        tuple(record["tables"]),
        record["region"],
        record["wire"]["account"],
        record["wire"]["access_key"],
        record["invocation"],
        request,
    )


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else orjson.dumps(body)


def _deliver(entry: Exchange, record: dict[str, Any]) -> None:
    delivery = entry.delivery
    delivery.how, delivery.first_byte, delivery.ended, delivery.sent = record["how"], record["first_byte"], record["ended"], record["sent"]
