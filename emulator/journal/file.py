"""The journal on disk, as JSON lines: written as exchanges happen, readable after a kill, good for the same report as the live one.

A run begins with a line that brings its scenario along. Then each exchange has a line when its answer is ready, another when that is
delivered, and a third where rules counted it, or were changed. Runs are appended; who reads gets the last one.

    {"run": {"format", "dynafault", "started", "seed", "since", "scenario": {"parameters", "texts": [{"file", "text", "depth", "scale",
        "items": [{"name", "path", "digest", "text"}]}]}}}
    {"exchange": {... as in the admin API ..., "wire": {...}}}
    {"delivered": {"id", "how", "first_byte", "ended", "sent"}}
    {"rules": [{"name", "matched", "fired", "enabled", "text"}]}

Each has two members more: `writer` says which lines are of one emulator, and `sandbox` of which sandbox that is, if it is one. In a file
that has taken the place of a fuller one, `since` is the first exchange that there ever was.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakSet

from emulator.faults import RuleReport
from emulator.journal.disk import JournalFile
from emulator.journal.exchange import Exchange, body_of
from emulator.journal.records import FORMAT, encoded
from emulator.journal.redaction import Redaction
from emulator.journal.saved import read_journal
from emulator.journal.secrets import shown_target
from emulator.scenario import ItemsFile, SavedText, Scenario
from emulator.scenario.hiding import hidden_text
from emulator.scenario.items_file import digest_of, text_of
from emulator.version import __version__

__all__ = ["JournalWriter", "Journals", "read_journal"]

# Bytes of a file of items that is kept with the scenario; of a larger one, only how to know it again
MAX_KEPT_ITEMS = 1024 * 1024
Rules = Callable[[], tuple[RuleReport, ...]]


class JournalWriter:
    """Writes down what happens in one emulator: an Observer. Given a path, it has that file for itself, and each line is with the
    operating system before the next thing happens; given a function, it hands its lines to that. `sandbox` names the sandbox, "" outside;
    `redaction` is what leaves values out of what it writes of scenarios and rules.

    Raises EmulatorError where the file cannot be had; where it can no longer be written, says so once on standard error and writes no
    more."""

    def __init__(self, path: Path | Callable[[bytes], None], rules: Rules, sandbox: str = "", redaction: Redaction | None = None) -> None:
        self._file: JournalFile | None = None
        if isinstance(path, Path):
            self._file = JournalFile(path)
            path = self._file.write
        self._write_line = path
        self._rules = rules
        self._redaction = redaction
        self._marks = {"writer": os.urandom(4).hex(), **({"sandbox": sandbox} if sandbox else {})}
        self._run: dict[str, Any] | None = None
        self._counted: tuple[RuleReport, ...] = ()
        self._since: int | None = None
        self._lock = threading.Lock()

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        """A run begins, or another scenario is loaded."""
        texts = [_saved_text(text, self._redaction) for text in scenario.texts]
        saved = {"parameters": dict(scenario.parameters), "texts": texts}
        run = {"format": FORMAT, "dynafault": __version__, "started": now, "seed": seed, "scenario": saved}
        with self._lock:
            self._run = run
            self._counted = tuple(RuleReport(rule.name, 0, 0, rule.enabled, rule.where, rule) for rule in scenario.rules)
            self._write({"run": run})

    def exchanged(self, entry: Exchange) -> None:
        if not entry.id:
            return
        rules = self._rules()
        with self._lock:
            if self._since is None:
                self._since = entry.id
            record = entry.to_json()
            self._write({"exchange": {**record, "wire": _wire(entry, record["response"]["body"])}})
            if rules != self._counted:
                self._counted = rules
                self._write({"rules": _counts(rules, self._redaction)})

    def delivered(self, entry: Exchange) -> None:
        delivery = entry.delivery
        how = {"how": delivery.how, "first_byte": delivery.first_byte, "ended": delivery.ended, "sent": delivery.sent}
        with self._lock:
            self._write({"delivered": {"id": entry.id, **how}})

    def heading(self) -> bytes:
        """The lines that another file has to begin with for it to be readable alone."""
        run, since = self._run, self._since
        if run is None:
            return b""
        lines: list[dict[str, Any]] = [
            {"run": run if since is None else {**run, "since": since}},
            {"rules": _counts(self._counted, self._redaction)},
        ]
        return b"".join(encoded({**line, **self._marks}) for line in lines)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _write(self, record: dict[str, Any]) -> None:
        self._write_line(encoded({**record, **self._marks}))


class Journals:
    """The writers of one file: of an emulator, and of its sandboxes. Whoever is gone needs no heading any more."""

    def __init__(self, file: JournalFile, write: Callable[[bytes], None]) -> None:
        file.heading = self._heading
        self._write = write
        self._lock = threading.Lock()
        self._writers: WeakSet[JournalWriter] = WeakSet()

    def writer(self, rules: Rules, sandbox: str = "", redaction: Redaction | None = None) -> JournalWriter:
        made = JournalWriter(self._write, rules, sandbox, redaction)
        with self._lock:
            self._writers.add(made)
        return made

    def _heading(self) -> bytes:
        with self._lock:
            return b"".join(writer.heading() for writer in self._writers)


def _saved_text(saved: SavedText, redaction: Redaction | None) -> dict[str, Any]:
    """`redacted`: it is not all that the scenario says. Files of items are not kept then."""
    items = [
        {"name": one.name, "path": one.path, "digest": one.digest, "text": _text_of(one) if redaction is None else None}
        for one in saved.items
    ]
    text = _hidden(saved.text, redaction)
    redacted = {"redacted": True} if text != saved.text else {}
    return {**redacted, "file": saved.file, "text": text, "depth": saved.depth, "scale": saved.scale, **({"items": items} if items else {})}


def _hidden(text: str, redaction: Redaction | None) -> str:
    return text if redaction is None else hidden_text(text, redaction.hides, redaction.number)


def _text_of(items: ItemsFile) -> str | None:
    """What a file of items says, unless it is large, or says something else by now."""
    if items.text is not None:
        return items.text
    try:
        path = Path(items.path)
        content = path.read_bytes() if path.stat().st_size <= MAX_KEPT_ITEMS else b""
    except OSError:
        return None
    return text_of(content) if digest_of(content) == items.digest else None


def _counts(rules: tuple[RuleReport, ...], redaction: Redaction | None) -> list[dict[str, Any]]:
    """`text` is what a rule was written as that came while the emulator ran."""
    return [
        {
            "name": rule.name,
            "matched": rule.matched,
            "fired": rule.fired,
            "enabled": rule.enabled,
            **({"text": _hidden(rule.rule.text, redaction)} if rule.rule.text else {}),
        }
        for rule in rules
    ]


def _wire(entry: Exchange, shown: Any) -> dict[str, Any]:
    """What a report needs of an exchange and the published form leaves out. Times are monotonic seconds. `answer` is the answer's body in
    base64 where it is not, byte for byte, what is `shown` of it."""
    request, call = entry.request, entry.call
    answer = entry.reply.body
    return {
        **({} if body_of(shown) == answer else {"answer": base64.b64encode(answer).decode()}),
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
