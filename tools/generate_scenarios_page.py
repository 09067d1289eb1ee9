"""Write docs/scenarios.md, the reference of the scenario language, from the tables that the reader reads by.

python tools/generate_scenarios_page.py            # write
python tools/generate_scenarios_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pages import ROOT, code, fill, plain, publish, table

from emulator.aws.errors import CATALOGUE, SERVICES, ErrorSpec, Retry
from emulator.scenario.effects import CANCELLATIONS, STATEMENT_ERRORS
from emulator.scenario.error_names import THROTTLING_REASONS
from emulator.scenario.fault import EFFECT_KEYS, MODIFIER_KEYS, carriers
from emulator.scenario.fault_key import FaultKey
from emulator.scenario.language import SECTIONS
from emulator.scenario.lint import CONCERNS, LIMIT_CONCERNS
from emulator.scenario.operations import groups
from emulator.scenario.reading import ListOf, OneOrMany
from emulator.scenario.responses import DAMAGED, REPLACED
from emulator.scenario.sections import Key, Section
from emulator.sdks.retry_profiles import PROFILES, RetryProfile

PAGE = ROOT / "docs" / "scenarios.md"
_TEMPLATE = Path(__file__).with_name("scenarios_page.md")

_BY_SLUG = {section.slug: section for section in SECTIONS}
_RETRIES = {Retry.NO: "no", Retry.TRANSIENT: "yes", Retry.THROTTLING: "as throttling"}
_SERVICE_NAMES = {"dynamodb": "DynamoDB", "streams": "DynamoDB Streams", "backup-gateway": "AWS Backup Gateway", "backup": "AWS Backup"}


def render() -> str:
    """The page as text."""
    # A fault's keys have tables of their own
    sections = {section.slug: partial(_keys, section.keys) for section in SECTIONS if section.slug != "a-fault"}
    return fill(_TEMPLATE, {**sections, **_TABLES})


# --- keys


def _keys(keys: Iterable[Key]) -> str:
    return table(("key", "takes", "left out", "means", "example"), (_row(key) for key in keys))


def _row(key: Key) -> tuple[str, ...]:
    return code(key.name), takes(key.value), _left_out(key), plain(key.doc), code(f"{key.name}: {key.example}")


def _left_out(key: Key) -> str:
    return "*required*" if key.required else plain(key.default)


def takes(value: Any) -> str:
    """What may stand under a key, with links to the sections that it may be."""
    if isinstance(value, Section):
        return _link(value.slug)
    if isinstance(value, ListOf):
        return f"a list; each: {takes(value.element)}"
    if isinstance(value, OneOrMany):
        return f"{takes(value.element)}, or a list of such"
    links = ", ".join(map(_link, sorted(_referred(value.schema()))))
    return f"{plain(value.shape)}{f' ({links})' if links else ''}"


def _referred(schema: Any) -> set[str]:
    """The sections that a value's schema refers to."""
    if isinstance(schema, dict):
        found = {schema["$ref"].rpartition("/")[2]} if "$ref" in schema else set()
        return found.union(*(_referred(value) for value in schema.values()))
    return set().union(*map(_referred, schema)) if isinstance(schema, list) else set()


def _link(slug: str) -> str:
    return f"[{_BY_SLUG[slug].title.strip(chr(39))}](#{slug})"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(code, texts))


# --- faults


def _effects() -> str:
    head = ("effect", "takes", "means", "can be carried by", "example")
    rows = (
        (code(key.name), takes(key.value), plain(key.doc), _carried_by(key.name), code(f"{key.name}: {key.example}")) for key in EFFECT_KEYS
    )
    return table(head, rows)


def _carried_by(effect: str) -> str:
    names = carriers(effect)
    return "all operations" if names is None else _codes(sorted(name for _, name in names))


def _modifiers() -> str:
    head = ("modifier", "takes", "left out", "means", "goes with", "example")
    return table(head, (_modifier(key) for key in MODIFIER_KEYS))


def _modifier(key: FaultKey) -> tuple[str, ...]:
    name, value, left_out, doc, example = _row(key)
    return name, value, left_out, doc, _codes(key.goes_with) or "any effect, or none", example


def _ready_responses() -> str:
    rows = [(code(name), doc, "no") for name, doc in REPLACED.items()] + [(code(name), doc, "yes") for name, doc in DAMAGED.items()]
    return table(("response", "what the client gets", "carried out"), rows)


def _errors() -> str:
    return "\n".join(_errors_of(service) for service in SERVICES)


def _errors_of(service: str) -> str:
    specs = sorted((spec for spec in CATALOGUE.values() if spec.service == service), key=lambda spec: spec.name)
    rows = ((code(spec.name), str(spec.status), _codes(spec.members), _RETRIES[spec.retry]) for spec in specs)
    return f"### Errors of {_SERVICE_NAMES[service]}\n\n{table(('error', 'status', 'carries', 'retried by SDKs'), rows)}"


def _members() -> str:
    """Which errors the keys `reasons` and `item` go with."""
    with_reasons = _carrying("throttlingreasons")
    return f"`reasons` goes with {_codes(with_reasons)}; `item` with {_codes(_carrying('item'))}.\n"


def _carrying(member: str) -> list[str]:
    return sorted({spec.name for spec in CATALOGUE.values() if _has(spec, member)})


def _has(spec: ErrorSpec, member: str) -> bool:
    return member in {name.lower() for name in spec.members}


def _listed(names: Iterable[str]) -> Iterator[str]:
    return (f"- `{name}`\n" for name in names)


# --- the rest


def _groups() -> str:
    return table(("group", "operations"), ((code(name), _codes(sorted(one for _, one in names))) for name, names in groups().items()))


def _profiles() -> str:
    head = ("profile", "attempts", "longest wait before the first retry", "after throttling", "cap", "jitter", "jitter after throttling")
    return table(head, map(_profile, PROFILES.values()))


def _profile(profile: RetryProfile) -> tuple[str, ...]:
    first, slow = (f"{profile.longest_wait(0, throttling) * 1000:g} ms" for throttling in (False, True))
    cap = f"{profile.cap:g} s" if profile.cap < 3600 else "none"
    return code(profile.name), str(profile.attempts), first, slow, cap, profile.jitter.value, profile.throttling_jitter.value


_TABLES: dict[str, Callable[[], str]] = {
    "effects": _effects,
    "modifiers": _modifiers,
    "ready-responses": _ready_responses,
    "errors": _errors,
    "members": _members,
    "reasons": lambda: "".join(_listed(THROTTLING_REASONS)),
    "cancellations": lambda: "".join(_listed(CANCELLATIONS)),
    "statement-errors": lambda: "".join(_listed(STATEMENT_ERRORS)),
    "groups": _groups,
    "profiles": _profiles,
    "warnings": lambda: "".join(f"- {doc}\n" for doc in [*(one.doc for one in CONCERNS), *(one.doc for one in LIMIT_CONCERNS)]),
}


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
