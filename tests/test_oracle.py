"""The parts of the oracle that can be tested without another emulator: what differs, what is decided, and cases that make sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from oracle.cases import AREAS
from oracle.comparing import Difference, differences
from oracle.decisions import load_decisions, weakness
from oracle.endpoint import Answer, Endpoint, Request, Taken, filled
from oracle.exploring import Explorer, Limits

SCAN = Request("Scan", {"TableName": "orders"})


def _refused(message: str, kind: str = "ValidationException") -> Answer:
    return Answer(400, {"__type": f"com.amazon.coral.validate#{kind}", "message": message})


def _found(ours: Answer, theirs: Answer, request: Request = SCAN, *, envelopes: bool = False) -> list[tuple[str, str, str]]:
    return [(found.path, found.ours, found.theirs) for found in differences(request, ours, theirs, envelopes=envelopes)]


def test_ids_dates_accounts_and_meaningless_orders_are_alike() -> None:
    ours = {"TableArn": "a", "Items": [{"pk": {"SS": ["x", "y"]}}, {"pk": {"N": "1"}}], "Count": 2}
    theirs = {"TableArn": "b", "Items": [{"pk": {"N": "1"}}, {"pk": {"SS": ["y", "x"]}}], "Count": 2.0}
    assert _found(Answer(200, ours), Answer(200, theirs)) == []
    # In a query the order does mean something
    assert _found(Answer(200, ours), Answer(200, theirs), Request("Query", {})) != []


def test_members_that_differ_are_named_by_their_path() -> None:
    ours, theirs = {"Items": [{"a": {"N": "1"}}]}, {"Items": [{"a": {"N": "2"}, "b": {"S": "x"}}]}
    assert _found(Answer(200, ours), Answer(200, theirs)) == [
        ("Items.0.a.N", '"1"', '"2"'),
        ("Items.0.b", "(absent)", '{"S": "x"}'),
    ]


def test_errors_differ_by_kind_before_they_differ_by_words() -> None:
    other = _refused("no", "ResourceNotFoundException")
    assert _found(_refused("no"), other) == [("error", "400 ValidationException: no", "400 ResourceNotFoundException: no")]
    assert _found(_refused("no"), _refused("No")) == [("message", "no", "No")]


def test_the_envelope_counts_only_if_asked_for() -> None:
    wrapped = _refused("1 validation error detected: no")
    assert _found(_refused("no"), wrapped) == []
    assert _found(_refused("no"), wrapped, envelopes=True) == [("message", "no", "1 validation error detected: no")]


def test_a_request_goes_on_from_an_earlier_answer_or_leaves_the_member_out() -> None:
    request = Request("Scan", {"TableName": "orders", "ExclusiveStartKey": Taken(0, "LastEvaluatedKey"), "Names": [Taken(0, "Tables.1")]})
    first = Answer(200, {"LastEvaluatedKey": {"pk": {"S": "a"}}, "Tables": ["a", "b"]})
    assert filled(request, [first]).params == {"TableName": "orders", "ExclusiveStartKey": {"pk": {"S": "a"}}, "Names": ["b"]}
    assert filled(request, [Answer(200, {"Tables": 1})]).params == {"TableName": "orders", "Names": [None]}


def _decided(path: Path, text: str) -> Any:
    path.write_text(text)
    return load_decisions(path)


def test_what_rests_on_others_is_weak_and_counted(tmp_path: Path) -> None:
    text = "- {right: ours, evidence: the guide}\n- {right: ours, weak: true, witness: one, evidence: one says so}"
    decisions = _decided(tmp_path / "decisions.yaml", text)
    assert weakness(decisions, {1: 5, 2: 3}).startswith("1 of 2 decisions are weak")
    assert weakness(decisions, {1: 5, 2: 3}).endswith("; 3 differences were decided by them")
    with pytest.raises(ValueError, match="decision 1: what a witness decides is weak"):
        _decided(tmp_path / "decisions.yaml", "- {right: ours, witness: one, evidence: one says so}")


AGREEING = ("Dynalite says", "Dynoxide says", "Dynoxide has", "Dynoxide makes", "Dynalite does", "answers as we do", "as we do")


def test_no_decision_of_the_table_rests_on_others_without_being_weak() -> None:
    others = [one.evidence for one in load_decisions() if not one.weak and any(words in one.evidence for words in AGREEING)]
    assert [evidence for evidence in others if "verified against the service" not in evidence] == []


def test_a_decision_covers_what_all_its_parts_fit(tmp_path: Path) -> None:
    text = "- {peer: one two, operation: Scan Query, path: Items*, theirs: '^x', request: orders, right: ours, evidence: the guide}"
    (decision,) = _decided(tmp_path / "decisions.yaml", text)
    difference = Difference("Scan", "Items.0", "a", "xyz")
    assert decision.covers("one", difference, SCAN)
    assert not decision.covers("three", difference, SCAN)
    assert not decision.covers("one", Difference("Scan", "Count", "a", "xyz"), SCAN)
    assert not decision.covers("one", Difference("Scan", "Items.0", "a", "yz"), SCAN)
    assert not decision.covers("one", difference, Request("Scan", {"TableName": "other"}))


def test_a_witness_has_to_agree(tmp_path: Path) -> None:
    (decision,) = _decided(tmp_path / "decisions.yaml", "- {peer: one, witness: two, right: ours, weak: true, evidence: two saw it}")
    difference = Difference("Scan", "Items.0", "a", "b")
    assert decision.covers("one", difference, SCAN, {"two", "three"})
    assert not decision.covers("one", difference, SCAN, {"three"})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {right: ours}", "without evidence"),
        ("- {right: both, evidence: x}", "'right' is one of"),
        ("- {right: ours, evidence: x, peers: moto}", "unknown"),
    ],
)
def test_a_decision_needs_evidence_and_known_keys(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        _decided(tmp_path / "decisions.yaml", text)


def test_the_shipped_decisions_can_be_read() -> None:
    assert {decision.right for decision in load_decisions()} <= {"ours", "theirs", "unknown"}


@pytest.mark.parametrize("area", AREAS)
@settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_area_draws_requests_that_take_only_from_earlier_answers(area: str, data: st.DataObject) -> None:
    case = data.draw(AREAS[area]())
    assert case
    for place, request in enumerate(case):
        assert request.operation
        filled(request, [Answer(200)] * place)


# The other one answers each read of an item with an error
DIFFERENT = """
version: 1
rules:
  - name: no-reads
    when: {operation: GetItem}
    fault: {error: InternalServerError}
"""


@pytest.fixture
def connect() -> Iterator[Callable[[Emulator], Endpoint]]:
    with ExitStack() as stack:

        def connect(emulator: Emulator) -> Endpoint:
            return stack.enter_context(closing(Endpoint("theirs", emulator.url)))

        yield connect


@pytest.fixture
def explorer(connect: Callable[[Emulator], Endpoint]) -> Iterator[Callable[[Emulator], Explorer]]:
    """An explorer of what another emulator answers differently from one as it comes."""
    with Emulator() as emulator, closing(Endpoint("ours", emulator.url)) as ours:
        limits = Limits(requests=150, until=float("inf"))
        yield lambda theirs: Explorer([ours], [connect(theirs)], [], limits, weights={"theirs": 1}, envelopes=True)


def test_two_of_one_kind_do_not_differ_and_nothing_is_left_behind(explorer: Any, connect: Any) -> None:
    with Emulator() as theirs:
        comparing = explorer(theirs)
        comparing.prepare()
        for area in ("items", "pages", "control"):
            comparing.explore(area, examples=6, seed=1)
        comparing.leave()
        assert comparing.findings.found == {}
        assert comparing.findings.requests >= 30
        assert connect(theirs).ask(Request("ListTables", {})).body == {"TableNames": []}


def test_a_difference_is_found_and_made_small(explorer: Any) -> None:
    with Emulator(scenario=DIFFERENT) as theirs:
        comparing = explorer(theirs)
        comparing.prepare()
        comparing.explore("items", examples=20, seed=1)
    finding = min(comparing.findings.found.values(), key=lambda finding: len(finding.case))
    assert (finding.difference.operation, finding.peers) == ("GetItem", ("theirs",))
    assert finding.difference.theirs.startswith("500 InternalServerError")
    assert finding.case[-1].operation == "GetItem"


def test_a_stranger_s_tables_are_left_alone(explorer: Any, connect: Any) -> None:
    table = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    with Emulator() as theirs:
        stranger = connect(theirs)
        definitions = [{"AttributeName": "pk", "AttributeType": "S"}]
        stranger.ask(Request("CreateTable", {"TableName": "paired", "AttributeDefinitions": definitions, **table}))
        with pytest.raises(RuntimeError, match="theirs has tables of the names that the cases use: paired"):
            explorer(theirs).prepare()
        assert stranger.ask(Request("ListTables", {})).body == {"TableNames": ["paired"]}
