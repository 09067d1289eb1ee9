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
