"""What was measured of the SDKs beside what the audit knows of them, and the way it is measured."""

from __future__ import annotations

import copy
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from emulator.cli.main import run
from emulator.sdks.retry_profiles import PROFILES
from sdks.comparing import compare
from sdks.data import Condition, Measured, Mode, load, load_all
from sdks.documented import profile_for, typical_waits
from sdks.measuring import Files, MeasuringError, measure
from sdks.rows import most_attempts
from sdks.session import Plan, Session
from sdks.work import FOLDER, Step, load_faults, load_sdks, load_steps

STEPS = {step.name: step for step in load_steps()}
MEASURED = list(load_all())
# Profiles on which a document is all that there is
DOCUMENTED: dict[str, str] = yaml.safe_load((FOLDER / "documents.yaml").read_text("utf-8"))
ALONE = Condition(loaded=False, workers=1)


def modes() -> Iterator[tuple[Measured, str]]:
    for one in MEASURED:
        for mode in one.modes:
            yield one, mode


def runs(one: Measured, mode: str) -> Iterator[tuple[Step, str, dict[str, Any]]]:
    for name, by_condition in one.modes[mode].runs.items():
        for condition, facts in by_condition.items():
            yield STEPS[name], condition, facts


def name_of(one: Measured, mode: str) -> str:
    return f"{one.sdk} {one.version}, {mode} mode"


# --- what was measured, and what the audit takes for true


def test_everything_that_is_kept_is_of_the_work_list_as_it_is() -> None:
    old = [
        f"{name_of(one, mode)}: {step.name}"
        for one, mode in modes()
        for step, _, facts in runs(one, mode)
        if facts["step"] != step.fingerprint
    ]
    assert old == [], "these steps have changed since they were measured: make sdks"


def test_every_profile_rests_on_a_measurement_or_a_document() -> None:
    measured = {
        profile.name
        for one, mode in modes()
        for service in {step.service for step, _, _ in runs(one, mode)}
        if (profile := profile_for(one, mode, service)) is not None
    }
    assert PROFILES.keys() - measured - DOCUMENTED.keys() == set(), "neither measured nor documented"
    assert DOCUMENTED.keys() - PROFILES.keys() == set()


def test_sdks_make_as_many_attempts_as_their_profile_says() -> None:
    others = []
    for one, mode in modes():
        profile, facts = profile_for(one, mode), one.modes[mode].run("outage", ALONE)
        # What an SDK's own settings or a layer above it say is no part of the profile
        if profile is None or facts is None or not facts["ended"] or one.sdk == "pynamodb":
            continue
        attempts = most_attempts(STEPS["outage"], facts)
        if attempts != profile.attempts:
            others.append(f"{name_of(one, mode)}: {attempts} attempts, {profile.name} has {profile.attempts}")
    assert others == []


def test_sdks_wait_within_what_their_profile_says() -> None:
    beyond = [
        f"{name_of(one, mode)}: {step.name}, {condition}: {wait}"
        for one, mode in modes()
        # Adaptive mode waits for its send rate, too, for which nothing is documented
        if mode != "adaptive"
        for step, condition, facts in runs(one, mode)
        # Of a machine that is loaded on purpose nothing else can be said
        if condition == str(ALONE)
        for wait in typical_waits(one, mode, facts)
        if wait.is_beyond
    ]
    assert beyond == []


# --- a fail on a good SDK


def is_listed(sdk: str, step: str, verdict: str) -> bool:
    return any((not fault.sdks or sdk in fault.sdks) and step in fault.steps and verdict in fault.verdicts for fault in load_faults())


def test_no_verdict_fails_an_sdk_that_does_right() -> None:
    failed = [
        f"{name_of(one, mode)}: {step.name}, {condition}: {verdict} {why}"
        for one, mode in modes()
        for step, condition, facts in runs(one, mode)
        for verdict, why in facts["verdicts"].get("fail", {}).items()
        if not is_listed(one.sdk, step.name, verdict)
    ]
    assert failed == []


def test_every_fault_that_is_listed_was_seen() -> None:
    seen = {
        (one.sdk, step.name, verdict)
        for one, mode in modes()
        for step, _, facts in runs(one, mode)
        for grade in ("warn", "fail")
        for verdict in facts["verdicts"].get(grade, {})
    }
    for fault in (fault for fault in load_faults() if fault.verdicts):
        sdks = fault.sdks or tuple(sdk.name for sdk in load_sdks())
        assert {(sdk, step, verdict) for sdk in sdks for step in fault.steps for verdict in fault.verdicts} & seen, fault.text


# --- how it is measured


def one_run(folder: Path, step: str, workers: int = 1) -> dict[str, Any]:
    """What boto3 as the tests have it does in a step; its files are left in a folder."""
    condition = Condition(loaded=False, workers=workers)
    command = f"{sys.executable} {FOLDER / 'boto3' / 'program.py'}"
    return measure(STEPS[step], FOLDER, command, {}, condition, Files.of(folder, "default", step, condition)).facts


def test_a_program_is_measured(tmp_path: Path) -> None:
    facts = one_run(tmp_path, "lost-put")
    assert facts["ended"]
    assert facts["saw"] == {"success": 2}
    assert facts["written"] == {"2": 2}
    assert facts["calls"]["PutItem"]["attempts"] == {"2": 2}
    assert [len(waits) for waits in facts["calls"]["PutItem"]["waits_ms"]] == [2]
    assert "V3" in facts["verdicts"]["pass"]


def test_many_workers_share_a_client(tmp_path: Path) -> None:
    facts = one_run(tmp_path, "wrong-checksum", workers=32)
    assert facts["saw"] == {"the item": 32}
    assert facts["calls"]["GetItem"]["attempts"] == {"2": 32}


NUMBERS_NOTHING = """
import json, os, sys, threading, urllib.request
def work(worker):
    for _ in range(3):
        content = json.dumps({"TableName": "orders", "Key": {"id": {"S": "known"}}}).encode()
        ask = urllib.request.Request(os.environ["DYNAFAULT_URL"], content, {
            "X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            "X-Amz-Date": "20261127T000000Z"})
        try:
            urllib.request.urlopen(ask)
        except urllib.error.HTTPError:
            together.wait()
together = threading.Barrier(int(sys.argv[2]))
print(json.dumps({"sdk": "none", "version": "1", "runtime": "Python"}))
workers = [threading.Thread(target=work, args=(number,)) for number in range(int(sys.argv[2]))]
for worker in workers: worker.start()
for worker in workers: worker.join()
"""


def test_calls_that_nobody_can_tell_apart_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NUMBERS_NOTHING, "utf-8")
    condition = Condition(loaded=False, workers=32)
    files = Files.of(tmp_path, "default", "hot-key", condition)
    facts = measure(STEPS["hot-key"], tmp_path, f"{sys.executable} program.py", {}, condition, files).facts
    assert facts["calls"]["GetItem"]["attempts"] == {}
    assert facts["calls"]["GetItem"]["untold"] == 3 * 32


def test_a_program_that_says_nothing_is_no_measurement(tmp_path: Path) -> None:
    files = Files.of(tmp_path, "default", "lost-put", ALONE)
    with pytest.raises(MeasuringError, match="said nothing of itself: hello"):
        measure(STEPS["lost-put"], tmp_path, f"{sys.executable} -c \"print('hello')\"", {}, ALONE, files)


def test_only_what_there_is_a_journal_of_is_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdks.installing.BUILDS", tmp_path)
    listed = next(sdk for sdk in load_sdks() if sdk.name == "boto3")
    # One that can neither be installed nor be run
    sdk = dataclasses.replace(listed, versions={boto3.__version__: ("default",)}, install=("absent",), run="absent", needs=("absent",))
    runs_folder = tmp_path / f"boto3-{boto3.__version__}-runs"
    facts = one_run(runs_folder, "lost-put")
    # That of a step that has changed since
    Files.of(runs_folder, "default", "lost-add", ALONE).said.write_text(json.dumps({"step": "of old"}), "utf-8")
    session = Session(Plan(), tmp_path / "kept")
    session.judge_again(sdk)
    assert session.problems == []
    (judged,) = load_all(tmp_path / "kept")
    assert judged.modes["default"].runs == {"lost-put": {str(ALONE): facts}}


def test_a_kept_file_reads_back_as_it_was(tmp_path: Path) -> None:
    for one in MEASURED:
        one.save(tmp_path)
        assert (tmp_path / one.path.name).read_bytes() == one.path.read_bytes()
        assert load(tmp_path / one.path.name) == one


def test_every_lock_is_of_a_version_that_is_measured() -> None:
    for sdk in load_sdks():
        folders = {path.name for path in (FOLDER / sdk.name).iterdir() if path.is_dir() and path.name[0].isdigit()}
        assert folders <= set(sdk.versions), sdk.name
        assert {mode for listed in sdk.versions.values() for mode in listed} <= set(sdk.modes), sdk.name
        assert {step.option for step in STEPS.values()} <= set(sdk.settings), sdk.name


def test_a_plan_asks_the_default_of_everybody_and_other_modes_alone() -> None:
    listed = next(sdk for sdk in load_sdks() if sdk.name == "boto3")
    asked = list(Plan().runs(listed, "1.44.8", loaded=False))
    assert {(mode, condition.workers) for mode, step, condition in asked if step.name == "lost-put"} == {
        ("default", 1),
        ("default", 32),
        ("legacy", 1),
        ("adaptive", 1),
    }
    assert {mode for mode, _, _ in Plan().runs(listed, "1.44.8", loaded=True)} == {"default"}
    assert {step.name for _, step, _ in Plan(quick=True).runs(listed, "1.44.8", loaded=False)} == {
        step.name for step in STEPS.values() if step.quick
    }


def test_what_has_changed_is_told() -> None:
    kept = next(one for one in MEASURED if one.sdk == "boto3")
    now = copy.deepcopy(kept)
    assert str(compare(kept, now)).endswith(f"{sum(1 for mode in kept.modes for _ in runs(kept, mode))} runs\n\n- no difference\n")
    for facts in now.modes["default"].runs["outage"].values():
        facts["calls"]["PutItem"]["attempts"] = {"99": 1}
    facts["saw"] = {"nothing good": 1}
    facts["verdicts"]["fail"] = {"V6": "no end"}
    now.version = "99.0.0"
    told = str(compare(kept, now))
    assert told.startswith(f"## boto3: {kept.version} -> 99.0.0, ")
    assert "default mode, outage (1 worker, idle; 32 workers, idle; 1 worker, loaded; 32 workers, loaded): PutItem takes 99" in told
    assert "default mode, outage (32 workers, loaded): the application sees nothing good instead of" in told
    assert "now fails V6" in told


@pytest.mark.parametrize(("before", "after", "is_told"), [("3", "4", True), ("35", "46", False), ("35", "4", True), ("3", "", False)])
def test_how_far_a_quota_lets_several_workers_go_is_no_difference(before: str, after: str, is_told: bool) -> None:
    kept, now = (copy.deepcopy(next(one for one in MEASURED if one.sdk == "boto3")) for _ in range(2))
    crowd = str(Condition(loaded=False, workers=32))
    for one, attempts in ((kept, before), (now, after)):
        one.modes["default"].runs["outage"][crowd]["calls"]["PutItem"]["attempts"] = {count: 16 for count in attempts}
    assert bool(compare(kept, now).differences) is is_told


def test_what_has_changed_in_the_work_list_is_not_compared() -> None:
    kept, now = copy.deepcopy(MEASURED[0]), copy.deepcopy(MEASURED[0])
    now.modes = {"default": Mode({}, {"outage": now.modes["default"].runs["outage"]})}
    for facts in now.modes["default"].runs["outage"].values():
        facts["step"] = "another"
    assert "no run that can be compared" in str(compare(kept, now))


# --- what is told of it


def test_an_sdk_says_what_was_measured_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "boto3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("boto3: what it does when DynamoDB fails, measured")
    assert "An outage that outlasts the retries: attempts 4" in out
    assert "legacy" in out


def test_the_list_names_every_sdk_that_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "sdks"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        sdk.name for sdk in load_sdks() if any(one.sdk == sdk.name for one in MEASURED)
    ]
