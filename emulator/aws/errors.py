"""Every error that the emulated services can answer, one table row each, and the two families of exceptions.

`ServiceError` is what AWS would say; it becomes an answer on the wire. `EmulatorError` is what we say to our own user;
its text says what is wrong, where, and what to do. Anything else that is raised is a bug.

Types, members and status come from the service models (botocore 1.44.5); texts from the models, the Developer Guide page
"Error handling with DynamoDB", or answers of the live service that others published. No behaviour per error lives here:
a new error is a new row.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from dynafault_dataclass import dataclass

_MODELLED = "com.amazonaws.dynamodb.v20120810"
_CORAL_SERVICE = "com.amazon.coral.service"
_CORAL_VALIDATE = "com.amazon.coral.validate"
_CORAL_AVAILABILITY = "com.amazon.coral.availability"
_STREAMS = "com.amazonaws.dynamodb.streams.v20120810"
_GATEWAY = "com.amazonaws.backupgateway"
_BACKUP = "com.amazonaws.services.backup"

SERVICES = ("dynamodb", "streams", "backup-gateway", "backup")


class EmulatorError(Exception):
    """Something that our own user has to put right. The text stands alone: no traceback is needed to act on it."""


class Retry(Enum):
    """How the AWS SDKs of 2026 class an error (SDK reference guide, "Retry behavior")."""

    NO = "no"
    TRANSIENT = "transient"
    THROTTLING = "throttling"


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """One error. `namespace` precedes "#" in `__type`. `message_key` is the member that carries the text, `message_key_with_item` where
    the error carries an Item; `members` are the further ones it may carry. `text` None: the error goes without a text. `body`: a raw
    body instead of JSON."""

    name: str
    service: str
    status: int
    namespace: str
    text: str | None
    retry: Retry = Retry.NO
    message_key: str = "message"
    message_key_with_item: str | None = None
    members: tuple[str, ...] = ()
    body: str | None = None

    @property
    def type(self) -> str:
        return f"{self.namespace}#{self.name}" if self.namespace else self.name


class ServiceError(Exception):
    """An error that the emulated service answers. Extra members go into the body under their own names.

    Raises KeyError for a name that the catalogue does not have: that is a bug of the caller, not bad input."""

    def __init__(self, name: str, message: str | None = None, *, service: str = "dynamodb", **members: Any) -> None:
        self.spec = lookup(name, service)
        self.message = self.spec.text if message is None else message
        self.members = members
        if "ErrorCode" in self.spec.members:
            # Backup Gateway's model requires it; what the live service puts there is not published
            members.setdefault("ErrorCode", name)
        super().__init__(f"{name}: {self.message}")

    @property
    def message_key(self) -> str:
        """The member of the answer that carries the text."""
        other = self.spec.message_key_with_item
        return self.spec.message_key if other is None or "Item" not in self.members else other

    def settled(self) -> ServiceError:
        """The same, without where it was raised: that keeps all that was at hand there, often in a circle with the error itself."""
        self.__context__ = self.__cause__ = self.__traceback__ = None
        return self


class RequestTooLarge(ServiceError):
    """A body above the service's limit: HTTP's own 413, with no body and no name of the service."""

    def __init__(self) -> None:
        self.spec = _TOO_LARGE
        self.message = None
        self.members = {}
        Exception.__init__(self, self.spec.name)


_TOO_LARGE = ErrorSpec("RequestEntityTooLarge", "dynamodb", 413, "", None)


def _dynamodb(name: str, text: str | None, retry: Retry = Retry.NO, *members: str, status: int = 400, key: str = "message") -> ErrorSpec:
    return ErrorSpec(name, "dynamodb", status, _MODELLED, text, retry, key, members=members)


def _coral(name: str, text: str | None, *, key: str = "message", namespace: str = _CORAL_SERVICE, status: int = 400) -> ErrorSpec:
    return ErrorSpec(name, "dynamodb", status, namespace, text, Retry.NO, key)


def _streams(name: str, text: str, retry: Retry = Retry.NO, status: int = 400) -> ErrorSpec:
    return ErrorSpec(name, "streams", status, _STREAMS, text, retry)


def _gateway(name: str, status: int, text: str, retry: Retry = Retry.NO) -> ErrorSpec:
    return ErrorSpec(name, "backup-gateway", status, _GATEWAY, text, retry, "Message", members=("ErrorCode",))


def _backup(name: str, text: str, retry: Retry = Retry.NO, *members: str, status: int = 400) -> ErrorSpec:
    return ErrorSpec(name, "backup", status, _BACKUP, text, retry, "Message", members=("Code", *members, "Type", "Context"))


_CATALOGUE: tuple[ErrorSpec, ...] = (
    # DynamoDB: throttling
    _dynamodb(
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API.",
        Retry.THROTTLING,
        "ThrottlingReasons",
    ),
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html lists it as throttling
    _dynamodb(
        "RequestLimitExceeded",
        "Throughput exceeds the current throughput limit for your account. "
        "To request a limit increase, contact AWS Support at https://aws.amazon.com/support",
        Retry.THROTTLING,
        "ThrottlingReasons",
    ),
    ErrorSpec(
        "ThrottlingException",
        "dynamodb",
        400,
        _CORAL_AVAILABILITY,
        "Rate of requests exceeds the allowed throughput.",
        Retry.THROTTLING,
        members=("throttlingReasons",),
    ),
    _dynamodb("LimitExceededException", "Too many operations for a given subscriber.", Retry.THROTTLING),
    # DynamoDB: the service's own trouble
    _dynamodb("InternalServerError", "Internal server error", Retry.TRANSIENT, status=500),
    ErrorSpec(
        "ServiceUnavailable",
        "dynamodb",
        503,
        "",
        "Service Unavailable",
        Retry.TRANSIENT,
        # The live body has no JSON: aws-sdk-ruby#1713, aws-sdk-js#1379
        body="<html><body><b>Http/1.1 Service Unavailable</b></body> </html>",
    ),
    # 409: botocore's legacy retry table expects it with that status
    _dynamodb(
        "ReplicatedWriteConflictException",
        "The request was rejected because one or more items in the request are being modified by a request in another Region.",
        Retry.TRANSIENT,
        status=409,
    ),
    # DynamoDB: items and conditions
    ErrorSpec(
        "ConditionalCheckFailedException",
        "dynamodb",
        400,
        _MODELLED,
        "The conditional request failed",
        # Recordings of the live service up to October 2026
        message_key_with_item="Message",
        members=("Item",),
    ),
    _dynamodb("ItemCollectionSizeLimitExceededException", "Collection size exceeded."),
    _dynamodb("DuplicateItemException", "Duplicate primary key exists in table"),
    # DynamoDB: transactions; the three errors that spell their text member with a capital
    _dynamodb("TransactionConflictException", "Transaction is ongoing for the item"),
    _dynamodb(
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons",
        Retry.NO,
        "CancellationReasons",
        key="Message",
    ),
    _dynamodb(
        "TransactionInProgressException",
        # aws/aws-sdk-java-v2#2518; the model has another sentence
        "Transaction from previous request is still in progress",
        Retry.THROTTLING,
        key="Message",
    ),
    _dynamodb(
        "IdempotentParameterMismatchException",
        "The request was rejected because its payload differs from that of an earlier request with the same idempotent token.",
        key="Message",
    ),
    # DynamoDB: tables and indexes
    _dynamodb("ResourceNotFoundException", "Requested resource not found"),
    _dynamodb("ResourceInUseException", "Attempt to change a resource which is still in use"),
    _dynamodb("TableNotFoundException", "Table not found"),
    _dynamodb("TableAlreadyExistsException", "Table already exists"),
    _dynamodb("TableInUseException", "Table is being created or deleted"),
    _dynamodb("IndexNotFoundException", "The operation tried to access a nonexistent index."),
    _dynamodb("PolicyNotFoundException", "The operation tried to access a nonexistent resource-based policy."),
    # DynamoDB: backups, restores, exports, imports
    _dynamodb("BackupNotFoundException", "Backup not found"),
    _dynamodb("BackupInUseException", "Backup is being created, deleted or restored"),
    _dynamodb("ContinuousBackupsUnavailableException", "Backups have not yet been enabled for this table."),
    _dynamodb("PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled for the table"),
    _dynamodb("InvalidRestoreTimeException", "RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime."),
    _dynamodb("InvalidExportTimeException", "The specified ExportTime is outside of the point in time recovery window."),
    _dynamodb("ExportConflictException", "There was a conflict when writing to the specified S3 bucket."),
    _dynamodb("ExportNotFoundException", "The specified export was not found."),
    _dynamodb("ImportConflictException", "There was a conflict when importing from the specified S3 source."),
    _dynamodb("ImportNotFoundException", "The specified import was not found."),
    # DynamoDB: global tables
    _dynamodb("GlobalTableAlreadyExistsException", "The specified global table already exists."),
    _dynamodb("GlobalTableNotFoundException", "The specified global table does not exist."),
    _dynamodb("ReplicaAlreadyExistsException", "The specified replica is already part of the global table."),
    _dynamodb("ReplicaNotFoundException", "The specified replica is no longer part of the global table."),
    # Not in any model, but answered by the live service
    _coral("ValidationException", "The request is not valid.", namespace=_CORAL_VALIDATE),
    _coral("SerializationException", None, key="Message"),
    _coral("UnknownOperationException", None),
    _coral("AccessDeniedException", "Access denied.", key="Message"),
    _coral("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
    _coral("IncompleteSignatureException", "The request signature does not conform to AWS standards."),
    _coral(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    ),
    _coral("UnrecognizedClientException", "The security token included in the request is invalid."),
    _coral("ExpiredTokenException", "The security token included in the request is expired"),
    _coral("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    _coral("OptInRequired", "The AWS Access Key Id needs a subscription for the service", status=403),
    # DynamoDB Streams
    # These two texts stand in the model, at the member; the second as seen by ironSource/node-dynamodb-stream#13
    _streams("ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed."),
    _streams("TrimmedDataAccessException", "The data you are trying to access has been trimmed."),
    _streams("ResourceNotFoundException", "Requested resource not found"),
    _streams("LimitExceededException", "Too many operations for a given subscriber.", Retry.THROTTLING),
    _streams("InternalServerError", "Internal server error", Retry.TRANSIENT, 500),
    # Backup Gateway
    _gateway("AccessDeniedException", 403, "The operation cannot proceed because you have insufficient permissions."),
    _gateway("ConflictException", 409, "The operation cannot proceed because it is not supported."),
    _gateway(
        "InternalServerException",
        500,
        "The operation did not succeed because an internal error occurred. Try again later.",
        Retry.TRANSIENT,
    ),
    _gateway("ResourceNotFoundException", 404, "A resource that is required for the action wasn't found."),
    _gateway(
        "ThrottlingException",
        429,
        "TPS has been limited to protect against intentional or unintentional high request volumes.",
        Retry.THROTTLING,
    ),
    _gateway("ValidationException", 400, "The operation did not succeed because a validation error occurred."),
    # AWS Backup
    _backup("AlreadyExistsException", "The required resource already exists.", Retry.NO, "CreatorRequestId", "Arn"),
    _backup("ConflictException", "The action has to wait until a previous action has ended. Try again later."),
    _backup("DependencyFailureException", "A dependent service or resource returned an error to AWS Backup.", Retry.TRANSIENT, status=500),
    _backup("InvalidParameterValueException", "A parameter's value is not valid."),
    _backup("InvalidRequestException", "The input of the request is not valid."),
    _backup("InvalidResourceStateException", "AWS Backup is already performing an action on this recovery point."),
    _backup("LimitExceededException", "A limit in the request has been exceeded.", Retry.THROTTLING),
    _backup("MissingParameterValueException", "A required parameter is missing."),
    _backup("ResourceNotFoundException", "A resource that is required for the action doesn't exist."),
    _backup("ServiceUnavailableException", "The request failed due to a temporary failure of the server.", Retry.TRANSIENT, status=500),
)

CATALOGUE: dict[tuple[str, str], ErrorSpec] = {(spec.service, spec.name): spec for spec in _CATALOGUE}


def lookup(name: str, service: str = "dynamodb") -> ErrorSpec:
    """The row of an error. The undeclared errors of the request path (signature, JSON, unknown operation) are shared by
    all services, so a service without a row of its own gets DynamoDB's. Raises KeyError where there is none."""
    spec = CATALOGUE.get((service, name))
    return CATALOGUE["dynamodb", name] if spec is None else spec
