"""Runs the cases of an area on all endpoints and keeps the smallest case of each kind of difference.

Hypothesis draws and shrinks: a case that shows a difference not seen before raises an error of a type of its own, and hypothesis
makes the case as small as it can before it reports that type.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from oracle.cases import AREAS, DEFINITIONS, Case
from oracle.cases.tables import KEYS, OTHER_TABLES
from oracle.comparing import Difference, differences
from oracle.decisions import Decision
from oracle.endpoint import Answer, Endpoint, Request, filled

Bucket = tuple[str, str, str, str]
# As often a case that shows something new is tried in smaller forms, at most
_SHRINKING_ROUNDS = 8


@dataclass(slots=True)
class Finding:
    """A difference, the names of those who say `difference.theirs`, and the smallest case that shows it, up to that request."""

    difference: Difference
    peers: tuple[str, ...]
    case: Case
    said: Mapping[str, Answer]


@dataclass(slots=True)
class Findings:
    """`found` by bucket. `decided` counts the differences that a decision covers, by its place in the list; `alone` those that
    fewer endpoints show than are asked for."""

    found: dict[Bucket, Finding] = field(default_factory=dict)
    decided: Counter[int] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """`least`: the weight that must say the same against us for a difference to be listed. `requests` and `until` (by
    `time.monotonic()`): when to end, smaller forms of what has been found included."""

    requests: int
    until: float
    least: int = 1


class Explorer:
    """`ours` are servers of this emulator, one for each wording that may be spoken: where they say different things, the one that
    is nearer to the other endpoint counts. `weights` are those of the endpoints by name. `envelopes`: whether the words count that
    the service has put before many sentences since 2026."""

    def __init__(
        self,
        ours: Sequence[Endpoint],
        theirs: Sequence[Endpoint],
        decisions: Sequence[Decision],
        limits: Limits,
        *,
        weights: Mapping[str, int],
        envelopes: bool,
    ) -> None:
        self._endpoints = [*ours, *theirs]
        self._ours = [endpoint.name for endpoint in ours]
        self._theirs = [endpoint.name for endpoint in theirs]
        self._decisions = decisions
        self._limits = limits
        self._weights = weights
        self._envelopes = envelopes
        self._pool = ThreadPoolExecutor(len(self._endpoints))
        self.findings = Findings()

    @property
    def is_done(self) -> bool:
        return self.findings.requests >= self._limits.requests or time.monotonic() > self._limits.until

    def prepare(self) -> None:
        """Make the tables that cases work on. Raises RuntimeError where an endpoint refuses one, or where one that we have not
        started has a table of such a name: it is somebody's, and would be emptied."""
        for endpoint in self._endpoints:
            if endpoint.restart is None:
                _refuse_strangers(endpoint)
        for endpoint in self._endpoints:
            _prepare(endpoint)

    def leave(self) -> None:
        """Take the tables away from the endpoints that live on."""
        for endpoint in self._endpoints:
            if endpoint.restart is None:
                for table in KEYS:
                    _is_gone(endpoint, table)
        self._pool.shutdown()

    def explore(self, area: str, *, examples: int, seed: int, shrink: bool = True) -> None:
        """Try so many cases of an area, and, if asked to, shrink what they show."""
        known: set[Bucket] = set(self.findings.found)

        @hypothesis.seed(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            print_blob=False,
        )
        @given(AREAS[area]())
        def run(case: Case) -> None:
            if self.is_done:
                return
            bucket = self._try(case, known)
            if bucket is not None and shrink:
                raise _error_for(bucket)

        for _ in range(_SHRINKING_ROUNDS):
            try:
                run()
            except BaseException as error:
                if not _is_difference(error):
                    raise
            if not shrink or known == self.findings.found.keys() or self.is_done:
                return
            known |= self.findings.found.keys()

    def _try(self, case: Case, known: set[Bucket]) -> Bucket | None:
        """The bucket of the case's first listed difference that is none of the known ones."""
        self.findings.cases += 1
        self.findings.requests += len(case)
        given = dict(zip([end.name for end in self._endpoints], self._pool.map(lambda end: _run(end, case), self._endpoints), strict=True))
        in_step = self._theirs
        new = None
        for place, request in enumerate(case):
            said = {name: answers[place] for name, answers in given.items()}
            found = {name: self._nearest(request, said, said[name]) for name in in_step}
            agreeing = {name for name in in_step if not found[name]}
            shown = {name: self._undecided(name, request, found[name], agreeing) for name in in_step}
            for difference, names in [*self._own(request, said), *self._listed(shown)]:
                self._keep(Finding(difference, names, case[: place + 1], said))
                if difference.bucket not in known:
                    new = new or difference.bucket
            # Whoever answers otherwise may hold other data from here on
            in_step = [name for name in in_step if said[name].status == said[self._ours[0]].status and not shown[name]]
        return new

    def _nearest(self, request: Request, said: Mapping[str, Answer], theirs: Answer) -> list[Difference]:
        found = [differences(request, said[name], theirs, envelopes=self._envelopes) for name in self._ours]
        return min(found, key=len)

    def _undecided(self, peer: str, request: Request, found: Sequence[Difference], agreeing: Collection[str]) -> list[Difference]:
        open_ones = []
        for difference in found:
            covering = (place for place, decision in enumerate(self._decisions, 1) if decision.covers(peer, difference, request, agreeing))
            place = next(covering, None)
            if place is None:
                open_ones.append(difference)
            else:
                self.findings.decided[place] += 1
        return open_ones

    def _own(self, request: Request, said: Mapping[str, Answer]) -> list[tuple[Difference, tuple[str, ...]]]:
        """Failures of this emulator, whatever the others say, and what its wordings do not agree on besides words."""
        first = said[self._ours[0]]
        if not 0 < first.status < 500:
            return [(Difference(request.operation, "our own failure", f"{first.status} {first.message}", ""), ())]
        others = [name for name in self._ours[1:] if (said[name].status, said[name].kind) != (first.status, first.kind)]
        return [(Difference(request.operation, "our own wordings", str(first), str(said[name])), (name,)) for name in others]

    def _listed(self, shown: Mapping[str, Sequence[Difference]]) -> list[tuple[Difference, tuple[str, ...]]]:
        """The differences that enough of them share, each with who does."""
        by_bucket: dict[Bucket, list[str]] = defaultdict(list)
        examples: dict[Bucket, Difference] = {}
        for name, found in shown.items():
            for difference in found:
                if name not in by_bucket[difference.bucket]:
                    by_bucket[difference.bucket].append(name)
                examples.setdefault(difference.bucket, difference)
        listed = []
        for bucket, names in by_bucket.items():
            if sum(self._weights[name] for name in names) >= self._limits.least:
                listed.append((examples[bucket], tuple(names)))
            else:
                self.findings.alone.update(names)
        return listed

    def _keep(self, finding: Finding) -> None:
        bucket = finding.difference.bucket
        old = self.findings.found.get(bucket)
        if old is None or _weight(finding.case) < _weight(old.case):
            self.findings.found[bucket] = finding


def _run(endpoint: Endpoint, case: Case) -> list[Answer]:
    """Its answers; once it has fallen over, no more of them, and it begins anew for the next case."""
    answers: list[Answer] = []
    for request in case:
        answers.append(endpoint.ask(filled(request, answers)))
        if answers[-1].status == 0:
            break
    else:
        _clear(endpoint, case)
        return answers
    _begin_anew(endpoint)
    return answers + [Answer(0)] * (len(case) - len(answers))


def _refuse_strangers(endpoint: Endpoint) -> None:
    there = [table for table in (*KEYS, *OTHER_TABLES) if endpoint.ask(Request("DescribeTable", {"TableName": table})).status == 200]
    if there:
        raise RuntimeError(
            f"{endpoint.name} has tables of the names that the cases use: {', '.join(there)}; nothing has been changed there"
        )


def _begin_anew(endpoint: Endpoint) -> None:
    if endpoint.restart is not None:
        endpoint.restart()
        _prepare(endpoint)


def _is_gone(endpoint: Endpoint, table: str) -> bool:
    """Delete a table. A few get stuck on the way."""
    _settled(endpoint, table)
    endpoint.ask(Request("DeleteTable", {"TableName": table}))
    _settled(endpoint, table)
    return endpoint.ask(Request("DescribeTable", {"TableName": table})).status != 200


def _prepare(endpoint: Endpoint) -> None:
    for table in KEYS:
        _remake(endpoint, table)


def _remake(endpoint: Endpoint, table: str) -> None:
    (params,) = [params for params in DEFINITIONS if params["TableName"] == table]
    endpoint.ask(Request("DeleteTable", {"TableName": table}))
    _settled(endpoint, table)
    answer = endpoint.ask(Request("CreateTable", params))
    if answer.status != 200:
        raise RuntimeError(f"{endpoint.name} refuses table '{table}': {answer.kind} {answer.message}")
    _settled(endpoint, table)


def _clear(endpoint: Endpoint, case: Case) -> None:
    """Empty the tables that a case may have written to, and delete those that it made."""
    for table in [name for name in KEYS if any(f'"{name}"' in json.dumps(request.params, default=str) for request in case)]:
        for item in endpoint.ask(Request("Scan", {"TableName": table})).body.get("Items", []):
            key = {name: item[name] for name in KEYS[table] if name in item}
            # Some take items without a key, and then cannot delete them
            if endpoint.ask(Request("DeleteItem", {"TableName": table, "Key": key})).status != 200 or len(key) < len(KEYS[table]):
                _remake(endpoint, table)
                break
    made = [request.params.get("TableName") for request in case if request.operation == "CreateTable"]
    for name in made:
        if isinstance(name, str) and name not in KEYS and not _is_gone(endpoint, name):
            _begin_anew(endpoint)


def _settled(endpoint: Endpoint, table: str) -> None:
    """Wait until a table is there, or not there: some endpoints take their time whatever they are told."""
    for _ in range(40):
        status = endpoint.ask(Request("DescribeTable", {"TableName": table})).body.get("Table", {}).get("TableStatus", "ACTIVE")
        if status == "ACTIVE":
            return
        time.sleep(0.05)


class _Shown(Exception):
    """A difference of one bucket; each bucket has a subclass of its own."""


_error_types: dict[Bucket, type[_Shown]] = {}


def _error_for(bucket: Bucket) -> _Shown:
    return _error_types.setdefault(bucket, type("Shown", (_Shown,), {}))(bucket)


def _is_difference(error: BaseException) -> bool:
    """Several at once come as a group; a difference that does not come again is hypothesis's own error, and no harm."""
    if isinstance(error, (_Shown, hypothesis.errors.Flaky)):
        return True
    inner: Sequence[Any] = getattr(error, "exceptions", ())
    return bool(inner) and all(_is_difference(part) for part in inner)


def _weight(case: Case) -> tuple[int, int]:
    return len(case), len(json.dumps([request.params for request in case], default=str))
