"""The report as one HTML file. How it looks is judged by eye, in a browser; here it is held to be whole, harmless and complete."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from emulator.audit import Finding
from emulator.report import FORMATS, Report
from emulator.report.formats.html import gap_chart, opened
from emulator.report.formats.html.scale import duration, plain, step_for, ticks_for
from emulator.scenario import SavedText

_VOID = frozenset(("meta", "input", "link", "br", "hr", "img"))


class Page(HTMLParser):
    """Fails on tags that do not nest; collects what a test asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[str] = []
        self.titles: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.titles += [found["title"] or ""] if "title" in found else []
        if tag in ("div", "details") and (found.get("class") or "").startswith("row"):
            self.rows.append(found["class"] or "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def markup(hostile_report: Report) -> str:
    return FORMATS["html"].render(hostile_report)


def test_it_needs_nothing_but_itself(markup: str) -> None:
    page = Page(markup)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert "@import" not in markup
    assert "url(" not in markup


def test_what_clients_and_scenarios_name_stays_text(markup: str, hostile_report: Report) -> None:
    page = Page(markup)
    assert hostile_report.scenario in page.words
    assert any(found.startswith("call-<b>'\"&") for found in page.ids)
    assert "<b>'" not in markup


def test_links_lead_to_calls_that_are_there(markup: str) -> None:
    page = Page(markup)
    assert page.links
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_every_call_has_a_row_that_tells_its_attempts(markup: str, hostile_report: Report) -> None:
    page = Page(markup)
    assert page.rows == ["row faulted flagged retried"]
    (told,) = [title for title in page.titles if title.startswith("1: ")]
    first, wait, second = told.split("\n")
    assert first.startswith("1: connection reset, rule <script>")
    assert ", applied, " in first
    assert re.fullmatch(r"wait [0-9.]+ m?s", wait)
    assert second.startswith("2: success, applied, ")


def test_findings_and_pictures_are_there(markup: str) -> None:
    words = " ".join(Page(markup).words)
    assert "V20 A write is not carried out twice" in words
    assert "what botocore-2026 is documented to wait" in words
    assert 'aria-label="Requests over time, by what became of them"' in markup
    assert 'class="band"' in markup
    assert 'class="dots"' in markup


def test_a_row_opens_with_both_messages_and_the_reasons(markup: str, hostile_report: Report) -> None:
    page = Page(markup)
    words = " ".join(page.words)
    assert "The write was carried out, but its client got no whole answer: connection reset." in words
    assert "never sent; this is what it would have been" in words
    assert "nothing is sent, then the connection is reset" in words
    assert "did not fire: attempt: wanted 1, was 2" in words
    assert "UpdateExpression" in words
    assert "Signature=***" in words
    signature = hostile_report.calls[0].first.request.headers["authorization"].rpartition("Signature=")[2]
    assert signature not in markup


def test_expectations_lead_to_their_calls(hostile_report: Report) -> None:
    call = hostile_report.calls[0]
    finding = Finding("every call succeeds", "fail", "this and <i> did not", "x.yaml:3:1", (call.id, "forgotten"))
    markup = FORMATS["html"].render(replace(hostile_report, expectations=(finding,)))
    card = markup.partition("<h2>Expectations</h2>")[2].partition("<h2>")[0]
    assert Page(card).links == [f"#call-{call.id}"]
    assert "forgotten" in card
    assert "and &lt;i&gt; did not" in card


def test_the_scenario_and_the_command_that_repeats_the_run(hostile_report: Report) -> None:
    report = replace(
        hostile_report, program="pytest -k 'a b'", description="What if?", texts=(SavedText("my case.yaml", "a: <b>", 0, 1.0),)
    )
    words = "".join(Page(FORMATS["html"].render(report)).words)
    assert f"dynafault run 'my case.yaml' --seed {report.seed} -- pytest -k 'a b'" in words
    assert "a: <b>" in words
    assert "What if?" in words


def test_only_as_many_rows_can_be_opened_as_there_is_room_for(hostile_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "MAX_OPENED", 100)
    markup = FORMATS["html"].render(hostile_report)
    page = Page(markup)
    assert "The 1 least telling of them cannot be opened here" in " ".join(page.words)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.rows) == 1


def test_many_waits_are_a_density_and_few_are_dots(hostile_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gap_chart, "_MAX_DOTS", 0)
    markup = FORMATS["html"].render(hostile_report)
    assert 'class="density"' in markup
    assert 'class="dots"' not in markup


def test_a_run_in_which_nobody_came_is_a_page_too(quiet_report: Report) -> None:
    page = Page(FORMATS["html"].render(quiet_report))
    assert not page.rows
    assert any("no client has contacted the emulator" in word for word in page.words)


@pytest.mark.parametrize(("largest", "ticks", "step"), [(10, 5, 2), (9, 4, 5), (1, 4, 0.5), (0.03, 3, 0.01), (343, 4, 100), (0, 4, 1)])
def test_axes_have_round_steps(largest: float, ticks: int, step: float) -> None:
    assert step_for(largest, ticks) == pytest.approx(step)
    marks = ticks_for(largest, ticks)
    assert marks[0] == 0
    assert marks[-1] <= largest + 1e-9
    assert len(marks) <= ticks + 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0012, "1.2 ms"), (0.25, "250 ms"), (1.234, "1.23 s"), (42.0, "42.0 s"), (125.0, "2 min 5 s"), (0.0, "0.0 ms")]
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_axis_times_are_plain() -> None:
    assert [plain(seconds) for seconds in (0, 0.001, 0.2, 1, 100)] == ["0 s", "1 ms", "200 ms", "1 s", "100 s"]
