"""The environment variables that point a program's AWS SDKs at the emulator, and nowhere else.

Every current SDK reads `AWS_ENDPOINT_URL_<SERVICE>` (SDK reference guide, "Service-specific endpoints"). The credentials are worthless
at AWS, so that a call which strays past the emulator cannot do harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from emulator.scenario.access import AccessKey

DEFAULT_REGION = "us-east-1"


class ClientCredentials(NamedTuple):
    """What a client signs with; `token` is a session token, where there is one."""

    access_key: str
    secret: str
    token: str | None = None


WORTHLESS = ClientCredentials("dynafault", "dynafault")
_ENDPOINTS = ("DYNAMODB", "DYNAMODB_STREAMS", "BACKUP_GATEWAY", "BACKUP")
# A profile of the developer's own would take the place of the worthless credentials
_REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ENDPOINT_URL")


def credentials_for(keys: Mapping[str, AccessKey]) -> ClientCredentials:
    """What a client signs with: the first of the keys that may sign, where there are any."""
    for name, key in keys.items():
        return ClientCredentials(name, key.secret, key.token)
    return WORTHLESS


def client_variables(url: str, present: Mapping[str, str], credentials: ClientCredentials = WORTHLESS) -> dict[str, str | None]:
    """The variables to set, or with None to remove, for a program whose environment is `present`. Its region stays if it has one."""
    region = present.get("AWS_REGION") or present.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    variables: dict[str, str | None] = {f"AWS_ENDPOINT_URL_{service}": url for service in _ENDPOINTS}
    variables |= {
        "DYNAFAULT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return variables | dict.fromkeys(_REMOVED)


def with_client_variables(url: str, present: Mapping[str, str], credentials: ClientCredentials = WORTHLESS) -> dict[str, str]:
    """A whole environment for a program that is to talk to the emulator at `url`."""
    changed = {**present, **client_variables(url, present, credentials)}
    return {name: value for name, value in changed.items() if value is not None}
