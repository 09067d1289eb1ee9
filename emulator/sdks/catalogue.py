"""The AWS SDKs as data: how a User-Agent names each, and what it does otherwise than the common guide.

Read from the SDKs' sources and documentation or measured, November 2026 (botocore 1.40.76 to 1.44.5, aws-sdk-go-v2 1.47.6, aws-sdk-js
3.1161.0). Which retry profile each version and mode has is in `profiles`; who a client is, is decided in `detection`."""

from __future__ import annotations

import re
from dataclasses import field
from fnmatch import fnmatchcase

from dynafault_dataclass import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sdk:
    """`product` matches the User-Agent product that names it, and captures its version. `checks_crc`: it compares `x-amz-crc32`.
    `corrects_clock`: it corrects its own clock by the `Date` of an answer and tries again. `setting` is how its user changes the retry
    mode, "" where there is no better one."""

    name: str
    label: str
    product: re.Pattern[str]
    setting: str = ""
    checks_crc: bool = False
    corrects_clock: bool = False


def _product(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{name})/v?([0-9][0-9.]*)")


_ENVIRONMENT = "AWS_RETRY_MODE=standard in its environment"
# The version is botocore's, which stands behind that of Boto3 or aiobotocore; aws-cli 2 does not tell it
_BOTOCORE = re.compile(r"\A(?:.*(?:md/Botocore#|[Bb]otocore/)([0-9][0-9.]*)|.*(?:Boto3|aws-cli)/)")

SDKS: tuple[Sdk, ...] = (
    Sdk(
        "botocore",
        "boto3",
        _BOTOCORE,
        f"retries={{'mode': 'standard'}} in its botocore Config, or {_ENVIRONMENT}",
        checks_crc=True,
    ),
    Sdk(
        "java-v2",
        "the AWS SDK for Java 2",
        _product(r"aws-sdk-java(?=/2)"),
        "overrideConfiguration(c -> c.retryStrategy(RetryMode.STANDARD))",
        checks_crc=True,
        corrects_clock=True,
    ),
    Sdk(
        "java-v1",
        "the AWS SDK for Java 1",
        _product(r"aws-sdk-java(?=/1)"),
        "a move to the AWS SDK for Java 2",
        checks_crc=True,
        corrects_clock=True,
    ),
    Sdk("go-v2", "the AWS SDK for Go 2", _product(r"aws-sdk-go-v2"), corrects_clock=True),
    Sdk("go-v1", "the AWS SDK for Go 1", _product(r"aws-sdk-go(?=/)"), "a move to the AWS SDK for Go 2", checks_crc=True),
    Sdk("js-v3", "the AWS SDK for JavaScript 3", _product(r"aws-sdk-js(?=/3)"), corrects_clock=True),
    Sdk(
        "js-v2",
        "the AWS SDK for JavaScript 2",
        _product(r"aws-sdk-(?:nodejs|js)(?=/v?[0-2])"),
        "a move to the AWS SDK for JavaScript 3",
        checks_crc=True,
    ),
    Sdk("rust", "the AWS SDK for Rust", _product(r"aws-sdk-rust")),
    Sdk(
        "net",
        "the AWS SDK for .NET",
        _product(r"aws-sdk-dotnet(?:-[a-z0-9]+)?"),
        "RetryMode = RequestRetryMode.Standard in its config",
        checks_crc=True,
        corrects_clock=True,
    ),
    Sdk("php", "the AWS SDK for PHP", _product(r"aws-sdk-php"), "'retries' => ['mode' => 'standard'] in its client", checks_crc=True),
    Sdk(
        "ruby",
        "the AWS SDK for Ruby",
        _product(r"aws-sdk-ruby[0-9]?"),
        "retry_mode: 'standard' in its client",
        checks_crc=True,
        corrects_clock=True,
    ),
    Sdk("cpp", "the AWS SDK for C++", _product(r"aws-sdk-cpp"), _ENVIRONMENT, corrects_clock=True),
    Sdk("kotlin", "the AWS SDK for Kotlin", _product(r"aws-sdk-kotlin"), corrects_clock=True),
)


@dataclass(frozen=True, slots=True)
class Deviation:
    """What some retry profiles do with an error (its name, or a status without one) otherwise than the guide says."""

    error: str
    retries: bool
    profiles: tuple[str, ...] = field(default=())

    def is_about(self, profile: str, error: str) -> bool:
        return error == self.error and any(fnmatchcase(profile, glob) for glob in self.profiles)


_OLD_THROTTLING = ("botocore-legacy*", "java-v1*", "java-v2-legacy", "java-v2-standard", "go-v1", "js-v2", "php-legacy")

# An answer whose head arrived and whose body did not
CUT = "cut answer"

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation("RequestLimitExceeded", False, ("botocore-legacy*",)),
    Deviation("LimitExceededException", False, _OLD_THROTTLING),
    Deviation("TransactionInProgressException", False, ("java-v1*", "java-v2-legacy", "java-v2-standard", "php-legacy")),
    # Go 2 measured, 1.47.8 and 1.48.0
    Deviation("ReplicatedWriteConflictException", False, ("java-v1*", "go-*", "js-v2", "php-legacy")),
    # Measured, aws-sdk-go-v2 1.47.6: the error is one of deserialization, and final
    Deviation(CUT, False, ("go-v2*",)),
    Deviation("429", True, ("botocore-legacy*", "java-*", "go-v1", "js-*", "ruby-*")),
    Deviation("421", True, ("net-*", "ruby-*")),
    Deviation("509", True, ("botocore-legacy*", "js-v2", "ruby-*")),
    *(Deviation(status, True, ("js-v2", "ruby-*")) for status in ("501", "505", "507", "529")),
    *(Deviation(status, True, ("js-v2",)) for status in ("300", "301", "302", "303")),
    *(Deviation(status, True, ("js-v2", "go-*")) for status in ("307", "308")),
    *(Deviation(name, True, ("go-v1", "js-v2", "ruby-*")) for name in ("ExpiredToken", "ExpiredTokenException")),
)


def deviation(profile: str, error: str, status: int) -> bool | None:
    """Whether a profile retries an error where the guide says the opposite; None where it does as the guide says."""
    names = (error, str(status))
    return next((row.retries for row in DEVIATIONS if any(row.is_about(profile, name) for name in names)), None)
