"""Tags of tables, limits and endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.messages import Call, HttpRequest

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/hashed"


def _tags(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_tags_are_added_replaced_and_taken_away(do: Do, hashed: str) -> None:
    assert do("ListTagsOfResource", ResourceArn=ARN) == {"Tags": []}
    assert do("TagResource", ResourceArn=ARN, Tags=_tags(a="1", b="2")) is None
    do("TagResource", ResourceArn=ARN, Tags=_tags(b="3", c="4"))
    assert do("ListTagsOfResource", ResourceArn=ARN) == {"Tags": _tags(a="1", b="3", c="4")}
    assert do("UntagResource", ResourceArn=ARN, TagKeys=["a", "none"]) is None
    assert do("ListTagsOfResource", ResourceArn=ARN) == {"Tags": _tags(b="3", c="4")}


def test_a_table_may_be_created_with_tags(do: Do, defined: Defined) -> None:
    do("CreateTable", **defined("hashed", "pk:S", Tags=_tags(team="orders")))
    assert do("ListTagsOfResource", ResourceArn=ARN) == {"Tags": _tags(team="orders")}


def test_fifty_tags_at_most(do: Do, refused: Refused, hashed: str) -> None:
    do("TagResource", ResourceArn=ARN, Tags=_tags(**{f"t{n}": "" for n in range(50)}))
    do("TagResource", ResourceArn=ARN, Tags=_tags(t0="other"))
    text = "Number of Tags exceed the current limit for the provided ResourceArn"
    assert refused("TagResource", ResourceArn=ARN, Tags=_tags(more="")) == text
    assert len(do("ListTagsOfResource", ResourceArn=ARN)["Tags"]) == 50


def test_something_must_be_tagged_or_untagged(refused: Refused, hashed: str) -> None:
    assert refused("TagResource", ResourceArn=ARN, Tags=[]) == "Atleast one Tag needs to be provided as Input."
    assert refused("UntagResource", ResourceArn=ARN, TagKeys=[]) == "Atleast one Tag Key needs to be provided as Input."
    assert refused("TagResource", ResourceArn="hashed", Tags=[]) == "ARNs must start with 'arn:'"


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (_tags(a="1") + _tags(a="2"), "Duplicate tag key: a"),
        ([{"Key": "AWS:mine", "Value": ""}], "reserved for system use: AWS:mine"),
    ],
)
def test_tags_must_be_allowed(do: Do, refused: Refused, defined: Defined, hashed: str, tags: list[dict[str, str]], text: str) -> None:
    assert text in refused("TagResource", ResourceArn=ARN, Tags=tags)
    assert text in refused("CreateTable", **defined("tagged", "pk:S", Tags=tags))
    assert do("ListTables") == {"TableNames": ["hashed"]}


@pytest.mark.parametrize(
    ("operation", "params", "tail"),
    [
        ("ListTagsOfResource", {}, f": ResourcArn: {ARN} not found"),
        ("TagResource", {"Tags": _tags(a="1")}, f": ResourcArn: {ARN} not found"),
        ("UntagResource", {"TagKeys": ["a"]}, ""),
    ],
)
def test_a_resource_must_exist(fails: Fails, refused: Refused, operation: str, params: dict[str, Any], tail: str) -> None:
    error = fails(operation, ResourceArn=ARN, **params)
    assert (error.spec.name, error.message) == ("ResourceNotFoundException", f"Requested resource not found{tail}")
    assert refused(operation, ResourceArn="hashed", **params) == "ARNs must start with 'arn:'"


def test_there_is_no_second_page(refused: Refused, hashed: str) -> None:
    assert refused("ListTagsOfResource", ResourceArn=ARN, NextToken="more") == "Invalid NextToken"


def test_limits_are_those_of_a_new_account(do: Do) -> None:
    assert do("DescribeLimits") == {
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }


@pytest.mark.parametrize(
    ("headers", "address"),
    [({"host": "localhost:8000"}, "localhost:8000"), ({}, "dynamodb.eu-west-1.amazonaws.com")],
)
def test_endpoint_discovery_leads_back_here(engine: Engine, headers: dict[str, str], address: str) -> None:
    request = HttpRequest("POST", "/", headers, b"")
    answer = engine.execute(Call("dynamodb", "DescribeEndpoints", {}, (), "eu-west-1", "000000000000", "", "", request)).output
    assert answer == {"Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]}
