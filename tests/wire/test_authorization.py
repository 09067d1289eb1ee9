from __future__ import annotations

import pytest

from emulator.aws.errors import ServiceError
from emulator.messages import HttpRequest
from emulator.wire.authorization import Identity, identify

DATE = {"x-amz-date": "20261120T120000Z"}
HEADER = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc"


def ask(target: str = "/", **headers: str) -> Identity:
    return identify(HttpRequest("POST", target, {name.replace("_", "-"): value for name, value in headers.items()}, b""))


def refusal(target: str = "/", **headers: str) -> tuple[str, str | None]:
    with pytest.raises(ServiceError) as caught:
        ask(target, **headers)
    return caught.value.spec.name, caught.value.message


@pytest.mark.parametrize(
    "header",
    [HEADER, HEADER.replace(", ", ","), HEADER.replace("Credential", "Signature=abc, Credential").replace(", Signature=abc", "", 1)],
)
def test_the_scope_says_who_and_where(header: str) -> None:
    assert ask(authorization=header, x_amz_date="20261120T120000Z") == Identity("AKID", "eu-west-1")


def test_presigned_requests_carry_it_in_the_query() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261120%2Feu-west-1%2Fdynamodb%2Faws4_request"
    query += "&X-Amz-Date=20261120T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
    assert ask(f"/?{query}") == Identity("AKID", "eu-west-1")


def test_a_scope_that_is_none_counts_for_the_default_region() -> None:
    header = "AWS4-HMAC-SHA256 Credential=whoever, SignedHeaders=host, Signature=abc"
    assert ask(authorization=header, date="now") == Identity("whoever", "us-east-1")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic abc"}, {"authorization": ""}])
def test_no_signature_is_no_token(headers: dict[str, str]) -> None:
    assert refusal(**headers) == ("MissingAuthenticationTokenException", "Request is missing Authentication Token")


def test_everything_that_is_missing_is_named() -> None:
    assert refusal(authorization="AWS4-HMAC-SHA256 Credential=a") == (
        "IncompleteSignatureException",
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Credential=a",
    )
    name, message = refusal("/?X-Amz-Algorithm=a")
    assert name == "IncompleteSignatureException"
    assert (message or "").count("AWS query-string parameters must include") == 4


def test_both_ways_at_once_are_refused() -> None:
    assert refusal("/?X-Amz-Algorithm=a", authorization=HEADER)[0] == "InvalidSignatureException"
