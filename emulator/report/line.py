"""One exchange as one line: what `dynafault serve --log` prints, and `dynafault watch`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emulator.aws.errors import CATALOGUE, Retry
from emulator.scenario.phrases import printable

_THROTTLING = frozenset(name for (_, name), spec in CATALOGUE.items() if spec.retry is Retry.THROTTLING)


def exchange_line(record: Mapping[str, Any]) -> str:
    """The line of an exchange in its published form, with the time of this machine: `13:04:05.123 PutItem orders  attempt 2  400
    ThrottlingException  rule throttle  not applied  0.8 ms  Boto3/1.44.8`."""
    at = datetime.fromtimestamp(record["time"]).strftime("%H:%M:%S.%f")[:-3]
    what = " ".join([record["operation"] or "(no operation)", *record["tables"]])
    parts = [f"{at} {what}", _attempt(record), f"{record['status']} {record['error'] or 'ok'}", _rule(record), _written(record)]
    parts += [_upstream(record), _delivery(record), record["client"]]
    return printable("  ".join(part for part in parts if part))


def kind_of(record: Mapping[str, Any]) -> str:
    """What happened, in a word: ok, throttled, failed, lost (applied, and its client does not know), cut."""
    if record["applied"] is True and (record["error"] or record["delivery"] not in ("sent", "pending")):
        return "lost"
    if record["delivery"] not in ("sent", "pending"):
        return "cut"
    if record["error"]:
        return "throttled" if record["error"] in _THROTTLING else "failed"
    return "ok"


def _attempt(record: Mapping[str, Any]) -> str:
    attempt, tries = record["attempt"], record["try"]
    if attempt is None:
        return "attempt ?"
    told = f"attempt {attempt}" if attempt > 1 else ""
    return told if tries in (None, attempt) else f"{told} try {tries}".strip()


def _rule(record: Mapping[str, Any]) -> str:
    return f"rule {record['rule']} ({record['fault']})" if record["rule"] else ""


def _written(record: Mapping[str, Any]) -> str:
    if record["applied"] is None or (record["applied"] is True and not record["error"]):
        return ""
    return {True: "applied", False: "not applied"}.get(record["applied"], "perhaps applied")


def _upstream(record: Mapping[str, Any]) -> str:
    found = record.get("upstream")
    return "" if found is None or found["how"] == "answered" else f"upstream {found['how']}"


def _delivery(record: Mapping[str, Any]) -> str:
    took = record["duration_ms"]
    how = "" if record["delivery"] == "sent" else record["delivery"]
    return " ".join(part for part in (how, "" if took is None else f"{took:g} ms") if part)
