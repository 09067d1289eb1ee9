"""Signature Version 4, checked against requests that botocore signed."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.clock import ManualClock
from emulator.messages import HttpRequest
from emulator.wire.signature import SignatureCheck, SigningKey

HOST = "http://localhost:8000"
SKEW = 900.0


def signed(
    method: str = "POST",
    path: str = "/",
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    *,
    secret: str = "secret",
    token: str | None = None,
    service: str = "dynamodb",
    presign: bool = False,
) -> HttpRequest:
    """A request as botocore signs it now. It presigns none that has a body."""
    body = b"" if presign else body
    request = AWSRequest(method, HOST + path, {"X-Amz-Target": "DynamoDB_20120810.ListTables", **(headers or {})}, body)
    credentials = Credentials("AKID", secret, token)
    auth = SigV4QueryAuth(credentials, service, "eu-west-1", 600) if presign else SigV4Auth(credentials, service, "eu-west-1")
    auth.add_auth(request)
    assert request.url is not None
    target = request.url[len(HOST) :] or "/"
    sent = {name.lower(): value for name, value in request.headers.items()}
    return HttpRequest(method, target, {"host": "localhost:8000", **sent}, body)


def moment(request: HttpRequest) -> float:
    text = request.headers.get("x-amz-date") or request.target.partition("X-Amz-Date=")[2][:16]
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()


def check(request: HttpRequest, *, late: float = 0.0, key: SigningKey | None = None, skew: float = SKEW, service: str = "dynamodb") -> None:
    """Check a request that arrives so many seconds after it was signed."""
    clock = ManualClock(moment(request) + late)
    SignatureCheck({"AKID": key or SigningKey("secret")}, skew, clock).check(request, service)


def refused(request: HttpRequest, **options: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        check(request, **options)
    return caught.value.spec.name, caught.value.message or ""


PATHS = ["/", "/sandbox/a%20b/", "/backup-jobs", "/a//b/../c", "/caf%C3%A9", "/?a=1&b=%20x&a=", "/x?y=~&z="]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("presign", [False, True])
def test_what_botocore_signed_is_right(path: str, presign: bool) -> None:
    check(signed("PUT", path, presign=presign))


@settings(deadline=None)
@given(
    body=st.binary(max_size=200),
    value=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    query=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=3),
)
def test_any_body_header_and_query(body: bytes, value: str, query: dict[str, str]) -> None:
    path = "/?" + "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in query.items())
    check(signed(path=path, body=body, headers={"X-Amz-Meta": value}))


def test_a_session_token_must_come_with_its_key() -> None:
    key = SigningKey("secret", "session-token")
    check(signed(token="session-token"), key=key)
    check(signed(token="session-token", presign=True), key=key)
    for wrong in (signed(token="other"), signed()):
        assert refused(wrong, key=key)[0] == "UnrecognizedClientException"
    assert refused(signed(token="session-token"))[0] == "UnrecognizedClientException"


def test_an_expired_token() -> None:
    request = signed(token="t")
    assert refused(request, key=SigningKey("secret", "t", expires=0.0))[0] == "ExpiredTokenException"
    check(request, key=SigningKey("secret", "t", expires=1.0))


def test_an_unknown_key() -> None:
    request = signed()
    with pytest.raises(ServiceError, match="The security token included in the request is invalid"):
        SignatureCheck({"OTHER": SigningKey("secret")}, SKEW, ManualClock(moment(request))).check(request, "dynamodb")


@pytest.mark.parametrize(
    "change",
    [
        {"body": b"{ }"},
        {"method": "PUT"},
        {"target": "/x"},
        {"target": "/?a=1"},
        {"headers": {"x-amz-target": "DynamoDB_20120810.DeleteTable"}},
        {"headers": {"host": "elsewhere"}},
    ],
)
def test_what_was_changed_after_signing_is_refused(change: dict[str, Any]) -> None:
    request = signed()
    for name, value in change.items():
        setattr(request, name, {**request.headers, **value} if name == "headers" else value)
    name, text = refused(request)
    assert name == "InvalidSignatureException"
    assert text.startswith("The request signature we calculated does not match the signature you provided.")


def test_the_wrong_secret() -> None:
    assert refused(signed(secret="other"))[0] == "InvalidSignatureException"


def test_a_header_that_was_not_signed_may_change() -> None:
    request = signed()
    request.headers["amz-sdk-request"] = "attempt=2"
    check(request)


@pytest.mark.parametrize("late", [SKEW, -SKEW])
def test_a_clock_may_be_a_little_off(late: float) -> None:
    check(signed(), late=late)


def test_an_old_signature() -> None:
    request = signed()
    name, text = refused(request, late=SKEW + 1)
    assert name == "InvalidSignatureException"
    then, oldest, now = request.headers["x-amz-date"], text.split()[7], text.split()[8][1:]
    assert text == f"Signature expired: {then} is now earlier than {oldest} ({now} - 15 min.)"
    assert then < oldest < now


def test_a_signature_from_the_future() -> None:
    request = signed()
    name, text = refused(request, late=-301.0, skew=300.0)
    assert name == "InvalidSignatureException"
    assert text.startswith(f"Signature not yet current: {request.headers['x-amz-date']} is still later than ")
    assert text.endswith(" + 5 min.)")


def test_a_presigned_request_has_its_own_lifetime() -> None:
    check(signed(presign=True), late=600.0)
    assert refused(signed(presign=True), late=601.0)[1].endswith(" - 10 min.)")


def test_a_signature_for_another_service() -> None:
    text = "Credential should be scoped to correct service: 'dynamodb'. "
    assert refused(signed(service="execute-api")) == ("InvalidSignatureException", text)
    check(signed(service="backup-gateway"), service="backup-gateway")


def test_a_scope_of_another_day() -> None:
    request = signed()
    request.headers["authorization"] = request.headers["authorization"].replace("AKID/2", "AKID/1")
    name, text = refused(request)
    assert name == "InvalidSignatureException"
    assert text.startswith("Date in Credential scope does not match YYYYMMDD")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0", "Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host", "Authorization header is not complete"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", "Credential must have exactly 5 slash-delimited elements"),
    ],
)
def test_a_signature_that_is_none(header: str, said: str) -> None:
    request = signed()
    request.headers["authorization"] = header
    name, text = refused(request)
    assert name == "IncompleteSignatureException"
    assert said in text


@pytest.mark.parametrize("date", ["", "today", "20261399T000000Z", "2026-11-20"])
def test_a_date_that_is_none(date: str) -> None:
    request = signed()
    check_at = moment(request)
    request.headers["x-amz-date"] = date
    with pytest.raises(ServiceError, match="Date must be in ISO-8601"):
        SignatureCheck({"AKID": SigningKey("secret")}, SKEW, ManualClock(check_at)).check(request, "dynamodb")


def test_the_date_header_stands_in() -> None:
    request = signed()
    instant = moment(request)
    del request.headers["x-amz-date"]
    request.headers["date"] = formatdate(instant, usegmt=True)
    # Time and scope are right by the Date header; only the signature, which was made over another header, is not.
    with pytest.raises(ServiceError, match="signature we calculated"):
        SignatureCheck({"AKID": SigningKey("secret")}, SKEW, ManualClock(instant)).check(request, "dynamodb")


def test_signing_keys_do_not_pile_up() -> None:
    request = signed()
    checker = SignatureCheck({"AKID": SigningKey("secret")}, SKEW, ManualClock(moment(request)))
    original = request.headers["authorization"]
    for number in range(1200):
        request.headers["authorization"] = original.replace("eu-west-1", f"region-{number}")
        with pytest.raises(ServiceError):
            checker.check(request, "dynamodb")
    assert len(checker._derived) <= 1000
