"""Reads the file of a journal: as much of its last run as is whole."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.faults import RuleReport
from emulator.journal.disk import earlier_file
from emulator.journal.exchange import Delivery, Exchange, body_of
from emulator.journal.records import FORMAT, Line, read_lines
from emulator.messages import Call, HttpReply, HttpRequest, Upstream, Written
from emulator.scenario import ItemsFile, Rule, SavedText, Scenario, load_rule, load_saved
from emulator.scenario.items_file import MAX_BYTES, digest_of, text_of

_MALFORMED = (KeyError, TypeError, AttributeError, ValueError)
_MAX_NAMED = 5
Counts = tuple[int, int, bool]


@dataclass(slots=True)
class SavedRun:
    """A run as its journal file tells it. `counts` are (matched, fired, enabled) of rules by name; `added` are the rules that came while it
    ran and can be read again. `dropped`: how many of its exchanges are not in the file any more. `warnings`: which parts of the file could
    not be read. `changes`: which parts of the run its scenario does not tell, so that it cannot be repeated."""

    scenario: Scenario = field(default_factory=Scenario)
    seed: int = 0
    started: float = 0.0
    entries: list[Exchange] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    added: dict[str, Rule] = field(default_factory=dict)
    dropped: int = 0
    warnings: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def rules(self) -> tuple[RuleReport, ...]:
        """The rules at the end, with what they counted. One that came at run time as no text is not among them."""
        known = {**{rule.name: rule for rule in self.scenario.rules}, **self.added}
        names = self.counts or known
        return tuple(
            RuleReport(name, *self.counts.get(name, (0, 0, known[name].enabled)), known[name].where, known[name])
            for name in names
            if name in known
        )

    def to_serve(self) -> Scenario:
        """Its scenario with its seed, so that the same requests get the same decisions. Raises EmulatorError where the file does not hold
        all of it."""
        missing = [f"the items of {name} are not in the file, and not there as they were" for name in self.scenario.beside]
        reasons = [*self.changes, *missing]
        if reasons:
            raise EmulatorError(f"this run cannot be served again: {'; '.join(reasons)}")
        return replace(self.scenario, seed=self.seed)


class _Run:
    """The records of one writer, as far as they have been read."""

    def __init__(self, writer: str | None) -> None:
        self.writer = writer
        self.head: dict[str, Any] | None = None
        self.entries: dict[int, Exchange] = {}
        # The exchanges that some record is about, whether or not their own are there
        self._known: tuple[int, int] | None = None
        self.rules: list[dict[str, Any]] | None = None
        self.changed: set[str] = set()
        self._switched: dict[str, bool] | None = None

    def take(self, record: dict[str, Any]) -> None:
        """Raises one of _MALFORMED for what is no record."""
        if "exchange" in record:
            entry = _entry(record["exchange"])
            self.entries[entry.id] = entry
            self._know(entry.id)
        elif "delivered" in record:
            delivered = record["delivered"]
            found = self.entries.get(delivered["id"])
            self._know(delivered["id"])
            if found is not None:
                _deliver(found, delivered)
        elif "rules" in record:
            self.rules = [{**rule, "counts": (rule["matched"], rule["fired"], rule["enabled"])} for rule in record["rules"]]
            self._note_changes({rule["name"]: rule["enabled"] for rule in self.rules})

    def _know(self, number: int) -> None:
        first, last = self._known or (number, number)
        self._known = min(first, number), max(last, number)

    def begin(self, head: dict[str, Any]) -> None:
        self.head = {"started": head["started"], "seed": head["seed"], "scenario": head["scenario"], **head}
        self._switched = None
        self.changed.clear()

    def _note_changes(self, switched: dict[str, bool]) -> None:
        """Which rules have come, gone or been switched. What the scenario itself says is compared at the end."""
        before = self._switched
        self._switched = switched
        if before is not None:
            self.changed.update(name for name in {**before, **switched} if before.get(name) != switched.get(name))

    def saved(self, warnings: list[str]) -> SavedRun:
        """Raises ScenarioError where the scenario is none of this version's."""
        if self.head is None:
            warnings.append("the record of the run's beginning is damaged, so nothing is known of its scenario")
        head = self.head or {"started": 0.0, "seed": 0, "scenario": {"texts": [], "parameters": {}}}
        if head.get("format", 1) > FORMAT:
            writer = f"dynafault {head.get('dynafault')}"
            raise EmulatorError(f"the journal has format {head['format']}, as {writer} writes it; this version reads up to {FORMAT}")
        scenario = load_saved((_text(text) for text in head["scenario"]["texts"]), head["scenario"]["parameters"])
        entries = list(self.entries.values())
        first, last = self._known or (1, 0)
        dropped = last + 1 - head.get("since", first) - len(entries)
        run = SavedRun(scenario, head["seed"], head["started"], entries, dropped=max(0, dropped), warnings=warnings)
        for rule in self.rules or ():
            run.counts[rule["name"]] = rule["counts"]
            if rule.get("text"):
                # One of another version's language has its counts lost, not the report
                with suppress(EmulatorError):
                    run.added[rule["name"]] = load_rule(rule["text"] + "\n")
        run.changes = self._changes(scenario)
        return run

    def _changes(self, scenario: Scenario) -> list[str]:
        if self.head is None:
            return ["its scenario is damaged"]
        hidden = any(text.get("redacted") for text in self.head["scenario"]["texts"])
        if hidden:
            return ["values were left out of its scenario (--redact)"]
        declared = {rule.name: rule.enabled for rule in scenario.rules}
        now = declared if self._switched is None else self._switched
        names = sorted(self.changed | {name for name in {**declared, **now} if declared.get(name) != now.get(name)})
        if not names:
            return []
        shown = ", ".join(f"'{name}'" for name in names[:_MAX_NAMED])
        more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
        return [f"rules were added, removed or switched while it ran ({shown}{more}), which its scenario does not tell"]


class _Reader:
    """Sorts the records of a file by who wrote them, and keeps the last run of the emulator that is wanted."""

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox
        self.run: _Run | None = None
        self.sandboxes: set[str] = set()
        self.damaged: list[int] = []
        self.torn = False

    def take(self, line: Line) -> None:
        if line.record is None:
            if line.torn:
                self.torn = True
            else:
                self.damaged.append(line.number)
            return
        try:
            self._take(line.record)
        except _MALFORMED:
            self.damaged.append(line.number)

    def _take(self, record: dict[str, Any]) -> None:
        sandbox, writer = record.get("sandbox", ""), record.get("writer")
        if sandbox:
            self.sandboxes.add(sandbox)
        if sandbox != self._sandbox:
            return
        run = self.run
        if "run" in record:
            # A server's own journal goes on when it loads another scenario; a server that starts again starts a journal of its own
            if run is None or writer != run.writer or (writer is None and _started(run) != record["run"]["started"]):
                run = _Run(writer)
            run.begin(record["run"])
            self.run = run
            return
        if run is None or run.writer != writer:
            run = _Run(writer)
        run.take(record)
        self.run = run


def _started(run: _Run) -> Any:
    return None if run.head is None else run.head["started"]


def read_journal(path: Path, sandbox: str = "") -> SavedRun:
    """The last run in a journal file, or the last of a sandbox, as far as it is whole: `warnings` say what is not. Raises EmulatorError for
    a file that is no journal, has nothing of that sandbox, or is of a newer format, ScenarioError for a scenario that is none any more."""
    reader = _Reader(sandbox)
    earlier = earlier_file(path)
    for line in chain(read_lines(earlier) if earlier.is_file() else (), read_lines(path)):
        reader.take(line)
    if reader.run is None:
        raise EmulatorError(_nothing(path, sandbox, reader))
    try:
        return reader.run.saved(list(_warnings(path, reader)))
    except _MALFORMED as error:
        if isinstance(error, EmulatorError):
            raise
        raise EmulatorError(f"{path}: the record of the run's beginning is no such record ({error!r})") from None


def _nothing(path: Path, sandbox: str, reader: _Reader) -> str:
    if sandbox:
        there = ", ".join(sorted(reader.sandboxes)) or "none"
        return f"{path} has nothing of a sandbox '{sandbox}'; the sandboxes in it: {there}"
    if reader.damaged or reader.torn:
        return f"{path}:{next(iter(reader.damaged), 1)}: not a line of a dynafault journal, nor is any other that would matter"
    return f"{path} has no run in it; a journal is written by 'dynafault serve --journal FILE'"


def _warnings(path: Path, reader: _Reader) -> Iterator[str]:
    if reader.damaged:
        count = len(reader.damaged)
        lines = ", ".join(map(str, reader.damaged[:_MAX_NAMED])) + (", ..." if count > _MAX_NAMED else "")
        yield f"{path}: {count} damaged record{'s are' if count > 1 else ' is'} left out (line {lines})"
    if reader.torn:
        yield f"{path}: the last record was not written to its end, and is left out"


def _text(record: dict[str, Any]) -> SavedText:
    items = tuple(_known_again(ItemsFile(**one)) for one in record.get("items", ()))
    return SavedText(record["file"], record["text"], record["depth"], record["scale"], items)


def _known_again(items: ItemsFile) -> ItemsFile:
    """With what the file says, if that was kept, or is still there as it was."""
    if items.text is not None:
        return items
    try:
        path = Path(items.path)
        content = path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_BYTES else b""
    except (OSError, ValueError):
        return items
    return replace(items, text=text_of(content)) if digest_of(content) == items.digest else items


def _entry(record: dict[str, Any]) -> Exchange:
    wire = record["wire"]
    body = record["request"]["body"]
    request = HttpRequest(
        wire["method"],
        wire["target"],
        record["request"]["headers"],
        body_of(body),
        wire["connection"],
        wire["peer"],
        wire["arrived"],
        late=wire.get("late"),
    )
    exact = wire.get("answer")
    answer = body_of(record["response"]["body"]) if exact is None else base64.b64decode(exact)
    reply = HttpReply(record["status"], list(record["response"]["headers"].items()), answer)
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
        upstream=_upstream(record.get("upstream")),
    )


def _upstream(record: dict[str, Any] | None) -> Upstream | None:
    return None if record is None else Upstream(record["how"], record["duration_ms"] / 1000)


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


def _deliver(entry: Exchange, record: dict[str, Any]) -> None:
    delivery = entry.delivery
    delivery.how, delivery.first_byte, delivery.ended, delivery.sent = record["how"], record["first_byte"], record["ended"], record["sent"]
