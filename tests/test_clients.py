"""Who sent a request, as its headers tell it. User-Agents are those that the SDKs send, some cut short."""

from __future__ import annotations

import pytest

from emulator.journal import Delivery, Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.sdks.catalogue import deviation
from emulator.sdks.detection import AttemptHeader, attempt_header, client_of, is_paginator, is_waiter
from emulator.sdks.profiles import ROWS
from emulator.sdks.retry_profiles import PROFILES

BOTO3 = "Boto3/{0} md/Botocore#{0} ua/2.1 os/linux#6.1 lang/python#3.11.7 md/pyimpl#CPython m/Z,N,{1},e,b cfg/retry-mode#{2} Botocore/{0}"


@pytest.mark.parametrize(
    ("agent", "sdk", "version", "mode", "profile"),
    [
        (BOTO3.format("1.44.5", "E", "standard"), "botocore", (1, 44, 5), "standard", "botocore-2026"),
        (BOTO3.format("1.44.5", "D", "legacy"), "botocore", (1, 44, 5), "legacy", "botocore-legacy"),
        (BOTO3.format("1.44.5", "F", "adaptive"), "botocore", (1, 44, 5), "adaptive", "botocore-2026"),
        (BOTO3.format("1.40.76", "E", "standard"), "botocore", (1, 40, 76), "standard", "botocore-standard"),
        (BOTO3.format("1.40.76", "F", "adaptive"), "botocore", (1, 40, 76), "adaptive", "botocore-adaptive"),
        ("Boto3/1.26.0 Python/3.8.17 Linux/5.4 Botocore/1.29.0", "botocore", (1, 29, 0), "", "botocore-legacy"),
        (
            "aiobotocore/3.10.0 md/Botocore#1.43.117 ua/2.1 m/e,D,P,b,N,Z cfg/retry-mode#legacy botocore/1.43.117",
            "botocore",
            (1, 43, 117),
            "legacy",
            "botocore-legacy",
        ),
        ("aws-cli/2.35.19 md/awscrt#0.35.0 ua/2.1 m/Z,E,C,b cfg/retry-mode#standard", "botocore", (), "standard", "botocore-standard"),
        ("aws-sdk-java/2.29.0 ua/2.1 os/Linux lang/java#17 cfg/retry-mode#legacy", "java-v2", (2, 29, 0), "legacy", "java-v2-legacy"),
        ("aws-sdk-java/1.12.750 Linux/5.10 OpenJDK cfg/retry-mode/standard", "java-v1", (1, 12, 750), "standard", "java-v1"),
        ("aws-sdk-go-v2/1.32.5 ua/2.1 os/macos lang/go#1.22 api/dynamodb#1.34 m/E", "go-v2", (1, 32, 5), "standard", "go-v2"),
        ("aws-sdk-go/1.44.0 (go1.20; linux; amd64)", "go-v1", (1, 44, 0), "", "go-v1"),
        ("aws-sdk-js/3.600.0 ua/2.1 os/linux lang/js api/dynamodb#3.600.0 m/E", "js-v3", (3, 600, 0), "standard", "js-v3"),
        ("aws-sdk-nodejs/2.1083.0 linux/v16.15.0 promise", "js-v2", (2, 1083, 0), "", "js-v2"),
        ("aws-sdk-rust/1.3.9 os/macos lang/rust/1.87.0", "rust", (1, 3, 9), "", "rust"),
        ("aws-sdk-dotnet-coreclr/3.7.305.28 ua/2.0 cfg/retry-mode#legacy", "net", (3, 7, 305), "legacy", "net-legacy"),
        ("aws-sdk-dotnet-coreclr/4.0.9.6 ua/2.1 api/DynamoDB#4.0.9.6", "net", (4, 0, 9), "", "net-standard"),
        ("aws-sdk-ruby3/3.171.0 ruby/3.2.2 x86_64-linux aws-sdk-dynamodb/1.120.0", "ruby", (3, 171, 0), "", "ruby-legacy"),
        ("aws-sdk-cpp/1.11.493 ua/2.1 api/DynamoDB os/Darwin lang/c++#C++11 m/D", "cpp", (1, 11, 493), "legacy", "cpp-legacy"),
        ("aws-sdk-kotlin/1.3.81 ua/2.1 api/dynamodb#1.3.81", "kotlin", (1, 3, 81), "", "kotlin"),
        ("aws-sdk-php/3.300.0 ua/2.1 lang/php#8.1 cfg/retry-mode#legacy", "php", (3, 300, 0), "legacy", "php-legacy"),
    ],
)
def test_an_sdk_is_known_by_its_user_agent(agent: str, sdk: str, version: tuple[int, ...], mode: str, profile: str) -> None:
    client = client_of({"user-agent": agent})
    assert client.sdk is not None
    assert (client.sdk.name, client.version, client.mode) == (sdk, version, mode)
    found = client.profile()
    assert found is not None
    assert found.profile.name == profile
    row = next(row for row in ROWS if row.holds(sdk, "dynamodb", version, mode))
    assert found.is_sure is (bool(version) and not row.perhaps)


@pytest.mark.parametrize(
    ("agent", "three", "four"),
    [
        ("aws-sdk-js/3.1100.0 ua/2.1 m/E", ("js-v3", False), ("js-v3-2026", False)),
        ("aws-sdk-js/3.1169.0 ua/2.1 m/E", ("js-v3-2026", True), ("js-v3-2026", True)),
        (BOTO3.format("1.43.117", "E", "standard"), ("botocore-standard", True), ("botocore-standard", True)),
        ("aws-cli/2.35.19 md/awscrt#0.35.0 ua/2.1 m/Z,E,C,b", ("botocore-standard", False), ("botocore-2026", False)),
        ("aws-sdk-go-v2/1.32.5 m/E", ("go-v2", False), ("go-v2-2026", False)),
        ("aws-sdk-java/2.29.0 ua/2.1 cfg/retry-mode#legacy", ("java-v2-legacy", False), ("java-v2-legacy", False)),
    ],
)
def test_the_attempts_that_are_declared_decide_only_where_the_version_does_not(
    agent: str, three: tuple[str, bool], four: tuple[str, bool]
) -> None:
    client = client_of({"user-agent": agent})
    known = [client.profile("dynamodb", most) for most in (3, 4)]
    assert [found and (found.profile.name, found.is_sure) for found in known] == [three, four]


@pytest.mark.parametrize(
    ("agent", "service", "profile"),
    [
        (BOTO3.format("1.43.117", "D", "legacy"), "streams", "botocore-legacy-other"),
        (BOTO3.format("1.43.117", "D", "legacy"), "backup", "botocore-legacy-other"),
        (BOTO3.format("1.44.8", "E", "standard"), "streams", "botocore-2026"),
        (BOTO3.format("1.44.8", "E", "standard"), "backup-gateway", "standard-2026-other"),
        (BOTO3.format("1.43.117", "E", "standard"), "backup", "botocore-standard"),
        ("aws-sdk-java/1.12.750 Linux/5.10", "backup", "java-v1-other"),
        ("aws-sdk-java/1.12.750 Linux/5.10", "streams", ""),
        ("aws-sdk-nodejs/2.1083.0", "backup", ""),
    ],
)
def test_other_services_have_other_profiles(agent: str, service: str, profile: str) -> None:
    found = client_of({"user-agent": agent}).profile(service)
    assert (found.profile.name if found else "") == profile


def test_every_row_of_the_table_can_be_reached() -> None:
    for row in ROWS:
        assert row.profile in PROFILES
        assert not row.perhaps or row.perhaps in PROFILES
        assert row.source
        first = next(other for other in ROWS if other.holds(row.sdk, row.services[0], row.since, row.modes[0]))
        assert first is row, row


def test_rust_tells_its_mode_in_a_second_header() -> None:
    client = client_of({"user-agent": "aws-sdk-rust/1.3.9", "x-amz-user-agent": "aws-sdk-rust/1.3.9 ua/2.1 api/dynamodb/1.88.0 m/F"})
    assert client.is_adaptive


@pytest.mark.parametrize("agent", ["curl/8.0", "", "MyApp/1.0 aws-lite", "python-requests/2.31"])
def test_what_is_no_sdk_is_not_guessed(agent: str) -> None:
    client = client_of({"user-agent": agent})
    assert (client.sdk, client.profile(), client.name) == (None, None, agent.partition(" ")[0])


def test_waiters_and_paginators_and_resources_are_recognised() -> None:
    headers = {"user-agent": "Boto3/1.44.5 md/Botocore#1.44.5 m/Z,F,N,B,e cfg/retry-mode#standard Botocore/1.44.5 Resource"}
    assert (is_waiter(headers), is_paginator(headers), client_of(headers).is_resource) == (True, False, True)
    assert is_paginator({"user-agent": "aws-cli/2.35 m/Z,E,C"})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"amz-sdk-request": "attempt=1"}, AttemptHeader(1)),
        ({"amz-sdk-request": "ttl=20261120T220235Z; attempt=2; max=10"}, AttemptHeader(2, 10, 1795212155.0)),
        ({"amz-sdk-request": "ttl=20261120T220235Z;attempt=2;max=11"}, AttemptHeader(2, 11, 1795212155.0)),
        ({"amz-sdk-request": "attempt=1; max=3; ttl=20261120T220235Z"}, AttemptHeader(1, 3, 1795212155.0)),
        ({"amz-sdk-request": "attempt=0; max=3"}, AttemptHeader(0, 3)),
        ({"amz-sdk-retry": "1/23/495"}, AttemptHeader(2)),
        ({"aws-sdk-retry": "0/0"}, AttemptHeader(1)),
        ({"amz-sdk-request": "attempt=soon; max=; ttl=20261399T999999Z"}, AttemptHeader()),
        ({"aws-sdk-retry": "never"}, AttemptHeader()),
        ({}, AttemptHeader()),
    ],
)
def test_attempt_headers_are_read_in_every_dialect(headers: dict[str, str], expected: AttemptHeader) -> None:
    assert attempt_header(Exchange(0, 0.0, HttpRequest("POST", "/", headers, b""), None, HttpReply(200, [], b""), Delivery())) == expected


@pytest.mark.parametrize(
    ("profile", "error", "status", "retries"),
    [
        ("botocore-legacy", "RequestLimitExceeded", 400, False),
        ("botocore-2026", "RequestLimitExceeded", 400, None),
        ("ruby-legacy", "501", 501, True),
        ("js-v2", "MovedPermanently", 301, True),
        ("go-v1", "ExpiredTokenException", 400, True),
    ],
)
def test_what_a_mode_does_otherwise_is_known(profile: str, error: str, status: int, retries: bool | None) -> None:
    assert deviation(profile, error, status) is retries
