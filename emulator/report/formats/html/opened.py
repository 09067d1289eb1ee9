"""The opened row of a call in the report: each attempt with its story, both messages, and why rules fired for it or did not.

A report may have a hundred thousand calls, so only the calls that matter most can be opened, up to a bound on their bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import orjson

from emulator.audit import JudgedCall
from emulator.faults.explaining import Explainer, Explanation
from emulator.journal import Exchange, readable
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.journal.secrets import shown_headers, shown_target
from emulator.report.facts import Facts
from emulator.report.fates import FATES, fate_of
from emulator.report.formats.html.scale import duration
from emulator.report.sentences import plan_text, story_of

# Characters of all rows together
MAX_OPENED = 6_000_000
_MAX_BODY = 4_000
_MAX_ATTEMPTS = 12
_MAX_RULES = 8
# With more rules than this, explaining each of them for each request would take longer than the run
_MAX_EXPLAINED = 100


def opened_rows(report: Facts, named: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The markup for calls by their ids: those that something is said of (`named`), then failed, retried and faulted ones, then the rest,
    as long as there is room."""
    calls = sorted(
        report.evidence.everything, key=lambda call: (call.id not in named, not call.failed, call.attempts == 1, not _is_faulted(call))
    )
    explain = _Explaining(report)
    found: dict[str, str] = {}
    room = MAX_OPENED
    for call in calls:
        markup = _opened(call, report, explain)
        room -= len(markup)
        if room < 0:
            break
        found[call.id] = markup
    return found


def _is_faulted(call: JudgedCall) -> bool:
    return any(entry.fault for entry in call.entries)


class _Explaining:
    """Why each rule fired for an exchange or did not, those first that say the most."""

    def __init__(self, report: Facts) -> None:
        self._notes_of = report.notes_of
        self._quoted = report.quoted
        self._rules = [Explainer(rule.rule, rule.enabled) for rule in report.rules[:_MAX_EXPLAINED]]

    def __call__(self, entry: Exchange) -> list[Explanation]:
        if entry.call is None or not entry.call.is_admitted:
            return []
        notes = self._notes_of(entry.place)
        found = [rule.explain(entry.call, entry.place, notes).quoted(self._quoted) for rule in self._rules]
        # What was saved keeps the rule that fired, and not what was noted
        return sorted(found, key=lambda one: (one.rule != entry.rule, not one.fired, len(one.differences)))


def _opened(call: JudgedCall, report: Facts, explain: _Explaining) -> str:
    pairs = list(zip(call.entries, call.answers, strict=True))
    shown = pairs if len(pairs) <= _MAX_ATTEMPTS else [*pairs[: _MAX_ATTEMPTS - 1], pairs[-1]]
    parts = [_attempt(number, entry, answer, report, explain(entry)) for number, (entry, answer) in enumerate(shown, 1)]
    left_out = len(pairs) - len(shown)
    if left_out:
        parts.insert(-1, f'<p class="soft">{left_out:,} more attempts are left out.</p>')
    client = escape(call.entries[0].client or "unnamed")
    return f'<p class="soft">call <code>{escape(call.id)}</code>, client {client}</p>{"".join(parts)}'


def _attempt(number: int, entry: Exchange, answer: ClientOutcome, report: Facts, why: list[Explanation]) -> str:
    fate = fate_of(entry, answer, report.evidence.key_names)
    took = "" if entry.ended is None else f", {duration(entry.ended - entry.request.arrived)}"
    rule = f", rule {escape(entry.rule)}" if entry.rule else ""
    fault = f", fault {escape(entry.fault)}" if entry.fault else ""
    story = escape(story_of(entry, answer, report.evidence.key_names))
    glyph = f'<svg class="g fate-{fate}" aria-hidden="true"><use href="#{fate}"/></svg>'
    return (
        f'<section class="attempt"><h4>{glyph}{number} {FATES[fate]}<span class="soft">{took}{rule}{fault}, {escape(plan_text(entry.plan))}'
        f"</span></h4><p>{story}</p>{_messages(entry, answer)}{_why(entry, why)}</section>"
    )


def _messages(entry: Exchange, answer: ClientOutcome) -> str:
    request, reply = entry.request, entry.reply
    has_left = entry.delivery.sent > 0 or answer.outcome is ResponseClass.SUCCESS
    sent = f"{request.method} {shown_target(request.target)}\n{_headers(shown_headers(request.headers))}"
    style = "" if has_left else ' class="ghost"'
    note = f"{len(reply.body):,} bytes" if has_left else "never sent; this is what it would have been"
    return (
        f'<div class="pair"><div><b>Request</b> <span class="soft">{len(request.body):,} bytes</span><pre>{_body(request.body)}</pre></div>'
        f'<div><b>Answer {reply.status}</b> <span class="soft">{note}</span><pre{style}>{_body(reply.body)}</pre>'
        f'</div></div><details class="sub"><summary>Headers</summary><div class="pair"><pre>{escape(sent)}</pre>'
        f"<pre>{escape(_headers(dict(reply.headers)))}</pre></div></details>"
    )


def _headers(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _body(body: bytes) -> str:
    value: Any = readable(body[: 16 * _MAX_BODY]) if len(body) > 16 * _MAX_BODY else readable(body)
    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    if len(text) > _MAX_BODY:
        text = f"{text[:_MAX_BODY]}\n... of {len(body):,} bytes"
    return escape(text) or "(empty)"


def _why(entry: Exchange, found: list[Explanation]) -> str:
    if not found:
        return ""
    items = []
    for one in found[:_MAX_RULES]:
        has_fired = one.fired or one.rule == entry.rule
        style = ' class="yes"' if has_fired else ""
        items.append(f"<li{style}><b>{escape(one.rule)}</b> {'fired' if has_fired else f'did not fire: {escape(one.text)}'}</li>")
    more = f"<li>{len(found) - _MAX_RULES} more rules did not fire</li>" if len(found) > _MAX_RULES else ""
    return f'<ul class="why">{"".join(items)}{more}</ul>'
