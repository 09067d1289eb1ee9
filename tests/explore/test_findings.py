"""One flaw is one finding, under an id that stays."""

from __future__ import annotations

from emulator.explore.findings import ExploredFinding, ranked, same_flaw


def finding(
    name: str, outcome: str, *verdicts: str, about: str = "PutItem on orders", severity: str = "high", known: bool = False
) -> ExploredFinding:
    return ExploredFinding(name, severity, name, "", "", outcome, "", known=known, about=about, verdicts=verdicts)


def test_a_verdict_that_fails_in_a_graver_finding_of_the_same_calls_is_the_same_flaw() -> None:
    doubled, low = finding("doubled", "doubled", "V20", "V22"), finding("low", "survived", "V22", severity="low")
    assert same_flaw([low, doubled]) == {"low": "doubled"}
    assert not same_flaw([finding("other", "survived", "V4"), doubled])
    assert not same_flaw([finding("elsewhere", "survived", "V22", about="PutItem on payments"), doubled])
    assert not same_flaw([low])
    assert not same_flaw([finding("unjudged", "survived"), doubled]), "an expectation or a check is no verdict"


def test_the_worst_come_first_and_what_is_known_last() -> None:
    found = [
        finding("low", "survived", severity="low"),
        finding("known", "doubled", known=True),
        finding("medium", "hung", severity="medium"),
        finding("high", "lost"),
    ]
    assert [one.id for one in ranked(found)] == ["high", "medium", "low", "known"]
