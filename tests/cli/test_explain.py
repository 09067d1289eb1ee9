"""`dynafault explain`: the tables in words."""

from __future__ import annotations

import re

import pytest

from emulator.audit import VERDICTS
from emulator.aws.errors import CATALOGUE
from emulator.aws.services import load_services
from emulator.cli.main import run
from emulator.scenario.language import SECTIONS
from emulator.scenario.library import shipped_names
from emulator.scenario.reading import ListOf, OneOrMany
from emulator.scenario.sections import Key, Section


def test_lists_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    def names(topic: str, column: int) -> list[str]:
        assert run(["explain", topic]) == 0
        return [line.split()[column] for line in capsys.readouterr().out.splitlines()]

    assert names("verdicts", 0) == list(VERDICTS)
    assert names("scenarios", 0) == shipped_names()
    assert names("keys", 0) == [key.name for section in SECTIONS for key in section.keys]
    assert names("errors", 2) == [name for _, name in CATALOGUE]
    assert sorted(names("operations", 1)) == sorted(name for service in load_services().values() for name in service.operations)


@pytest.mark.parametrize("name", ["V9", "v9"])
def test_a_verdict_says_what_helps(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("V9 Retries wait\n")
    assert "fail, which fails a run by default" in out
    assert VERDICTS["V9"].remedy in out


def test_an_error_says_who_retries_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "requestlimitexceeded"]) == 0
    out = capsys.readouterr().out
    assert "clients retry it, as throttling\n             not by botocore-legacy" in out
    assert "PutItem" in out


def test_an_error_of_several_services_is_told_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "ThrottlingException"]) == 0
    out = capsys.readouterr().out
    assert "an error of dynamodb" in out
    assert "an error of backup-gateway\n  status     429" in out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "TransactWriteItems",
            ("carried out", "TransactItems (required)", "token      ClientRequestToken", "TransactionCanceledException"),
        ),
        ("ExecuteTransaction", ("ClientRequestToken",)),
        ("DescribeEndpoints", ("none declared",)),
        ("StartBackupJob", ("PUT /backup-jobs",)),
    ],
)
def test_an_operation_says_what_it_takes(capsys: pytest.CaptureFixture[str], name: str, words: tuple[str, ...]) -> None:
    assert run(["explain", name]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in words)


@pytest.mark.parametrize(
    ("name", "hint"), [("PutItm", "did you mean PutItem?"), ("V50", "did you mean V5"), ("x" * 5000, "'dynafault explain errors' lists")]
)
def test_an_unknown_name_is_a_failure(capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    assert run(["explain", name]) == 1
    err = capsys.readouterr().err
    assert hint in err
    assert len(err) < 300


def test_no_name_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 2
    assert "explain what? errors, keys, operations, scenarios, sdks, verdicts" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["throttling/hot-key", "throttling/hot-key.yaml"])
def test_a_ready_scenario_says_its_question(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["explain", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "throttling/hot-key: One partition key is hot"
    assert lines[1].startswith("  Does one busy customer slow down all others?")
    assert lines[-1].endswith("throttling/hot-key.yaml")
    assert "  tables     orders" in lines


def test_a_scenario_nearly_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "throttling/hotkey"]) == 0
    assert "  throttling/hot-key " in capsys.readouterr().out
    assert run(["explain", "throtling/hotkye"]) == 1
    assert capsys.readouterr().err.rstrip().endswith("did you mean throttling/hot-key?")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("throttle", "ThrottlingException"),
        ("throttled", "throttling/account-limit"),
        ("lost ack", "applied: true"),
        ("retry after", "retry_after"),
        ("timeout", "latency/time-out"),
        ("probability", "chance: 0.1"),
        ("batch", "BatchWriteItem"),
        ("hot key", "throttling/hot-key"),
    ],
)
def test_any_word_finds_what_has_to_do_with_it(capsys: pytest.CaptureFixture[str], word: str, found: str) -> None:
    assert run(["explain", word]) == 0
    assert found in capsys.readouterr().out


def test_a_key_is_told_for_each_place_that_it_may_stand_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "burst"]) == 0
    assert capsys.readouterr().out == (
        "burst, a key of a throughput limit\n"
        "  means      how much unused capacity is kept, as time\n"
        "  takes      a duration such as 250ms, 2s, 5m, 1h or 35d\n"
        "  left out   300s if provisioned, otherwise 1s\n"
        "  example    burst: 300s\n"
    )
    assert run(["explain", "key"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line[0] != " "] == [
        "key, a key of a table",
        "key, a key of an index",
        "key, a key of 'when'",
        "key, a key of 'calls'",
    ]


KEYS = [pytest.param(key, id=f"{section.slug}.{key.name}") for section in SECTIONS for key in section.keys]
# What says nothing of what is meant
EMPTY_WORDS = frozenset({"a", "an", "the", "of", "or", "mapping", "list", "each", "such", "text", "value", "name", "its"})


def words_of(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", text.lower())}


@pytest.mark.parametrize("key", KEYS)
def test_no_key_is_explained_by_itself(key: Key) -> None:
    own = words_of(key.name) | {word.removesuffix("s") for word in EMPTY_WORDS}
    assert words_of(key.doc) - own, "its meaning says no more than its name"
    # A key that takes whatever text there is has its limits in its meaning alone
    assert key.value.shape == "text" or words_of(key.value.shape) - own, "what it takes says no more than its name"


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_takes_a_mapping_names_its_keys(key: Key) -> None:
    value = key.value
    while isinstance(value, ListOf | OneOrMany):
        value = value.element
    if isinstance(value, Section):
        assert set(value.names) <= set(re.findall(r"\w+", key.value.shape))


def test_backoff_is_explained_by_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "backoff"]) == 0
    assert "  takes      a mapping (with the keys min, max, grows, jitter, profile)\n" in capsys.readouterr().out
