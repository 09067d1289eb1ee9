"""The Authorization header: is it there, is it complete, who signed, for which region.

Whether the signature is right is another question, asked only where a scenario brings keys (`signature`). Sentences are those of
the live service."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from emulator.aws.errors import ServiceError
from emulator.messages import HttpRequest

DEFAULT_REGION = "us-east-1"
# A header as every SDK writes it: one look instead of five
_USUAL = re.compile(r"AWS4-\S+ Credential=([^/,\s]+)/[^/,]*/([^/,]+)/[^/,]+/aws4_request, ?SignedHeaders=[^,]+, ?Signature=")
_CREDENTIAL = re.compile(r"Credential=([^,\s]*)")
_SCOPE = re.compile(r"^(?P<key>[^/]+)/(?P<date>[^/]*)/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request$")
_QUERY_PARAMETERS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


class Identity(NamedTuple):
    """Who signed a request and for where, as the credential scope says it."""

    access_key: str
    region: str


NOBODY = Identity("", DEFAULT_REGION)
# Scopes that are read once for all, of so many characters at most
MAX_KNOWN = 256
MAX_SCOPE = 512
_known: dict[str, Identity] = {}


def identify(request: HttpRequest) -> Identity:
    """Raises MissingAuthenticationTokenException, IncompleteSignatureException or InvalidSignatureException."""
    usual = usual_identity(request)
    if usual is not None:
        return usual
    header = request.headers.get("authorization")
    query = request.target.partition("?")[2]
    if "X-Amz-Algorithm" in query:
        return _from_query(dict(parse_qsl(query)), header)
    if header is None or not header.startswith("AWS4-"):
        raise ServiceError("MissingAuthenticationTokenException")
    return _from_header(header, request)


def usual_identity(request: HttpRequest) -> Identity | None:
    """What a complete header says; None for a request that takes a closer look. A client's scope is the same the whole day."""
    headers = request.headers
    header = headers.get("authorization")
    if request.target != "/" or header is None or "x-amz-date" not in headers:
        return None
    scope, _, rest = header.partition("SignedHeaders=")
    identity = _known.get(scope)
    if identity is not None and ", Signature=" in rest:
        return identity
    match = _USUAL.match(header)
    if match is None:
        return None
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    identity = Identity(match[1], match[2])
    # The longest are no client's
    if len(scope) <= MAX_SCOPE and scope.endswith(("/aws4_request, ", "/aws4_request,")):
        _known[scope] = identity
    return identity


def _from_header(header: str, request: HttpRequest) -> Identity:
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if f"{name}=" not in header]
    sentences = [f"Authorization header requires '{name}' parameter." for name in missing]
    if "x-amz-date" not in request.headers and "date" not in request.headers:
        sentences.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if sentences:
        raise ServiceError("IncompleteSignatureException", f"{' '.join(sentences)} Authorization={header}")
    match = _CREDENTIAL.search(header)
    return _scope(match.group(1) if match else "")


def _from_query(query: dict[str, str], header: str | None) -> Identity:
    if header is not None:
        raise ServiceError(
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        )
    missing = [f"AWS query-string parameters must include '{name}'." for name in _QUERY_PARAMETERS if name not in query]
    if missing:
        raise ServiceError("IncompleteSignatureException", f"{' '.join(missing)} Re-examine the query-string parameters.")
    return _scope(query["X-Amz-Credential"])


def _scope(credential: str) -> Identity:
    """A scope that is no scope counts as one for the default region: plain tools sign with anything, and who wants
    signatures checked says so in a scenario."""
    match = _SCOPE.match(credential)
    if match is None:
        return Identity(credential.partition("/")[0], DEFAULT_REGION)
    return Identity(match["key"], match["region"])
