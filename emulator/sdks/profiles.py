"""Which retry profile an AWS SDK has: one row for each SDK, range of versions, mode and service, with what it rests on.

The version and the mode decide. Where a range of versions has both behaviours, `perhaps` names the other one: a client that declares the
four attempts of 2026 may have that, or may have been told to make four, and nobody can be sure. Services that no row names have no
documented profile here."""

from __future__ import annotations

from typing import NamedTuple

from dynafault_dataclass import dataclass
from emulator.sdks.catalogue import Version
from emulator.sdks.retry_profiles import PROFILES, RetryProfile

DYNAMODB = ("dynamodb", "streams")
OTHERS = ("backup", "backup-gateway")
EVERYWHERE = (*DYNAMODB, *OTHERS)
# The documented attempts of a DynamoDB client since 2026, and elsewhere; no default had the first before
NEW_ATTEMPTS = PROFILES["standard-2026"].attempts
_ALL = ("", "legacy", "standard", "adaptive")
_LEGACY = ("", "legacy")
_STANDARD = ("standard", "adaptive")
_GUIDE = "SDK reference guide, Retry behavior"


class KnownProfile(NamedTuple):
    """A retry profile. `is_sure`: version and mode alone lead to it."""

    profile: RetryProfile
    is_sure: bool


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """Versions from `since` on and before `before`, in these modes ("" for a client that tells none) and for these services, have this
    profile. `source` says what that rests on."""

    sdk: str
    profile: str
    source: str
    modes: tuple[str, ...] = _ALL
    since: Version = ()
    before: Version | None = None
    services: tuple[str, ...] = EVERYWHERE
    perhaps: str = ""

    def holds(self, sdk: str, service: str, version: Version, mode: str) -> bool:
        in_range = self.since <= version and (self.before is None or version < self.before)
        return sdk == self.sdk and service in self.services and mode in self.modes and in_range


def _since_2026(sdk: str, since: Version, source: str, modes: tuple[str, ...] = ("", *_STANDARD)) -> tuple[ProfileRow, ...]:
    return (
        ProfileRow(sdk, f"{sdk}-2026", source, modes, since, services=DYNAMODB),
        ProfileRow(sdk, "standard-2026-other", source, modes, since, services=OTHERS),
    )


_BOTOCORE = "botocore/data/_retry.json and botocore/retries/standard.py of 1.43.11 and 1.44.8, measured"

ROWS: tuple[ProfileRow, ...] = (
    *_since_2026("botocore", (1, 44), _BOTOCORE),
    ProfileRow("botocore", "botocore-standard", _BOTOCORE, ("standard",)),
    ProfileRow("botocore", "botocore-adaptive", _BOTOCORE, ("adaptive",)),
    # Streams has no entry of its own in _retry.json, which names services by their endpoint
    ProfileRow("botocore", "botocore-legacy", _BOTOCORE, _LEGACY, services=("dynamodb",)),
    ProfileRow("botocore", "botocore-legacy-other", _BOTOCORE, _LEGACY, services=("streams", *OTHERS)),
    ProfileRow("java-v2", "java-v2-legacy", "DynamoDbRetryPolicy.java", _LEGACY, services=DYNAMODB, perhaps="java-v2-2026"),
    ProfileRow("java-v2", "java-v2-standard", "DynamoDbRetryPolicy.java", _STANDARD, services=DYNAMODB, perhaps="java-v2-2026"),
    ProfileRow("java-v1", "java-v1", "PredefinedRetryPolicies.java", services=("dynamodb",)),
    ProfileRow("java-v1", "java-v1-other", "PredefinedRetryPolicies.java", services=OTHERS),
    ProfileRow("go-v2", "go-v2", "measured, aws-sdk-go-v2 1.47.6", services=DYNAMODB, perhaps="go-v2-2026"),
    ProfileRow("go-v1", "go-v1", "service/dynamodb/customizations.go", services=("dynamodb",)),
    *_since_2026("js-v3", (3, 1169), "@smithy/core 3.41.1 of @aws-sdk/client-dynamodb 3.1169: Retry.v2026 = true; measured", _ALL),
    # The retry code is a package of its own (@smithy/middleware-retry 4.8.2 takes it from @smithy/core), as new as there is on installation
    ProfileRow("js-v3", "js-v3", "smithy-typescript, core/submodules/retry", services=DYNAMODB, perhaps="js-v3-2026"),
    ProfileRow("js-v3", "js-v3", "smithy-typescript, core/submodules/retry", services=OTHERS, perhaps="standard-2026-other"),
    ProfileRow("js-v2", "js-v2", "lib/services/dynamodb.js", services=("dynamodb",)),
    ProfileRow("rust", "rust", "aws-smithy-runtime, client/retries", services=DYNAMODB, perhaps="rust-2026"),
    ProfileRow("net", "net-standard", "DynamoDBRetryPolicy.cs", since=(4,), modes=("", *_STANDARD), services=DYNAMODB, perhaps="net-2026"),
    ProfileRow("net", "net-standard", "DynamoDBRetryPolicy.cs", modes=_STANDARD, services=DYNAMODB, perhaps="net-2026"),
    ProfileRow("net", "net-legacy", "DynamoDBRetryPolicy.cs", _LEGACY, services=DYNAMODB),
    ProfileRow("php", "php-legacy", "src/DynamoDb/DynamoDbClient.php", services=DYNAMODB, perhaps="php-2026"),
    ProfileRow("ruby", "ruby-legacy", "plugins/extended_retries.rb", _LEGACY, services=DYNAMODB),
    ProfileRow("ruby", "ruby-standard", "plugins/retry_errors.rb", _STANDARD, services=DYNAMODB, perhaps="ruby-2026"),
    ProfileRow("cpp", "cpp-legacy", "source/client/RetryStrategy.cpp", _LEGACY, services=DYNAMODB, perhaps="cpp-2026"),
    ProfileRow("cpp", "cpp-standard", "source/client/RetryStrategy.cpp", _STANDARD, services=DYNAMODB, perhaps="cpp-2026"),
    ProfileRow("kotlin", "kotlin", "runtime-core/retries", services=DYNAMODB, perhaps="kotlin-2026"),
)


def profile_of(sdk: str, service: str, version: Version, mode: str, most_attempts: int | None) -> KnownProfile | None:
    """The profile of a client, None where no row speaks of it. `most_attempts` is what the client says itself of how often it tries:
    a weak sign, which decides only where the version does not."""
    row = next((row for row in ROWS if row.holds(sdk, service, version, mode)), None)
    if row is None:
        return None
    is_sign = most_attempts == NEW_ATTEMPTS and mode != "legacy" and service in DYNAMODB
    other = row.perhaps or (f"{sdk}-2026" if not version else "")
    if is_sign and other in PROFILES and other != row.profile:
        return KnownProfile(PROFILES[other], is_sure=False)
    return KnownProfile(PROFILES[row.profile], is_sure=bool(version) and not row.perhaps)
