"""Links from sentences to calls."""

from __future__ import annotations

from typing import Any

from emulator import Emulator
from emulator.report.formats.html.links import Links


def test_short_ids_in_sentences_are_links_and_the_rest_is_text(client_for: Any) -> None:
    with Emulator() as emulator:
        client_for(emulator).list_tables()
        report = emulator.report()
    (call,) = report.evidence.everything
    links = Links(report)
    assert links.linked(f"<{call.short_id}>, x") == f'&lt;<a class="id" href="#call-{call.id}">{call.short_id}</a>&gt;, x'
    assert links.linked("ffffffff") == "ffffffff"
    assert links.links([]) == ""
    assert links.links([call.id, *["gone"] * 9]).endswith(" and 4 more")


def test_a_call_is_named_with_its_item_and_a_finding_about_keys_leads_to_who_wrote_them(client_for: Any) -> None:
    lost = {"name": "lost", "when": {"operation": "PutItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}
    scenario = {
        "version": 1,
        "tables": [{"name": "orders", "key": {"id": "S"}}],
        "rules": [lost],
        "expect": [{"calls": {"operation": "PutItem"}, "applied": {"per_key": 1}}],
    }
    with Emulator(scenario) as emulator:
        client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "<b>"}})
        report = emulator.report()
    (call,) = report.evidence.everything
    (finding,) = report.expectations
    assert finding.calls == (call.id,)
    assert Links(report).links(finding.calls).endswith("</a> PutItem orders id=&lt;b&gt;")
