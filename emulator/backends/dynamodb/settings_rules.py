"""The settings that several operations on tables share: streams, encryption, tags; and those that are refused because they are not carried
out here."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.backends.dynamodb.definitions import Encryption
from emulator.backends.dynamodb.limits import TAGS
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.messages import Call

# White space counts, and letters and numbers of any language
_NOT_OF_TAGS = re.compile(r"[^\w\s+\-=.:/@]")


def stream_view(specification: Mapping[str, Any]) -> str | None:
    """The view of a StreamSpecification, None where it says that there shall be no stream."""
    view: str | None = specification.get("StreamViewType")
    if not specification["StreamEnabled"]:
        if view is not None:
            raise invalid("Table is being created with a stream disabled, UpdateViewType should not be specified")
        return None
    if view is None:
        raise invalid("StreamViewType must be specified when StreamEnabled is set to true")
    return view


def encryption(specification: Mapping[str, Any], call: Call) -> Encryption | None:
    """The key of an SSESpecification, None for the one that AWS owns."""
    key: str | None = specification.get("KMSMasterKeyId")
    if not specification.get("Enabled", False):
        if key is not None or specification.get("SSEType") is not None:
            raise invalid("SSEType and KMSMasterKeyId cannot be specified when Enabled is set to false")
        return None
    if specification.get("SSEType") == "AES256":
        raise invalid("SSEType AES256 is not supported. Supported SSEType: KMS")
    return Encryption(_key_arn(key or "alias/aws/dynamodb", call))


def tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags by key. The rules are those of the documentation ("Tagging restrictions") and of recordings up to October 2026; the
    sentences have not been seen."""
    found: dict[str, str] = {}
    for tag in given:
        key = tag["Key"]
        for what, text in (("key", key), ("value", tag["Value"])):
            if _NOT_OF_TAGS.search(text):
                raise invalid(f"Tag {what} has characters other than letters, white space, numbers and + - = . _ : / @: {text}")
        if key.lower().startswith("aws:"):
            raise invalid(f"Tag keys that begin with aws: are reserved for system use: {key}")
        if key in found:
            raise invalid(f"Duplicate tag key: {key}")
        found[key] = tag["Value"]
    check_tag_count(found)
    return found


def check_tag_count(tags: Mapping[str, str]) -> None:
    """Raises ServiceError (ValidationException) for more tags than a table may have."""
    if len(tags) > TAGS:
        raise refusal("Number of Tags exceed the current limit for the provided ResourceArn")


def refuse_unsupported(params: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raises ServiceError (ValidationException) for parameters that this emulator does not carry out: better than to accept
    them and do nothing."""
    for name in names:
        if params.get(name):
            raise refusal(f"{name} is not supported by this emulator")


def _key_arn(key: str, call: Call) -> str:
    if key.startswith("arn:"):
        return key
    # The service shows the key behind an alias; there is no KMS here to ask, but the same alias shows the same key
    key_id = str(uuid.uuid5(uuid.NAMESPACE_URL, key)) if key.startswith("alias/") else key
    return f"arn:aws:kms:{call.region}:{call.account}:key/{key_id}"
