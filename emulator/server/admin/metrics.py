"""The emulator's figures in Prometheus text: what the journal holds, and what the rules counted.

They are read off when they are asked for, so they cost nothing else; a journal that is cleared starts at nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from emulator.core import EmulatorCore

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(emulator: EmulatorCore) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(emulator))
    return generate_latest(registry)


class _Figures:
    def __init__(self, emulator: EmulatorCore) -> None:
        self._emulator = emulator

    def collect(self) -> Iterator[Metric]:
        emulator = self._emulator
        yield _exchanges(emulator)
        yield GaugeMetricFamily("dynafault_journal_dropped", "Exchanges that the journal had no room for.", emulator.journal.dropped)
        uptime = emulator.clock.monotonic() - emulator.started
        yield GaugeMetricFamily("dynafault_uptime_seconds", "Seconds since the emulator was made.", uptime)
        for name, what in (("matched", "Requests that a rule matched."), ("fired", "Requests that a rule struck.")):
            family = GaugeMetricFamily(f"dynafault_rule_{name}", what, labels=["rule"])
            for rule in emulator.rules.list():
                family.add_metric([rule.name], getattr(rule, name))
            yield family


def _exchanges(emulator: EmulatorCore) -> Metric:
    labels = ["service", "operation", "status", "error", "rule", "applied"]
    counts: Counter[tuple[str, ...]] = Counter()
    for entry in emulator.journal.entries():
        service = entry.call.service if entry.call else ""
        applied = "" if entry.applied is None else str(entry.applied).lower()
        counts[service, entry.operation, str(entry.reply.status), entry.error, entry.rule, applied] += 1
    family = GaugeMetricFamily("dynafault_exchanges", "Exchanges in the journal.", labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family
