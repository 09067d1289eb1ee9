"""`dynafault explain`: what the emulator knows of an error, a key of the scenario language, an operation, a ready scenario or a verdict,
from the same tables by which it works; and of an AWS SDK, what was measured of it."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Callable, Iterator

import click

from dynafault_dataclass import dataclass
from emulator.audit import VERDICTS, Verdict
from emulator.aws.errors import CATALOGUE, ErrorSpec, Retry
from emulator.aws.services import Operation, Service, load_services
from emulator.aws.services.carried_out import carried_out
from emulator.backends.dynamodb.checks import ORDER
from emulator.scenario import load_scenario
from emulator.scenario.language import SECTIONS
from emulator.scenario.library import find_scenario, shipped_names
from emulator.scenario.synonyms import in_our_words
from emulator.sdks.catalogue import DEVIATIONS
from emulator.sdks.measured import load_measured_sdks

# Lines for a word that many names have
MAX_FOUND = 25
_RETRY_WORDS = {
    Retry.NO: "clients do not retry it",
    Retry.TRANSIENT: "clients retry it, as trouble that passes",
    Retry.THROTTLING: "clients retry it, as throttling",
}


@click.command("explain")
@click.argument("topic", metavar="[errors, keys, operations, scenarios, sdks, verdicts, NAME]", required=False)
def command(topic: str | None) -> int:
    """Say what an error, a key of the scenario language, an operation, a ready scenario or a verdict is, or what an AWS SDK does when
    DynamoDB fails; the plural lists them all.

    Any word will do: what has it in its name comes first, then what has it in its description. Exits with 1 where nothing has."""
    if topic is None:
        raise click.UsageError(f"explain what? {', '.join(_LISTS)}, or the name of one of them")
    if topic in _LISTS:
        for line in _LISTS[topic]():
            click.echo(line)
        return 0
    found = [*_verdict(topic), *_errors(topic), *_operations(topic), *_scenario(topic), *_keys(topic), *_sdk(topic)]
    if not found:
        found = [*_other_word(topic), *_about(topic)]
    if not found:
        click.echo(_unknown(topic), err=True)
        return 1
    click.echo("\n".join(found))
    return 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something that can be explained: how it is called, and its line in the lists."""

    name: str
    line: str


def _entries() -> Iterator[_Entry]:
    for verdict in VERDICTS.values():
        yield _Entry(verdict.id, f"{verdict.id:<40} verdict: {verdict.title}")
    for spec in CATALOGUE.values():
        yield _Entry(spec.name, f"{spec.name:<40} error: {_RETRY_WORDS[spec.retry]}")
    for service in load_services().values():
        for name in sorted(service.operations):
            yield _Entry(name, f"{name:<40} operation of {service.name}")
    for section in SECTIONS:
        for key in section.keys:
            yield _Entry(key.name, f"{key.name:<40} key of {section.title}: {key.doc}")
    for name in shipped_names():
        yield _Entry(name, f"{name:<40} ready scenario: {load_scenario(find_scenario(name)).question}")
    for sdk in load_measured_sdks().values():
        yield _Entry(sdk.name, f"{sdk.name:<40} SDK: {sdk.label}")


def _about(topic: str) -> list[str]:
    """What has the words of the topic in its name, those that begin with them first; else in what is said of it."""
    words = [_stem(word) for word in re.findall(r"[a-z0-9]+", topic.lower())]
    if not words:
        return []
    ranked: list[tuple[int, int, str]] = []
    for place, entry in enumerate(_entries()):
        name, line = _plain(entry.name), _plain(entry.line)
        if all(word in name for word in words):
            ranked.append((0 if name.startswith(words[0]) else 1, place, entry.line))
        elif all(word in line for word in words):
            ranked.append((2, place, entry.line))
    lines = list(dict.fromkeys(line for _, _, line in sorted(ranked)))
    if not lines:
        return []
    more = [f"... and {len(lines) - MAX_FOUND} more"] if len(lines) > MAX_FOUND else []
    return [
        f"what has to do with {topic!r}; 'dynafault explain NAME' says more of each:",
        *(f"  {line}" for line in lines[:MAX_FOUND]),
        *more,
    ]


def _stem(word: str) -> str:
    """The part of a word that its forms share: throttle, throttled, throttling."""
    for ending in ("ing", "ed", "es", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _other_word(topic: str) -> Iterator[str]:
    ours = in_our_words(topic)
    if ours:
        yield f"{topic}: a word of other tools"
        yield f"  here       {ours}"


def _unknown(name: str) -> str:
    known = {entry.name.lower(): entry.name for entry in _entries()}
    near = difflib.get_close_matches(name.lower()[:100], known, n=1)
    hint = f"; did you mean {known[near[0]]}?" if near else f"; 'dynafault explain {next(iter(_LISTS))}' lists what there is"
    return f"dynafault: nothing has to do with {name[:100]!r}: no error, key, operation, ready scenario, SDK or verdict{hint}"


# --- lists


def _list_verdicts() -> Iterator[str]:
    for verdict in VERDICTS.values():
        yield f"{verdict.id:<4} {verdict.grade.value:<5} {verdict.title}"


def _list_errors() -> Iterator[str]:
    for spec in CATALOGUE.values():
        yield f"{spec.service:<15} {spec.status} {spec.name:<40} {spec.retry.value}"


def _list_operations() -> Iterator[str]:
    here = carried_out()
    for service in load_services().values():
        for name in sorted(service.operations):
            yield f"{service.name:<15} {name:<40} {'' if (service.name, name) in here else 'by rules only'}".rstrip()


def _list_keys() -> Iterator[str]:
    for section in SECTIONS:
        for key in section.keys:
            yield f"{key.name:<15} {section.title:<20} {key.doc}"


def _list_scenarios() -> Iterator[str]:
    for name in shipped_names():
        yield f"{name:<40} {load_scenario(find_scenario(name)).question}"


def _list_sdks() -> Iterator[str]:
    for sdk in load_measured_sdks().values():
        yield f"{sdk.name:<15} {sdk.label:<32} {' / '.join(sdk.sentences)}"


_LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "errors": _list_errors,
    "keys": _list_keys,
    "operations": _list_operations,
    "scenarios": _list_scenarios,
    "sdks": _list_sdks,
    "verdicts": _list_verdicts,
}


# --- one of them


def _verdict(name: str) -> Iterator[str]:
    verdict = VERDICTS.get(name.upper())
    if verdict is not None:
        yield from verdict_lines(verdict)


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """The page of a verdict, for a terminal."""
    yield f"{verdict.id} {verdict.title}"
    yield f"  can say    {verdict.grade.value}{', which fails a run by default' if verdict.grade.value == 'fail' else ' at worst'}"
    for name, text in verdict.sections():
        yield f"\n{name}"
        yield from _terminal(text)


def _terminal(markdown: str) -> Iterator[str]:
    """Examples further in and without their fences, long lines wrapped, links as their title and address."""
    is_code = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield f"    {line}".rstrip()
        else:
            plain = re.sub(r"\[([^]]+)\]\(([^)]+)\)", r"\1 (\2)", line)
            yield from textwrap.wrap(plain, 120, initial_indent="  ", subsequent_indent="  ", break_long_words=False) or [""]


def _errors(name: str) -> Iterator[str]:
    for spec in CATALOGUE.values():
        if spec.name.lower() == name.lower():
            yield from _error_lines(spec)


def _error_lines(spec: ErrorSpec) -> Iterator[str]:
    yield f"{spec.name}, an error of {spec.service}"
    yield f"  status     {spec.status}"
    yield f"  __type     {spec.type}"
    yield f"  text       {spec.text or '(none)'}"
    if spec.members:
        yield f"  members    {', '.join(spec.members)}"
    yield f"  retries    {_RETRY_WORDS[spec.retry]}"
    for row in DEVIATIONS:
        if row.error == spec.name:
            yield f"             {'but' if row.retries else 'not'} {'retried by ' if row.retries else 'by '}{', '.join(row.profiles)}"
    declared = [operation for operation in load_services()[spec.service].operations.values() if spec.name in operation.errors]
    yield f"  declared   {', '.join(operation.name for operation in declared) or 'by no operation: any may answer it'}"


def _operations(name: str) -> Iterator[str]:
    for service in load_services().values():
        for operation in service.operations.values():
            if operation.name.lower() == name.lower():
                yield from _operation_lines(service, operation)


def _operation_lines(service: Service, operation: Operation) -> Iterator[str]:
    is_carried_out = (service.name, operation.name) in carried_out()
    yield f"{operation.name}, an operation of {service.name} {service.version}"
    yield f"  here       {'carried out' if is_carried_out else 'answered by rules only, otherwise UnknownOperationException'}"
    yield f"  request    {operation.method} {operation.uri}"
    if operation.input is not None:
        shape = service.shape(operation.input)
        members = [f"{member}{' (required)' if member in shape.required else ''}" for member in shape.members]
        yield f"  takes      {', '.join(members) or 'nothing'}"
        tokens = [member.name for member in shape.members.values() if member.token]
        if tokens:
            yield f"  token      {', '.join(tokens)}: SDKs fill it in, and keep it over retries"
    yield f"  errors     {', '.join(operation.errors) or 'none declared'}"
    order = ORDER.get(operation.name)
    for place, check in enumerate(order.checks if order is not None else ()):
        yield f"  {'' if place else 'checks':<10} {check.needs:<8} {check.what}"


def _scenario(name: str) -> Iterator[str]:
    short = name.removesuffix(".yaml")
    if short in shipped_names():
        path = find_scenario(short)
        scenario = load_scenario(path)
        yield f"{short}: {scenario.name}"
        yield from textwrap.wrap(scenario.description, 120, initial_indent="  ", subsequent_indent="  ")
        yield f"  tables     {', '.join(table.name for table in scenario.tables) or 'none'}"
        yield f"  rules      {', '.join(rule.name for rule in scenario.rules) or 'none'}"
        yield f"  file       {path}"


def _keys(name: str) -> Iterator[str]:
    for section in SECTIONS:
        for key in section.keys:
            if key.name == name:
                yield f"{key.name}, a key of {section.title}"
                yield f"  means      {key.doc}"
                yield f"  takes      {key.value.shape}"
                yield f"  left out   {'it may not be' if key.required else key.default or 'nothing of the kind'}"
                yield f"  example    {key.name}: {key.example}"


def _sdk(name: str) -> Iterator[str]:
    sdk = load_measured_sdks().get(name.lower())
    if sdk is not None:
        yield f"{sdk.label}: what it does when DynamoDB fails, measured"
        for at, sentences in sdk.sentences.items():
            yield f"\n{at}"
            for sentence in sentences:
                yield from textwrap.wrap(sentence, 120, initial_indent="  ", subsequent_indent="      ")
