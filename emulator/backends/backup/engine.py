"""AWS Backup: vaults, and jobs that are done as soon as they are started. The service has a hundred more operations; they are not carried
out here, but scenarios can answer them with errors.

A creation that is repeated under the same token creates nothing: "Retrying a successful request with the same idempotency token results in
a success message with no action taken" (API_StartBackupJob, IdempotencyToken); "allows failed requests to be retried without the risk of
running the operation twice" (API_CreateBackupVault, CreatorRequestId).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.services import is_read_only
from emulator.clock import Clock
from emulator.messages import AS_USUAL, OTHER_WRITTEN, REPLAYED, Call, ExecutionContext, Outcome

_IDS = uuid.UUID("8f6a7a10-5a0e-4b1e-8a8e-1f0d2f6f3a55")
# Every account has it from the start
DEFAULT_VAULT = "Default"
MAX_PAGE = 1000


@dataclass(slots=True)
class _Vault:
    name: str
    arn: str
    created: float


@dataclass(slots=True)
class _Job:
    id: str
    vault: _Vault
    resource: str
    role: str
    recovery_point: str
    created: float


@dataclass(slots=True)
class _Account:
    """What one account has in one region. `done`: what was answered to creations, by operation, vault, and the token that
    came with them."""

    home: str
    vaults: dict[str, _Vault] = field(default_factory=dict)
    jobs: dict[str, _Job] = field(default_factory=dict)
    done: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def vault(self, name: str) -> _Vault:
        """Raises ServiceError (ResourceNotFoundException)."""
        vault = self.vaults.get(name)
        if vault is None:
            raise _refusal("ResourceNotFoundException", f"Backup vault {name} not found")
        return vault

    def job(self, job_id: str) -> _Job:
        """Raises ServiceError (ResourceNotFoundException)."""
        job = self.jobs.get(job_id)
        if job is None:
            raise _refusal("ResourceNotFoundException", f"Backup job {job_id} not found")
        return job


def _refusal(name: str, message: str) -> ServiceError:
    return ServiceError(name, message, service="backup")


class BackupService:
    """All accounts and regions, under one lock. A call that is refused changes nothing."""

    def __init__(self, clock: Clock) -> None:
        self.operations = frozenset(_OPERATIONS)
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[tuple[str, str], _Account] = {}

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Outcome:
        """What the operation came to. Raises ServiceError for what the service refuses."""
        now = self._clock.now()
        with self._lock:
            account = self._accounts.get((call.account, call.region))
            if account is None:
                account = self._accounts[call.account, call.region] = _Account(f"arn:aws:backup:{call.region}:{call.account}")
                account.vaults[DEFAULT_VAULT] = _Vault(DEFAULT_VAULT, f"{account.home}:backup-vault:{DEFAULT_VAULT}", now)
            if call.operation in _CREATIONS:
                return _created(account, call, now)
            written = None if is_read_only(call.operation, call.params) else OTHER_WRITTEN
            return Outcome(_OPERATIONS[call.operation](account, call.params, now), written)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """This service has no tables."""
        return None

    def new_empty(self) -> BackupService:
        """The same service, with nothing in it."""
        return BackupService(self._clock)


# The operations that take a token, and the name of it
_CREATIONS = {"CreateBackupVault": "CreatorRequestId", "StartBackupJob": "IdempotencyToken"}


def _created(account: _Account, call: Call, now: float) -> Outcome:
    """Carry out a creation, or give the same answer again where its token has been used before."""
    token = call.params.get(_CREATIONS[call.operation])
    what = (call.operation, call.params["BackupVaultName"], token or "")
    known = account.done.get(what) if token else None
    if known is not None:
        return Outcome(dict(known), REPLAYED)
    answer = _OPERATIONS[call.operation](account, call.params, now)
    if token:
        account.done[what] = answer
    return Outcome(answer, OTHER_WRITTEN)


def _create_vault(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    name = params["BackupVaultName"]
    if name in account.vaults:
        raise _refusal("AlreadyExistsException", f"Backup vault with the same name already exists: {name}")
    vault = account.vaults[name] = _Vault(name, f"{account.home}:backup-vault:{name}", now)
    return {"BackupVaultName": name, "BackupVaultArn": vault.arn, "CreationDate": now}


def _described_vault(account: _Account, vault: _Vault) -> dict[str, Any]:
    points = sum(job.vault is vault for job in account.jobs.values())
    return {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "CreationDate": vault.created,
        "NumberOfRecoveryPoints": points,
        "Locked": False,
    }


def _describe_vault(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    return _described_vault(account, account.vault(params["BackupVaultName"]))


def _delete_vault(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    vault = account.vault(params["BackupVaultName"])
    if any(job.vault is vault for job in account.jobs.values()):
        raise _refusal("InvalidRequestException", f"Backup vault cannot be deleted (contains recovery points): {vault.name}")
    del account.vaults[vault.name]
    account.done = {what: answer for what, answer in account.done.items() if what[1] != vault.name}
    return {}


def _start_job(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    vault = account.vault(params["BackupVaultName"])
    job_id = str(uuid.uuid5(_IDS, f"{account.home}:{len(account.jobs)}")).upper()
    job = _Job(job_id, vault, params["ResourceArn"], params["IamRoleArn"], f"{account.home}:recovery-point:{job_id}", now)
    account.jobs[job_id] = job
    return {"BackupJobId": job.id, "RecoveryPointArn": job.recovery_point, "CreationDate": job.created, "IsParent": False}


def _described_job(account: _Account, job: _Job) -> dict[str, Any]:
    return {
        "AccountId": account.home.rpartition(":")[2],
        "BackupJobId": job.id,
        "BackupVaultName": job.vault.name,
        "BackupVaultArn": job.vault.arn,
        "RecoveryPointArn": job.recovery_point,
        "ResourceArn": job.resource,
        "ResourceType": job.resource.split(":")[2] if job.resource.count(":") > 2 else "",
        "IamRoleArn": job.role,
        "State": "COMPLETED",
        "PercentDone": "100.0",
        "CreationDate": job.created,
        "CompletionDate": job.created,
    }


def _describe_job(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    return _described_job(account, account.job(params["BackupJobId"]))


def _stop_job(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    job = account.job(params["BackupJobId"])
    raise _refusal("InvalidRequestException", f"Backup job {job.id} cannot be stopped: it is COMPLETED")


def _page(name: str, things: Iterable[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    everything = list(things)
    token = params.get("NextToken", "0")
    if not token.isdecimal() or len(token) > 9 or int(token) > len(everything):
        raise _refusal("InvalidParameterValueException", "The NextToken is not valid")
    start = int(token)
    end = start + min(params.get("MaxResults", MAX_PAGE), MAX_PAGE)
    answer: dict[str, Any] = {name: everything[start:end]}
    if end < len(everything):
        answer["NextToken"] = str(end)
    return answer


def _list_vaults(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    return _page("BackupVaultList", (_described_vault(account, vault) for vault in account.vaults.values()), params)


# ListBackupJobs' parameters that select, and what of a described job must equal or bound them
_SELECTORS: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "ByResourceArn": lambda job, wanted: bool(job["ResourceArn"] == wanted),
    "ByState": lambda job, wanted: bool(job["State"] == wanted),
    "ByBackupVaultName": lambda job, wanted: bool(job["BackupVaultName"] == wanted),
    "ByResourceType": lambda job, wanted: bool(job["ResourceType"].lower() == wanted.lower()),
    "ByAccountId": lambda job, wanted: wanted in ("*", job["AccountId"]),
    "ByCreatedBefore": lambda job, wanted: bool(job["CreationDate"] < wanted),
    "ByCreatedAfter": lambda job, wanted: bool(job["CreationDate"] > wanted),
    "ByCompleteBefore": lambda job, wanted: bool(job["CompletionDate"] < wanted),
    "ByCompleteAfter": lambda job, wanted: bool(job["CompletionDate"] > wanted),
}


def _list_jobs(account: _Account, params: dict[str, Any], now: float) -> dict[str, Any]:
    described = (_described_job(account, job) for job in reversed(account.jobs.values()))
    asked = [(_SELECTORS[name], value) for name, value in params.items() if name in _SELECTORS]
    return _page("BackupJobs", (job for job in described if all(fits(job, value) for fits, value in asked)), params)


_OPERATIONS: dict[str, Callable[[_Account, dict[str, Any], float], dict[str, Any]]] = {
    "CreateBackupVault": _create_vault,
    "DeleteBackupVault": _delete_vault,
    "DescribeBackupJob": _describe_job,
    "DescribeBackupVault": _describe_vault,
    "ListBackupJobs": _list_jobs,
    "ListBackupVaults": _list_vaults,
    "StartBackupJob": _start_job,
    "StopBackupJob": _stop_job,
}
