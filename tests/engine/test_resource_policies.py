"""Policies of tables and streams: kept, shown, revised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/hashed"
POLICY = '{"Version": "2012-10-17", "Statement": []}'
OTHER = '{"Statement": [{"Effect": "Deny"}]}'
NOT_FOUND = "Resource-based policy not found for the provided ResourceArn"


def test_a_policy_is_kept_as_it_was_sent(do: Do, hashed: str) -> None:
    revision = do("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)["RevisionId"]
    assert do("GetResourcePolicy", ResourceArn=ARN) == {"Policy": POLICY, "RevisionId": revision}


def test_only_another_policy_is_another_revision(do: Do, hashed: str) -> None:
    first = do("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)["RevisionId"]
    assert do("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)["RevisionId"] == first
    assert do("PutResourcePolicy", ResourceArn=ARN, Policy=OTHER)["RevisionId"] != first


def test_a_policy_may_come_with_the_table(do: Do, defined: Defined) -> None:
    do("CreateTable", **defined("hashed", "pk:S", ResourcePolicy=POLICY))
    assert do("GetResourcePolicy", ResourceArn=ARN)["Policy"] == POLICY


def test_a_stream_has_a_policy_of_its_own(do: Do, defined: Defined, fails: Fails) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    arn = do("CreateTable", **defined("hashed", "pk:S", StreamSpecification=stream))["TableDescription"]["LatestStreamArn"]
    do("PutResourcePolicy", ResourceArn=arn, Policy=POLICY)
    assert do("GetResourcePolicy", ResourceArn=arn)["Policy"] == POLICY
    assert fails("GetResourcePolicy", ResourceArn=ARN).message == f"{NOT_FOUND}: {ARN}"
    assert fails("GetResourcePolicy", ResourceArn=f"{arn}9").spec.name == "ResourceNotFoundException"


def test_deleting_is_idempotent(do: Do, hashed: str, fails: Fails) -> None:
    revision = do("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)
    assert do("DeleteResourcePolicy", ResourceArn=ARN) == revision
    assert do("DeleteResourcePolicy", ResourceArn=ARN) == {}
    assert fails("GetResourcePolicy", ResourceArn=ARN).spec.name == "PolicyNotFoundException"


def test_an_expected_revision_must_be_the_one(do: Do, hashed: str, fails: Fails) -> None:
    assert fails("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY, ExpectedRevisionId="1").message == f"{NOT_FOUND}: {ARN}"
    revision = do("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY, ExpectedRevisionId="NO_POLICY")["RevisionId"]
    texts = {
        "NO_POLICY": "Requested policy update expecting none to be present for table hashed, but a policy exists with revision id "
        f"{revision}.",
        "1": "Requested update for policy with revision id 1, but the policy associated to target table hashed has revision id "
        f"{revision}.",
    }
    for expected, text in texts.items():
        for operation, params in (("PutResourcePolicy", {"Policy": OTHER}), ("DeleteResourcePolicy", {})):
            error = fails(operation, ResourceArn=ARN, ExpectedRevisionId=expected, **params)
            assert (error.spec.name, error.message) == ("PolicyNotFoundException", f"{NOT_FOUND}: {text}")
    assert do("GetResourcePolicy", ResourceArn=ARN)["Policy"] == POLICY
    do("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId=revision)
    assert fails("DeleteResourcePolicy", ResourceArn=ARN, ExpectedRevisionId=revision).message == f"{NOT_FOUND}: {ARN}"


@pytest.mark.parametrize("policy", ["", "no JSON", "[]", "{}", '{"Statement": ["' + "x" * 20_480 + '"]}'])
def test_a_policy_is_a_document_of_at_most_20_kilobytes(refused: Refused, defined: Defined, hashed: str, policy: str) -> None:
    assert "The resource policy" in refused("PutResourcePolicy", ResourceArn=ARN, Policy=policy)
    assert "The resource policy" in refused("CreateTable", **defined("other", "pk:S", ResourcePolicy=policy))


def test_a_resource_must_exist(fails: Fails, refused: Refused) -> None:
    error = fails("GetResourcePolicy", ResourceArn=ARN)
    assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found: Table: hashed not found")
    assert refused("GetResourcePolicy", ResourceArn="hashed") == "ARNs must start with 'arn:'"
