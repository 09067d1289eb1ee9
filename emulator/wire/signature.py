"""Signature Version 4, checked: was this request signed with the secret of the key that it names, and not too long ago?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html is the law for the canonical request;
the refusals are those of the live DynamoDB. What a request must bring to be checked at all is `authorization`'s business.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NoReturn
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.clock import Clock
from emulator.messages import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SIGNING_KEYS = 1000

_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_INSTANT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNRESERVED = "-_.~"
# What a signature consists of: another one takes its place
_OF_SIGNATURES = frozenset(("authorization", "date", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret that may sign. `token`: the session token that must come with it. `expires` is `Clock.elapsed()` in seconds."""

    secret: str
    token: str | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a request says about its signature. `lifetime`: seconds that a presigned request is good for."""

    key_id: str
    scope: tuple[str, str, str]
    headers: tuple[str, ...]
    signature: str
    instant: str
    token: str | None
    query: str
    lifetime: float | None = None


class SignatureCheck:
    """Checks requests against known keys. `clock_skew`: how many seconds a request's time may be off. Thread-safe."""

    def __init__(self, keys: Mapping[str, SigningKey], clock_skew: float, clock: Clock) -> None:
        self._keys = dict(keys)
        self._skew = clock_skew
        self._clock = clock
        self._derived: dict[tuple[str, tuple[str, str, str]], bytes] = {}

    def check(self, request: HttpRequest, signing_name: str) -> None:
        """Raises ServiceError for a request that was not signed right; `signing_name` is the service that it must be signed
        for."""
        signed = _from_query(request) if "X-Amz-Algorithm=" in request.target else _from_headers(request)
        self._check_time(signed)
        _check_scope(signed, signing_name)
        key = self._keys.get(signed.key_id)
        if key is None or key.token != signed.token:
            raise ServiceError("UnrecognizedClientException")
        if key.expires is not None and self._clock.elapsed() >= key.expires:
            raise ServiceError("ExpiredTokenException")
        if not _is_signed_by(request, signed, self._signing_key(signed, key)):
            raise ServiceError("InvalidSignatureException")

    def _check_time(self, signed: _Signed) -> None:
        # The machine's own time: it is the one that the Date header tells, and SDKs set their clocks by that.
        now = datetime.fromtimestamp(self._clock.machine(), timezone.utc)
        when = _moment(signed.instant)
        oldest, newest = now - timedelta(seconds=signed.lifetime or self._skew), now + timedelta(seconds=self._skew)
        if when < oldest:
            tail = f"({_shown(now)} - {_minutes(signed.lifetime or self._skew)})"
            _refuse(f"Signature expired: {signed.instant} is now earlier than {_shown(oldest)} {tail}")
        if when > newest:
            tail = f"({_shown(now)} + {_minutes(self._skew)})"
            _refuse(f"Signature not yet current: {signed.instant} is still later than {_shown(newest)} {tail}")

    def _signing_key(self, signed: _Signed, key: SigningKey) -> bytes:
        known = self._derived.get((signed.key_id, signed.scope))
        if known is None:
            known = _signing_key(signed, key.secret)
            if len(self._derived) >= MAX_SIGNING_KEYS:
                self._derived.clear()
            self._derived[signed.key_id, signed.scope] = known
        return known


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is signed with; `token` is the session token, where there is one."""

    access_key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def sign(request: HttpRequest, credentials: Credentials, region: str, signing_name: str, now: float) -> dict[str, str]:
    """The headers with which a request goes out in the name of other credentials, in place of its client's signature. `now` is in
    seconds since 1970. Its host and the type of its body are signed, and all headers of AWS."""
    instant = _shown(datetime.fromtimestamp(now, timezone.utc))
    headers = {name: value for name, value in request.headers.items() if name not in _OF_SIGNATURES}
    headers["x-amz-date"] = instant
    if credentials.token is not None:
        headers["x-amz-security-token"] = credentials.token
    names = tuple(sorted(name for name in headers if name in ("host", "content-type") or name.startswith("x-amz-")))
    scope = (instant[:8], region, signing_name)
    signed = _Signed(credentials.access_key, scope, names, "", instant, credentials.token, request.target.partition("?")[2])
    outgoing = replace(request, headers=headers, sent="")
    text = _string_to_sign(outgoing, signed)
    signature = hmac.new(_signing_key(signed, credentials.secret), text, sha256).hexdigest()
    credential = "/".join((credentials.access_key, *scope, "aws4_request"))
    headers["authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return headers


class PathCheck:
    """Checks requests for a path that no service has, where no keys are known. The live service refuses them unless the client signed
    that path (recordings up to October 2026). Only what cannot be a signature of it is refused: what is no digest, or a digest for the
    root by a secret that is the key's own name, as made-up credentials have it."""

    def check(self, request: HttpRequest, signing_name: str) -> None:
        """Raises ServiceError for a request that was certainly not signed for its path."""
        signed = _from_query(request) if "X-Amz-Algorithm=" in request.target else _from_headers(request)
        root = replace(request, target="/", sent="")
        if _DIGEST.fullmatch(signed.signature) is None or _is_signed_by(root, signed, _signing_key(signed, signed.key_id)):
            raise ServiceError("InvalidSignatureException")


def _signing_key(signed: _Signed, secret: str) -> bytes:
    known = f"AWS4{secret}".encode()
    for part in (*signed.scope, "aws4_request"):
        known = hmac.new(known, part.encode(), sha256).digest()
    return known


def _is_signed_by(request: HttpRequest, signed: _Signed, key: bytes) -> bool:
    wanted = hmac.new(key, _string_to_sign(request, signed), sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signed.signature.encode())


def _refuse(text: str) -> NoReturn:
    raise ServiceError("InvalidSignatureException", text)


def _incomplete(text: str) -> NoReturn:
    raise ServiceError("IncompleteSignatureException", text)


def _from_headers(request: HttpRequest) -> _Signed:
    header = request.headers.get("authorization", "")
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        _incomplete(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    parts = dict(_PART.findall(rest))
    if len(parts) < 3:
        _incomplete(f"Authorization header is not complete. Authorization={header}")
    key_id, scope = _credential(parts["Credential"])
    return _Signed(
        key_id,
        scope,
        tuple(parts["SignedHeaders"].split(";")),
        parts["Signature"],
        request.headers.get("x-amz-date") or _from_date(request.headers.get("date", "")),
        request.headers.get("x-amz-security-token"),
        request.target.partition("?")[2],
    )


def _from_query(request: HttpRequest) -> _Signed:
    query = request.target.partition("?")[2]
    given = dict(parse_qsl(query, keep_blank_values=True))
    if given.get("X-Amz-Algorithm") != ALGORITHM:
        _incomplete(f"Unsupported AWS 'algorithm': '{given.get('X-Amz-Algorithm')}'.")
    key_id, scope = _credential(given.get("X-Amz-Credential", ""))
    lifetime = given.get("X-Amz-Expires", "")
    return _Signed(
        key_id,
        scope,
        tuple(given.get("X-Amz-SignedHeaders", "").split(";")),
        given.get("X-Amz-Signature", ""),
        given.get("X-Amz-Date", ""),
        given.get("X-Amz-Security-Token"),
        "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature=")),
        float(lifetime) if re.fullmatch(r"[0-9]{1,6}", lifetime) else None,
    )


def _credential(text: str) -> tuple[str, tuple[str, str, str]]:
    parts = text.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        _incomplete(f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'")
    return parts[0], (parts[1], parts[2], parts[3])


def _check_scope(signed: _Signed, signing_name: str) -> None:
    if signed.scope[0] != signed.instant[:8]:
        _refuse(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{signed.scope[0]}' != '{signed.instant[:8]}', from '{signed.instant}'."
        )
    if signed.scope[2] != signing_name:
        # The live service ends this sentence with a space (sigv4#15, 2020)
        _refuse(f"Credential should be scoped to correct service: '{signing_name}'. ")


def _from_date(header: str) -> str:
    """The Date header as an ISO 8601 instant; "" for one that is no date."""
    try:
        return _shown(parsedate_to_datetime(header).astimezone(timezone.utc))
    except (ValueError, TypeError, OverflowError):
        return ""


def _moment(instant: str) -> datetime:
    found = _INSTANT.fullmatch(instant)
    try:
        if found is not None:
            return datetime(*(int(part) for part in found.groups()), tzinfo=timezone.utc)  # type: ignore[misc, arg-type]
    except ValueError:
        pass
    _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{instant}'. See http://en.wikipedia.org/wiki/ISO_8601")


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} min."


def _string_to_sign(request: HttpRequest, signed: _Signed) -> bytes:
    canonical = sha256(_canonical_request(request, signed)).hexdigest()
    return f"{ALGORITHM}\n{signed.instant}\n{'/'.join(signed.scope)}/aws4_request\n{canonical}".encode()


def _canonical_request(request: HttpRequest, signed: _Signed) -> bytes:
    path = (request.sent or request.target).partition("?")[0]
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed.headers)
    lines = (
        request.method,
        _canonical_path(path),
        _canonical_query(signed.query),
        headers,
        ";".join(signed.headers),
        sha256(request.body).hexdigest(),
    )
    return "\n".join(lines).encode()


def _canonical_path(path: str) -> str:
    """The path as it was sent, without dots, encoded once more: every service but S3 wants it so."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    normal = "/" + "/".join(kept)
    return quote(normal + "/" if path.endswith("/") and kept else normal, safe="/" + _UNRESERVED)


def _canonical_query(query: str) -> str:
    """Names and values as they were sent, encoded the canonical way, sorted by name, then by value."""
    parts = (part.partition("=") for part in query.split("&") if part)
    pairs = sorted((_encoded(name), _encoded(value)) for name, _, value in parts)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _encoded(text: str) -> str:
    """Percent-encoding as Signature Version 4 has it, of text that may be percent-encoded in some other way."""
    return quote(unquote_to_bytes(text), safe=_UNRESERVED)
