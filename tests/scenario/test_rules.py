"""What rules, faults and `when` become in the model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.messages import NOTHING, Portion
from emulator.scenario import Scenario
from emulator.scenario.delays import FixedDelay
from emulator.scenario.ranges import Ordinals, Span
from emulator.scenario.when import Operations

Load = Callable[..., Scenario]


def test_a_rule_with_everything(load: Load) -> None:
    (rule,) = load("""
        rules:
          - name: all
            enabled: false
            when: {operation: PutItem, table: orders, attempt: 1..2, call: every 2, request: 4.., per: table}
            during: 10s..40s
            chance: 0.5
            limit: 3
            unfired: allow
            fault: {error: ThrottlingException, message: Slow, status: 503, reasons: [TableReadAccountLimitExceeded], retry_after: 2s}
    """).rules
    assert (rule.name, rule.enabled, rule.during, rule.chance, rule.limit, rule.unfired) == ("all", False, Span(10, 40), 0.5, 3, "allow")
    assert rule.when.operation == Operations(("PutItem",), frozenset({("dynamodb", "PutItem")}))
    assert (rule.when.table, rule.when.per) == (("orders",), "table")
    assert rule.when.attempt == Ordinals("1..2", ((1, 2),))
    fault = rule.fault
    assert fault is not None
    assert fault.keys == {
        "error": "ThrottlingException",
        "message": "Slow",
        "status": 503,
        "reasons": ("TableReadAccountLimitExceeded",),
        "retry_after": 2.0,
    }


def test_a_rule_without_when_is_about_all_of_dynamodb(load: Load) -> None:
    (rule,) = load("rules: [{name: r, fault: ok}]").rules
    assert ("dynamodb", "DescribeTable") in rule.when.operation.names
    assert {service for service, _ in rule.when.operation.names} == {"dynamodb"}


@pytest.mark.parametrize(
    ("when", "inside", "outside"),
    [
        ("{operation: reads}", ("dynamodb", "Query"), ("dynamodb", "PutItem")),
        ("{operation: writes}", ("dynamodb", "BatchWriteItem"), ("dynamodb", "GetItem")),
        ("{operation: batch}", ("dynamodb", "BatchExecuteStatement"), ("dynamodb", "PutItem")),
        ("{operation: transactions}", ("dynamodb", "TransactGetItems"), ("dynamodb", "GetItem")),
        ("{operation: partiql}", ("dynamodb", "ExecuteStatement"), ("dynamodb", "GetItem")),
        ("{operation: control}", ("dynamodb", "CreateTable"), ("dynamodb", "ExecuteStatement")),
        ("{operation: backups}", ("dynamodb", "RestoreTableFromBackup"), ("dynamodb", "CreateTable")),
        ("{operation: streams}", ("streams", "GetRecords"), ("dynamodb", "GetItem")),
        ("{operation: 'Batch*'}", ("dynamodb", "BatchGetItem"), ("dynamodb", "GetItem")),
        ("{operation: [GetItem, writes]}", ("dynamodb", "UpdateItem"), ("dynamodb", "Query")),
        ("{service: streams}", ("streams", "ListStreams"), ("dynamodb", "GetItem")),
        ("{service: backup-gateway, operation: 'List*'}", ("backup-gateway", "ListGateways"), ("backup", "ListBackupJobs")),
    ],
)
def test_names_globs_and_groups(load: Load, when: str, inside: tuple[str, str], outside: tuple[str, str]) -> None:
    (rule,) = load(f"rules: [{{name: r, when: {when}, fault: ok}}]").rules
    assert inside in rule.when.operation.names
    assert outside not in rule.when.operation.names


def test_a_fault_can_be_a_name(load: Load) -> None:
    (rule,) = load("rules: [{name: r, sequence: [InternalServerError, {delay: 1s}, ok], then: stay}]").rules
    assert [fault.keys for fault in rule.sequence] == [{"error": "InternalServerError"}, {"delay": FixedDelay(1.0)}, {}]
    assert rule.then == "stay"


def test_connection_faults(load: Load) -> None:
    cut, hang = load("""
        rules:
          - {name: cut, when: {operation: reads}, fault: {connection: close, after: 50%}}
          - {name: hang, fault: {connection: hang, for: 30s, delay: 1s}}
    """).rules
    assert cut.fault is not None
    assert cut.fault.after == Portion(share=0.5)
    assert hang.fault is not None
    assert hang.fault.keys == {"connection": "hang", "for": 30.0, "delay": FixedDelay(1.0)}


@pytest.mark.parametrize("after", ["nothing", "headers"])
def test_a_begun_answer_to_a_write_is_said_to_be_applied(load: Load, after: str) -> None:
    (rule,) = load(f"rules: [{{name: r, fault: {{connection: reset, after: {after}, applied: true}}}}]").rules
    assert rule.fault is not None
    assert rule.fault.after == (NOTHING if after == "nothing" else Portion(head_only=True))


def test_the_item_of_a_failed_condition_is_in_wire_form(load: Load) -> None:
    (rule,) = load("rules: [{name: r, fault: {error: ConditionalCheckFailedException, item: {id: a, n: 1}}}]").rules
    assert rule.fault is not None
    assert rule.fault.keys["item"] == {"id": {"S": "a"}, "n": {"N": "1"}}


def test_which_faults_need_the_socket(load: Load) -> None:
    scenario = load("""
        rules:
          - {name: error, fault: {error: InternalServerError, delay: 1s}}
          - name: mixed
            sequence: [ok, {connection: reset}]
            then: pass
    """)
    (demand,) = scenario.demands
    assert (demand.feature, demand.who, demand.where.line) == ("socket", "rule 'mixed'", 6)


def test_an_expectation_keeps_its_text(load: Load) -> None:
    scenario = load("""
        rules: [{name: r, fault: ok}]
        expect:
          - rule: r
            fired:    2..   # a remark
          - {calls: {operation: writes}, outcome: success, backoff: {grows: true, profile: botocore-2026}, verdicts: {V22: pass}}
    """)
    first, second = scenario.expect
    assert first.text == "rule: r fired: 2.."
    assert second.text.startswith("{calls: {operation: writes}, outcome: success")
    assert second.text.endswith("verdicts: {V22: pass}}")
    assert first.fired is not None
    assert 1 not in first.fired
    assert 100 in first.fired
    assert second.backoff is not None
    assert (second.backoff.grows, second.backoff.profile, second.verdicts) == (True, "botocore-2026", {"V22": "pass"})
