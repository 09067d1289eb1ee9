"""AWS Backup with a real boto3 client, over REST JSON: vaults, jobs, idempotency, errors by their header."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.config import Config

from emulator import Emulator

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
ROLE = "arn:aws:iam::000000000000:role/backup"
JOB = {"BackupVaultName": "Default", "ResourceArn": TABLE, "IamRoleArn": ROLE}


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    return start()


@pytest.fixture
def client(emulator: Emulator, client_for: Callable[..., Any]) -> Any:
    return client_for(emulator, "backup")


def refused(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011  the client makes its own exception classes
        call(**params)
    code: str = caught.value.response["Error"]["Code"]  # type: ignore[attr-defined]
    return code


def test_a_job_is_done_when_it_is_started(client: Any) -> None:
    job = client.start_backup_job(**JOB)
    shown = client.describe_backup_job(BackupJobId=job["BackupJobId"])
    assert (shown["State"], shown["ResourceArn"], shown["ResourceType"]) == ("COMPLETED", TABLE, "dynamodb")
    assert shown["RecoveryPointArn"] == job["RecoveryPointArn"]
    assert shown["CreationDate"] == job["CreationDate"]
    assert refused(client.stop_backup_job, BackupJobId=job["BackupJobId"]) == "InvalidRequestException"


def test_the_same_token_is_the_same_job(client: Any) -> None:
    first = client.start_backup_job(**JOB, IdempotencyToken="t")["BackupJobId"]
    assert client.start_backup_job(**JOB, IdempotencyToken="t")["BackupJobId"] == first
    assert client.start_backup_job(**JOB, IdempotencyToken="u")["BackupJobId"] != first
    assert client.start_backup_job(**JOB)["BackupJobId"] != first
    assert len(client.list_backup_jobs()["BackupJobs"]) == 3


def test_vaults_come_and_go(client: Any) -> None:
    client.create_backup_vault(BackupVaultName="cellar")
    assert refused(client.create_backup_vault, BackupVaultName="cellar") == "AlreadyExistsException"
    assert [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]] == ["Default", "cellar"]
    client.start_backup_job(**{**JOB, "BackupVaultName": "cellar"})
    assert client.describe_backup_vault(BackupVaultName="cellar")["NumberOfRecoveryPoints"] == 1
    assert refused(client.delete_backup_vault, BackupVaultName="cellar") == "InvalidRequestException"
    client.create_backup_vault(BackupVaultName="empty")
    client.delete_backup_vault(BackupVaultName="empty")
    assert refused(client.describe_backup_vault, BackupVaultName="empty") == "ResourceNotFoundException"


def test_jobs_are_listed_in_pages_and_by_what_they_are(client: Any) -> None:
    for _ in range(3):
        client.start_backup_job(**JOB)
    pages = list(client.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["BackupJobs"]) for page in pages] == [2, 1]
    assert client.list_backup_jobs(ByState="RUNNING")["BackupJobs"] == []
    assert len(client.list_backup_jobs(ByResourceArn=TABLE, ByState="COMPLETED")["BackupJobs"]) == 3
    assert client.list_backup_jobs(ByCreatedBefore="2020-01-01T00:00:00Z")["BackupJobs"] == []


def test_what_is_missing_or_wrong_is_the_service_s_own_error(emulator: Emulator, client_for: Callable[..., Any]) -> None:
    client = client_for(emulator, "backup", config=Config(parameter_validation=False))
    assert refused(client.start_backup_job, BackupVaultName="Default") == "MissingParameterValueException"
    assert refused(client.create_backup_vault, BackupVaultName="no blanks") == "InvalidParameterValueException"
    assert refused(client.start_backup_job, **{**JOB, "BackupVaultName": "nowhere"}) == "ResourceNotFoundException"


def test_an_operation_that_is_not_emulated_can_still_be_scripted(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    when = {"service": "backup", "operation": "StartRestoreJob"}
    rule = {"name": "unavailable", "when": when, "fault": "ServiceUnavailableException"}
    emulator = start({"version": 1, "rules": [rule]})
    client = client_for(emulator, "backup")
    assert refused(client.start_restore_job, RecoveryPointArn=TABLE, Metadata={}) == "ServiceUnavailableException"
    assert emulator.calls()[0].attempts > 1
    assert refused(client.list_backup_plans) == "UnknownOperationException"


def test_the_error_s_name_travels_in_its_header(emulator: Emulator) -> None:
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=abc",
        "X-Amz-Date": "20261120T120000Z",
    }
    answer = requests.get(f"{emulator.url}/backup-jobs/none", headers=signed, timeout=20)
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "ResourceNotFoundException")
    assert "__type" not in answer.json()
    assert requests.get(f"{emulator.url}/backup-jobs/none", timeout=20).headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
