"""Write docs/sdks.md, and what `dynafault explain` tells of SDKs, from what was measured.

python tools/generate_sdks_page.py            # write
python tools/generate_sdks_page.py --check    # exit 1 if one of them differs from what would be written
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pages import ROOT, fill, plain, publish, table

from emulator.sdks.retry_profiles import PROFILES, RetryProfile
from sdks.data import Measured, load_all
from sdks.rows import Row, duration, rows
from sdks.work import Sdk, Step, load_defaults, load_faults, load_not_measured, load_sdks, load_steps

PAGE = ROOT / "docs" / "sdks.md"
SENTENCES = ROOT / "emulator" / "sdks" / "measured.json"
_TEMPLATE = Path(__file__).with_name("sdks_page.md")
_OPTIONS = ("attempts", "time-out", "clock", "batch")


@dataclass(frozen=True)
class Page:
    """The parts of the page, by their names in the template."""

    measured: Sequence[Measured]
    sdks: Sequence[Sdk]
    steps: Sequence[Step]

    def render(self) -> str:
        parts = {
            "contents": self._contents,
            "defaults": self._defaults,
            "faults": self._faults,
            "sections": lambda: "\n".join(map(self._section, self.steps)),
            "settings": self._settings,
            "not-measured": self._not_measured,
        }
        return fill(_TEMPLATE, parts)

    def _contents(self) -> str:
        return "".join(f"- [{step.title}](#{_anchor(step.title)})\n" for step in self.steps)

    def _defaults(self) -> str:
        versions = {sdk.label: [one.version for one in self.measured if one.sdk == sdk.name] for sdk in self.sdks}
        listed = []
        for one in load_defaults():
            rests_on = [
                *([f"measured: {', '.join(versions[one.sdk])}"] if versions.get(one.sdk) else []),
                *([one.source] if one.source else []),
            ]
            listed.append((one.sdk, _profile(one.before), _profile(one.after), one.decides, "; ".join(rests_on)))
        return table(("SDK", "before", "after", "what decides", "rests on"), listed)

    def _faults(self) -> str:
        labels = {sdk.name: sdk.label for sdk in self.sdks}
        items = []
        for fault in load_faults():
            names = ", ".join(labels[name] for name in fault.sdks) or "all"
            issue = f" Reported: <{fault.issue}>." if fault.issue else ""
            items.append(f"- **{names}**{f', {fault.versions}' if fault.versions else ''}: {fault.text}{issue}\n")
        return "".join(items)

    def _section(self, step: Step) -> str:
        found = [(sdk, row) for sdk in self.sdks for row in rows(step, sdk, self.measured)]
        written = ["written"] if any(row.written for _, row in found) else []
        head = ["SDK", "attempts", "waits before retries", "the application sees", *written, "to change it"]
        lines = (
            [f"{sdk.label} {row.name}", row.attempts, "<br>".join(row.strips), _seen(row), *([row.written] * len(written)), setting]
            for sdk, row in found
            for setting in [sdk.settings[step.option]]
        )
        return f"## {step.title}\n\n{step.text}\n\n{table(head, lines)}"

    def _settings(self) -> str:
        listed = ((sdk.label, *(sdk.settings[option] for option in _OPTIONS)) for sdk in self.sdks)
        return table(("SDK", "attempts and waits", "time-out for an answer", "a wrong clock", "unprocessed items"), listed)

    def _not_measured(self) -> str:
        whole = [f"- {sdk}: {reason}\n" for sdk, reason in load_not_measured().items()]
        parts = (
            f"- {sdk.label}, {' and '.join(f'[{step.title}](#{_anchor(step.title)})' for step in steps)}: {reason}\n"
            for sdk in self.sdks
            for does, reason in sdk.lacks.items()
            for steps in [[step for step in self.steps if step.does == does]]
        )
        return "".join((*whole, *parts))


def sentences_json() -> str:
    """What the terminal says, as JSON: for each SDK its label, and the sentences by version and mode."""
    measured, steps = list(load_all()), load_steps()
    said = {sdk.name: {"label": sdk.label, "sentences": _sentences(sdk, steps, measured)} for sdk in load_sdks()}
    return json.dumps({name: one for name, one in said.items() if one["sentences"]}, ensure_ascii=False, indent=1) + "\n"


def _sentences(sdk: Sdk, steps: Sequence[Step], measured: Sequence[Measured]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for step in steps:
        for row in rows(step, sdk, measured):
            lines.setdefault(row.name, []).append("; ".join(_clauses(step, row)))
    return lines


def _clauses(step: Step, row: Row) -> Iterator[str]:
    yield f"{step.title}: attempts {row.attempts}"
    if row.longest:
        yield f"waits up to {row.longest}"
    yield f"the application sees {row.saw}"
    if row.written:
        yield f"written {row.written}"


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def _profile(name: str) -> str:
    if not name:
        return "as before"
    profile = PROFILES[name]
    return f"{profile.attempts}; {_waits(profile, throttling=False)} after a 500, {_waits(profile, throttling=True)} after throttling"


def _waits(profile: RetryProfile, *, throttling: bool) -> str:
    return " and ".join(duration(profile.longest_wait(retry, throttling)) for retry in range(2))


def _seen(row: Row) -> str:
    verdicts = "".join(f"; {'fails' if grade == 'fail' else 'warns'} {verdict}" for verdict, grade in row.worst.items())
    return plain(row.saw) + verdicts


if __name__ == "__main__":
    page = Page(list(load_all()), load_sdks(), load_steps())
    sys.exit(publish(PAGE, page.render, __doc__) or publish(SENTENCES, sentences_json, __doc__))
