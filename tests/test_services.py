"""The service facts are those of the locked botocore, and the error catalogue knows them all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.aws.errors import CATALOGUE, SERVICES, Retry, ServiceError, lookup
from emulator.aws.services import is_read_only, load_service, load_services

ROOT = Path(__file__).resolve().parent.parent
OTHER_BOTOCORE = 3


def check_services(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "generate_services.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def test_the_data_are_those_of_the_botocore_that_they_name() -> None:
    checked = check_services()
    if checked.returncode == OTHER_BOTOCORE:
        pytest.skip(checked.stdout.strip())
    assert checked.returncode == 0, f"{checked.stdout}: run tools/generate_services.py and look at what changed"


def test_the_data_name_the_locked_botocore() -> None:
    locked = re.search(r"^botocore==(\S+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)
    assert locked
    assert {service.botocore for service in load_services().values()} == {locked[1]}


def test_another_botocore_is_told_and_nothing_is_compared(tmp_path: Path) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text("import botocore; botocore.__version__ = '0.0.1'")
    checked = check_services(PYTHONPATH=str(tmp_path))
    assert checked.returncode == OTHER_BOTOCORE
    named = load_service("dynamodb").botocore
    assert checked.stdout == f"nothing compared: the files are made from botocore {named}, and 0.0.1 is installed\n"


def test_the_four_services_are_whole() -> None:
    counts = {name: len(service.operations) for name, service in load_services().items()}
    assert counts == {"dynamodb": 62, "streams": 4, "backup-gateway": 25, "backup": 115}


@pytest.mark.parametrize("name", SERVICES)
def test_every_modelled_error_has_a_row_with_the_model_s_members(name: str) -> None:
    service = load_service(name)
    for shape_name in service.shape_names:
        shape = service.shape(shape_name)
        if shape.is_error:
            spec = CATALOGUE[name, shape_name]
            members = set(shape.members)
            assert spec.message_key in members
            assert {*spec.members, spec.message_key} == members, shape_name
            assert (spec.status >= 500) is shape.is_fault, shape_name


@pytest.mark.parametrize("name", SERVICES)
def test_every_declared_error_can_be_answered(name: str) -> None:
    for operation in load_service(name).operations.values():
        for error in operation.errors:
            assert lookup(error, name).name == error


def test_an_error_of_one_service_is_not_that_of_another() -> None:
    assert lookup("ThrottlingException", "dynamodb").type == "com.amazon.coral.availability#ThrottlingException"
    assert lookup("ThrottlingException", "backup-gateway").status == 429
    assert lookup("ResourceNotFoundException", "streams").namespace != lookup("ResourceNotFoundException").namespace


def test_an_undeclared_error_is_shared_by_all_services() -> None:
    assert lookup("SerializationException", "backup-gateway") is lookup("SerializationException", "dynamodb")


def test_an_unknown_error_is_a_bug_of_the_caller() -> None:
    with pytest.raises(KeyError):
        ServiceError("NoSuchException")


def test_throttling_is_told_from_transient_trouble() -> None:
    throttling = {spec.name for spec in CATALOGUE.values() if spec.service == "dynamodb" and spec.retry is Retry.THROTTLING}
    assert {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"} <= throttling
    assert lookup("InternalServerError").retry is Retry.TRANSIENT
    assert lookup("ConditionalCheckFailedException").retry is Retry.NO


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("GetItem", {}, True),
        ("TransactGetItems", {}, True),
        ("DescribeTable", {}, True),
        ("PutItem", {}, False),
        ("CreateBackup", {}, False),
        ("ExecuteStatement", {"Statement": " select * from t"}, True),
        ("ExecuteStatement", {"Statement": "INSERT INTO t VALUE {}"}, False),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM t"}, {"Statement": "DELETE FROM t"}]}, False),
    ],
)
def test_what_changes_nothing_is_read_only(operation: str, params: dict[str, object], expected: bool) -> None:
    assert is_read_only(operation, params) is expected
