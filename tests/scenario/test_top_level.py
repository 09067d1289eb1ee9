"""The top-level keys that set the service up, and files that include each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator import run
from emulator.backends import services
from emulator.scenario import FEATURES, Demand, Scenario, ScenarioError, load_rule, load_scenario
from emulator.scenario.access import AccessKey
from emulator.scenario.delays import Delay, FixedDelay
from emulator.scenario.limits import Consistency, Limit
from emulator.scenario.phases import Phase
from emulator.scenario.ranges import Span
from emulator.scenario.tables import BackupFixture
from emulator.scenario.verdicts import Audit

Load = Callable[..., Scenario]
Write = Callable[..., Path]


def seconds(delay: Delay | None) -> float:
    assert isinstance(delay, FixedDelay)
    return delay.fixed


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, body: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"version: 1\n{body}\n")
        return path

    return write_file


def refused(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return [problem.text.splitlines()[0] for problem in caught.value.problems]


def test_backups(load: Load) -> None:
    scenario = load("tables: [{name: orders, key: {id: S}}]\nbackups: [{table: orders, name: nightly}]")
    assert scenario.backups == (BackupFixture(scenario.backups[0].where, "orders", "nightly"),)
    assert scenario.demands == (Demand("backups", "backup 'nightly'", scenario.backups[0].where),)


def test_a_backup_is_of_a_table(problem: Callable[..., str]) -> None:
    assert problem("backups: [{table: orders, name: nightly}]") == "there is no table 'orders'; 'tables' has none"


def test_throughput(load: Load) -> None:
    limits = load("""
        throughput:
          - {table: orders, read: 5, write: 2.5}
          - {table: orders, index: by-day, read: 5, burst: 10s}
          - {table: orders, limit: partition-key, write: 1000}
          - {limit: account, read: 40000}
    """).throughput
    assert limits == (
        Limit(limits[0].where, table="orders", read=5.0, write=2.5, burst=300.0),
        Limit(limits[1].where, table="orders", index="by-day", read=5.0, burst=10.0),
        Limit(limits[2].where, limit="partition-key", table="orders", write=1000.0, burst=1.0),
        Limit(limits[3].where, limit="account", read=40000.0, burst=1.0),
    )


def test_consistency_and_auth(load: Load) -> None:
    scenario = load("""
        consistency: {lag: 2s}
        auth:
          keys: {AKID: secret, ASIA: {secret: other, token: t, expires: 1h}}
          deny: [{operation: writes, table: audit-*}]
          clock_skew: 5m
    """)
    assert scenario.consistency == Consistency(2.0)
    auth = scenario.auth
    assert auth is not None
    assert auth.keys == {"AKID": AccessKey("secret"), "ASIA": AccessKey("other", "t", 3600.0)}
    assert auth.deny[0].table == ("audit-*",)
    assert auth.clock_skew == 300.0
    assert [(demand.feature, demand.where.line) for demand in scenario.demands] == [("history", 3)]


def test_phases(load: Load) -> None:
    scenario = load("""
        phases: [{name: healthy, for: 10s}, {name: outage, for: {calls: 50}}, {name: recovery}]
        rules: [{name: r, in: [outage, recovery], fault: ok}]
    """)
    assert [(phase.name, phase.for_, phase.calls) for phase in scenario.phases] == [
        ("healthy", 10.0, None),
        ("outage", None, 50),
        ("recovery", None, None),
    ]
    assert isinstance(scenario.phases[0], Phase)
    assert scenario.rules[0].in_ == ("outage", "recovery")


def test_a_rule_alone_knows_no_phases() -> None:
    with pytest.raises(ScenarioError, match="a rule that comes alone knows no phases"):
        load_rule({"name": "r", "in": "outage", "fault": "ok"})


@pytest.mark.parametrize(
    ("text", "audit"), [("off", Audit(off=True)), ("{enforce: [V1, V4], ignore: [V11]}", Audit(("V1", "V4"), ("V11",)))]
)
def test_audit(load: Load, text: str, audit: Audit) -> None:
    assert load(f"audit: {text}").audit == audit


def test_time_scale_is_for_time_that_passes_in_the_emulator(load: Load) -> None:
    scenario = load("""
        time_scale: 0.1
        phases: [{name: first, for: 10s}, {name: second}]
        consistency: {lag: 2s}
        throughput: [{table: orders, read: 5}]
        rules:
          - {name: a, during: 10s..40s, fault: {error: ThrottlingException, delay: 1s, retry_after: 3s, skew: 10m}}
          - {name: b, when: {operation: GetItem}, fault: {stale: 5s}}
          - {name: c, fault: {delay: {uniform: [1s, 2s]}}}
        expect: [{calls: {}, within: 60s}]
    """)
    first, second, third = (rule.fault for rule in scenario.rules)
    assert first is not None
    assert second is not None
    assert third is not None
    assert scenario.rules[0].during == Span(1.0, 4.0)
    assert seconds(first.keys["delay"]) == pytest.approx(0.1)
    assert (first.keys["retry_after"], first.keys["skew"]) == (3.0, 600.0)
    assert second.stale == pytest.approx(0.5)
    assert "delay" in third.keys
    assert scenario.phases[0].for_ == pytest.approx(1.0)
    assert scenario.consistency is not None
    assert scenario.consistency.lag == pytest.approx(0.2)
    assert scenario.throughput[0].burst == pytest.approx(30.0)
    assert scenario.expect[0].within == 60.0


def test_rules_say_what_they_demand(load: Load) -> None:
    scenario = load("""
        rules:
          - {name: a, fault: {connection: reset}}
          - {name: b, when: {operation: GetItem}, fault: {stale: 1s, drip: 10B/s}}
          - {name: c, when: {operation: CreateTable}, fault: {table_status: {CREATING: 1s}}}
          - {name: d, fault: {response: wrong-length}}
          - {name: e, fault: InternalServerError}
    """)
    asked = [(demand.feature, demand.who) for demand in scenario.demands]
    assert asked == [
        ("socket", "rule 'a'"),
        ("socket", "rule 'b'"),
        ("history", "rule 'b'"),
        ("socket", "rule 'd'"),
    ]


def test_nothing_is_demanded_that_every_server_can_do() -> None:
    assert set(FEATURES) == {*run._OF_CONNECTIONS, *services._NOT_AT_AN_UPSTREAM}


def test_what_is_included_comes_first(write: Write) -> None:
    write("parts/tables.yaml", "name: Parts\ntables: [{name: orders, key: {id: S}}]\nrules: [{name: base, fault: ok}]\nseed: 1")
    write("parts/more.yaml", "include: [tables.yaml]\nrules: [{name: more, fault: ok}]")
    top = write("top.yaml", "name: Top\nseed: 2\ninclude: [parts/tables.yaml, parts/more.yaml]\nrules: [{name: top, fault: ok}]")
    scenario = load_scenario(top)
    assert [rule.name for rule in scenario.rules] == ["base", "more", "top"]
    assert [table.name for table in scenario.tables] == ["orders"]
    assert (scenario.name, scenario.seed) == ("Top", 2)
    assert [Path(name).name for name in scenario.files] == ["tables.yaml", "more.yaml", "top.yaml"]


def test_what_is_included_takes_parameters_and_the_time_scale(write: Write) -> None:
    write("part.yaml", "parameters: {table: orders}\nrules: [{name: part, when: {table: '${table}'}, fault: {delay: 10s}}]")
    top = write("top.yaml", "time_scale: 0.1\ninclude: [part.yaml]")
    (rule,) = load_scenario(top, parameters={"table": "users"}).rules
    assert rule.when.table == ("users",)
    assert rule.fault is not None
    assert seconds(rule.fault.keys["delay"]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("included", "said"),
    [
        ("../outside.yaml", "'../outside.yaml' lies outside the folder of this file"),
        ("/etc/passwd", "'/etc/passwd' lies outside the folder of this file"),
        ("top.yaml", "'top.yaml' includes this file"),
        ("circle.yaml", "'top.yaml' includes this file"),
        ("missing.yaml", "'missing.yaml' cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_included(write: Write, included: str, said: str) -> None:
    write("circle.yaml", "include: [top.yaml]")
    (problem,) = refused(write("top.yaml", f"include: [{included}]"))
    assert said in problem


def test_a_link_does_not_lead_out_of_the_folder(write: Write, tmp_path: Path) -> None:
    outside = write("outside.yaml", "rules: []")
    top = write("inside/top.yaml", "include: [link.yaml]")
    (top.parent / "link.yaml").symlink_to(outside)
    (problem,) = refused(top)
    assert "lies outside the folder" in problem


def test_problems_of_an_included_file_name_that_file(write: Write) -> None:
    write("part.yaml", "rules: [{nme: x, fault: ok}]\nphases: [{name: a, for: 1s}]")
    top = write("top.yaml", "include: [part.yaml]\nrules: [{name: r, in: [a, b], fault: ok}]")
    found = refused(top)
    assert any("part.yaml:2:10: unknown key 'nme'" in line for line in found)
    assert any("top.yaml:3:27: there is no phase 'b'" in line for line in found)


def test_only_files_include(problem: Callable[..., str]) -> None:
    assert problem("include: [a.yaml]") == "only a file can include others; save the scenario as a file"


def test_siblings_must_not_contradict_each_other(write: Write) -> None:
    write("a.yaml", "consistency: {lag: 1s}")
    write("b.yaml", "consistency: {lag: 2s}")
    (problem,) = refused(write("top.yaml", "include: [a.yaml, b.yaml]"))
    assert "b.yaml:2:14: 'consistency' is said twice" in problem
    assert load_scenario(write("top.yaml", "include: [a.yaml, b.yaml]\nconsistency: {lag: 3s}")).consistency == Consistency(3.0)


def test_including_is_bounded(write: Write) -> None:
    names = [f"p{number}.yaml" for number in range(150)]
    for number in range(0, 150, 50):
        write(f"list{number}.yaml", f"include: [{', '.join(names[number : number + 50])}]")
    for name in names:
        write(name, "rules: []")
    found = refused(write("top.yaml", "include: [list0.yaml, list50.yaml, list100.yaml]"))
    assert any("too many files are included" in line for line in found)
