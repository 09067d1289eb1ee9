"""Warnings about scenarios that load, but hardly do what was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.aws.errors import SERVICES
from emulator.aws.services.carried_out import carried_out
from emulator.core import EmulatorCore
from emulator.scenario import Scenario, load_scenario, load_scenarios

Load = Callable[..., Scenario]


def warnings(load: Load, rules: str, rest: str = "") -> list[str]:
    return [f"{one.message}; {one.hint}" for one in load(f"rules: [{rules}]\n{rest}").warnings]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "{name: r, limit: 1, when: {operation: PutItem}, fault: BackupNotFoundException}",
            "none of these operations ever answers BackupNotFoundException; DeleteBackup",
        ),
        (
            "{name: r, limit: 1, when: {operation: reads}, fault: ConditionalCheckFailedException}",
            "none of these operations ever answers ConditionalCheckFailed",
        ),
        (
            "{name: r, limit: 1, fault: {error: InternalServerError, status: 400}}",
            "InternalServerError never comes with the status 400; the service sends 500",
        ),
        ("{name: r, limit: 1, fault: {response: {status: 429}}}", "the service never answers 429"),
        ("{name: r, chance: 0, fault: ok}", "the rule 'r' never fires: its chance is 0"),
        ("{name: r, when: {operation: PutItem, index: i}, fault: ok}", "no request matches: none of these operations reads an index"),
        ("{name: r, when: {operation: Query, key: {id: a}}, fault: ok}", "no request matches: none of these operations names items by key"),
        (
            "{name: a, fault: ok}, {name: r, when: {operation: GetItem}, limit: 1, fault: ok}",
            "no request reaches the rule 'r': 'a' fires first, always",
        ),
        (
            "{name: a, when: {table: [o, p]}, sequence: [ok], then: stay}, {name: r, when: {table: o, key: {id: a}}, fault: ok}",
            "no request reaches the rule 'r': 'a' fires first, always",
        ),
        (
            "{name: r, when: {operation: ExportTableToPointInTime}, fault: {delay: 1s}}",
            "a request gets through to ExportTableToPointInTime, which is not carried out here, and ends in UnknownOperationException",
        ),
        (
            "{name: r, when: {operation: ImportTable, attempt: 1}, fault: InternalServerError}",
            "a request gets through to ImportTable, which is not carried out here",
        ),
        (
            "{name: r, when: {operation: SearchVectors}, limit: 1, fault: {error: InternalServerError, applied: true}}",
            "a request gets through to SearchVectors, which is not carried out here",
        ),
    ],
)
def test_what_is_warned_of(load: Load, rule: str, said: str) -> None:
    (found,) = warnings(load, rule)
    assert found.startswith(said)


@pytest.mark.parametrize(
    "rules",
    [
        "{name: r, when: {operation: backups, attempt: 1}, fault: BackupNotFoundException}",
        "{name: r, when: {operation: [GetItem, PutItem], attempt: 1}, fault: ConditionalCheckFailedException}",
        "{name: r, when: {attempt: 1}, fault: ValidationException}",
        "{name: r, when: {attempt: 1}, fault: {error: ThrottlingException, status: 400}}",
        "{name: r, when: {service: backup-gateway, attempt: 1}, fault: {response: {status: 429}}}",
        "{name: r, when: {operation: Query, index: i}, fault: ok}",
        "{name: r, when: {operation: BatchWriteItem, key: {id: a}}, fault: ok}",
        "{name: a, limit: 1, fault: ok}, {name: r, fault: ok}",
        "{name: a, chance: 0.5, fault: ok}, {name: r, fault: ok}",
        "{name: a, continue: true, fault: {delay: 1s}}, {name: r, fault: ok}",
        "{name: a, enabled: false, fault: ok}, {name: r, fault: ok}",
        "{name: a, when: {table: o}, fault: ok}, {name: r, fault: ok}",
        "{name: a, when: {operation: reads}, fault: ok}, {name: r, when: {operation: [GetItem, PutItem]}, fault: ok}",
        "{name: a, sequence: [ok], then: pass}, {name: r, fault: ok}",
        "{name: a, fault: ok}, {name: r, continue: true, fault: {delay: 1s}}",
        "{name: r, when: {operation: ImportTable}, fault: LimitExceededException, limit: 1}, "
        "{name: s, when: {operation: ImportTable}, fault: {response: {status: 200, body: '{}'}}}",
        "{name: r, when: {operation: '*', attempt: 1}, fault: InternalServerError}",
        "{name: r, when: {operation: control, attempt: 1}, fault: InternalServerError}",
        "{name: r, when: {operation: ImportTable}, fault: {response: {status: 200, body: '{}'}}}",
    ],
)
def test_what_is_fine(load: Load, rules: str) -> None:
    assert warnings(load, rules) == []


def test_keys_are_those_of_the_table(load: Load) -> None:
    tables = "tables: [{name: orders, key: {customer: S, order: N}}]"
    rule = "{name: r, when: {operation: PutItem, table: orders, key: {customer: ada, status: open}}, fault: ok}"
    assert warnings(load, rule, tables) == [
        "'status' is no key attribute of the table 'orders'; only a PutItem shows other attributes than the key"
    ]


def test_the_price_of_a_rule(load: Load) -> None:
    (found,) = warnings(load, "{name: r, fault: InternalServerError}")
    assert found == (
        "every attempt meets the rule 'r': boto3 in legacy mode tries 10 times, about 26 s; "
        "an SDK with the retries of 2026 tries 4 times, up to 0.18 s; to let a retry through: attempt, limit, or a sequence"
    )
    (throttled,) = warnings(load, "{name: r, fault: ThrottlingException}")
    assert "tries 10 times, about 26 s; an SDK with the retries of 2026 tries 4 times, up to 7 s" in throttled
    (limited,) = warnings(load, "{name: r, limit: 5, fault: {connection: reset}}")
    assert "boto3" not in limited
    assert "tries 4 times" in limited
    (other,) = warnings(load, "{name: r, when: {operation: GetItem}, fault: RequestLimitExceeded}")
    assert "boto3" not in other


@pytest.mark.parametrize(
    "rule",
    [
        "{name: r, when: {attempt: 1..2}, fault: InternalServerError}",
        "{name: r, when: {request: 1}, fault: InternalServerError}",
        "{name: r, limit: 3, fault: InternalServerError}",
        "{name: r, chance: 0.5, fault: InternalServerError}",
        "{name: r, fault: ValidationException}",
        "{name: r, fault: {delay: 1s}}",
        "{name: r, sequence: [InternalServerError], then: pass}",
        "{name: r, sequence: [InternalServerError, ok], then: loop}",
    ],
)
def test_what_has_no_price(load: Load, rule: str) -> None:
    assert warnings(load, rule) == []


def test_warnings_have_their_place_and_line(load: Load) -> None:
    (found,) = load("rules:\n- {name: r, chance: 0, fault: ok}").warnings
    assert (found.line, found.column, found.source) == (3, 3, "- {name: r, chance: 0, fault: ok}")


def test_rules_of_other_files_count_too(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"version: 1\nrules: [{{name: {name}, fault: ok}}]\n")
    (found,) = load_scenarios([tmp_path / "a.yaml", tmp_path / "b.yaml"]).warnings
    assert (Path(found.file).name, found.message) == ("b.yaml", "no request reaches the rule 'b': 'a' fires first, always")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "scenarios").rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_scenarios_do_what_the_service_does(path: Path) -> None:
    # What an outage costs a client is said of outages too
    assert [warning.text for warning in load_scenario(path).warnings if "every attempt meets" not in warning.message] == []


TABLES = "tables: [{name: orders, key: {id: S}, indexes: [{name: by-day, key: {day: S}}]}]"


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("rules: [{name: r, when: {table: ordrs}, limit: 1, fault: ok}]", ["'tables' has no 'ordrs'; did you mean 'orders'?"]),
        ("rules: [{name: r, when: {table: [orders, audit, order?]}, limit: 1, fault: ok}]", []),
        ("throughput: [{table: order, read: 5}]", ["'tables' has no 'order'; did you mean 'orders'?"]),
        ("throughput: [{table: audit, read: 5}, {table: orders, index: by-day, read: 5}, {limit: account, read: 5}]", []),
        (
            "throughput: [{table: orders, index: by-dya, read: 5}]",
            ["the table 'orders' has no global index 'by-dya', so nothing is limited; did you mean 'by-day'?"],
        ),
    ],
)
def test_names_that_are_nearly_those_of_tables(load: Load, rest: str, said: list[str]) -> None:
    assert [f"{one.message}; {one.hint}" for one in load(f"{TABLES}\n{rest}").warnings] == said


def test_what_is_carried_out_is_what_the_backends_say() -> None:
    core = EmulatorCore()
    assert carried_out() == {(service, name) for service in SERVICES for name in core.operations(service)}
