"""The journals of several emulators that stood in front of one service, as the journal of one run.

Each has a monotonic clock, numbers and calls of its own. Their exchanges are put on the wall clock, in the order in which they came, and
told apart anew: which request is which attempt of which call shows only where all of them are together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from emulator.aws.errors import EmulatorError
from emulator.journal.exchange import Exchange
from emulator.journal.saved import Counts, SavedRun
from emulator.journal.tracking import CallTracker
from emulator.journal.writes import key_names_of

# Connections are numbered from 1 in each journal
_CONNECTIONS = 2**32


def merge_runs(runs: Mapping[str, SavedRun]) -> SavedRun:
    """The run that several make together, by the names of their files. Raises EmulatorError where they are of different scenarios."""
    (first_name, first), *others = runs.items()
    for name, run in others:
        if _said(run) != _said(first):
            raise EmulatorError(f"{first_name} and {name} are of different scenarios; a report is about one")
    warnings = list(chain.from_iterable(run.warnings for run in runs.values()))
    if len({run.seed for run in runs.values()}) > 1:
        warnings.append(f"the journals have different seeds; the report names that of {first_name}: give all emulators the same --seed")
    return replace(
        first,
        started=min(run.started for run in runs.values()),
        entries=_told_apart(sorted(chain.from_iterable(map(_on_the_wall, runs.values(), range(len(runs)))), key=_arrival)),
        counts=_sums(run.counts for run in runs.values()),
        added={name: rule for run in runs.values() for name, rule in run.added.items()},
        dropped=sum(run.dropped for run in runs.values()),
        warnings=warnings,
        changes=list(dict.fromkeys(chain.from_iterable(run.changes for run in runs.values()))),
    )


def _said(run: SavedRun) -> tuple[object, ...]:
    """What a run's scenario says, wherever its files were."""
    return tuple(saved.text for saved in run.scenario.texts), tuple(sorted(map(str, run.scenario.parameters.items())))


def _sums(counts: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for rules in counts:
        for name, (matched, fired, enabled) in rules.items():
            before = found.get(name, (0, 0, enabled))
            found[name] = (before[0] + matched, before[1] + fired, enabled)
    return found


def _arrival(entry: Exchange) -> float:
    return entry.request.arrived


def _on_the_wall(run: SavedRun, number: int) -> list[Exchange]:
    """The exchanges of a journal with all their times in seconds since 1970. An exchange is dated as soon as its answer is made: the one
    that took least says how far the clocks are apart."""
    if not run.entries:
        return []
    offset = min(entry.time - entry.request.arrived for entry in run.entries)
    return [_moved(entry, offset, number) for entry in run.entries]


def _moved(entry: Exchange, offset: float, number: int) -> Exchange:
    request = replace(
        entry.request,
        arrived=entry.request.arrived + offset,
        connection=entry.request.connection + number * _CONNECTIONS if entry.request.connection else 0,
    )
    delivery = replace(
        entry.delivery,
        first_byte=None if entry.delivery.first_byte is None else entry.delivery.first_byte + offset,
        ended=None if entry.delivery.ended is None else entry.delivery.ended + offset,
    )
    return entry._replace(request=request, delivery=delivery, call=None if entry.call is None else replace(entry.call, request=request))


def _told_apart(entries: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges with new numbers, and with their places among all."""
    names = key_names_of(entries)
    tracker = CallTracker(lambda call, table: names.get(table))
    events = [(entry.request.arrived, 1, place) for place, entry in enumerate(entries)]
    # Who ends as another begins has ended before
    events += [(entry.ended, 0, place) for place, entry in enumerate(entries) if entry.ended is not None]
    found = [entry._replace(id=number) for number, entry in enumerate(entries, 1)]
    for _, begins, place in sorted(events):
        entry = found[place]
        if entry.call is None:
            continue
        if begins:
            call_id, attempt, work, tries, _ = tracker.arrived(entry.call)
            found[place] = entry._replace(call_id=call_id, attempt=attempt, work=work, tries=tries)
        else:
            tracker.ended(entry)
    return found
