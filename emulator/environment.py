"""The environment variables that point a program's AWS SDKs at the emulator, and nowhere else.

Every current SDK reads `AWS_ENDPOINT_URL_<SERVICE>` (SDK reference guide, "Service-specific endpoints"). The credentials are worthless
at AWS, so that a call which strays past the emulator cannot do harm."""

from __future__ import annotations

from collections.abc import Mapping

CREDENTIAL = "dynafault"
DEFAULT_REGION = "us-east-1"
_ENDPOINTS = ("DYNAMODB", "DYNAMODB_STREAMS", "BACKUP_GATEWAY", "BACKUP")
# A profile or a session token of the developer's own would take the place of the worthless credentials
_REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ENDPOINT_URL")


def client_variables(url: str, present: Mapping[str, str]) -> dict[str, str | None]:
    """The variables to set, or with None to remove, for a program whose environment is `present`. Its region stays if it has one."""
    region = present.get("AWS_REGION") or present.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    variables: dict[str, str | None] = {f"AWS_ENDPOINT_URL_{service}": url for service in _ENDPOINTS}
    variables |= {
        "DYNAFAULT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": CREDENTIAL,
        "AWS_SECRET_ACCESS_KEY": CREDENTIAL,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return variables | dict.fromkeys(_REMOVED)


def with_client_variables(url: str, present: Mapping[str, str]) -> dict[str, str]:
    """A whole environment for a program that is to talk to the emulator at `url`."""
    changed = {**present, **client_variables(url, present)}
    return {name: value for name, value in changed.items() if value is not None}
