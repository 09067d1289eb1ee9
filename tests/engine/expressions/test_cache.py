"""A cached text means the same as a fresh one, whatever the placeholders of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.expressions import (
    Placeholders,
    Resolutions,
    SyntaxCache,
    parse_condition,
    parse_projection,
    parse_update,
)
from emulator.backends.dynamodb.expressions.cache import MAX_ASKED, MAX_RESOLVED


def test_each_request_has_its_own_placeholders():
    cache = SyntaxCache()
    for number in ("1", "2"):
        placeholders = Placeholders({"#a": f"a{number}"}, {":v": {"N": number}}, "2026", cache)
        assert parse_condition("#a = :v", placeholders).holds({f"a{number}": {"N": number}})
        placeholders.check_all_used()
    with pytest.raises(ServiceError, match="attribute name: #a"):
        parse_condition("#a = :v", Placeholders(None, None, "2026", cache))


def test_one_text_may_be_several_kinds_of_expression():
    placeholders = Placeholders(None, None, "2026", SyntaxCache())
    assert parse_projection("a", placeholders).apply({"a": {"N": "1"}}) == {"a": {"N": "1"}}
    with pytest.raises(ServiceError, match=r'Invalid ConditionExpression: Syntax error; token: "<EOF>"'):
        parse_condition("a", placeholders)
    with pytest.raises(ServiceError, match=r'Invalid UpdateExpression: Syntax error; token: "a"'):
        parse_update("a", placeholders)


def test_refusals_name_the_parameter_of_their_own_request():
    cache = SyntaxCache()
    for parameter in ("ConditionExpression", "FilterExpression"):
        for text in ("a =", "a = :v"):
            with pytest.raises(ServiceError, match=f"Invalid {parameter}: "):
                parse_condition(text, Placeholders(None, None, "2026", cache), parameter)


def test_a_full_cache_starts_anew():
    cache = SyntaxCache(limit=2)
    for _ in range(2):
        for name in ("p", "q", "r"):
            condition = parse_condition(f"attribute_exists({name})", Placeholders(None, None, "2026", cache))
            assert condition.attribute_names == {name}


def _asked(number: int, **others: Any) -> dict[str, Any]:
    return {"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"N": str(number)}}, **others}


def test_expressions_are_resolved_once_with_the_same_names_and_values() -> None:
    resolutions, made = Resolutions(), []

    def resolve(params: Mapping[str, Any], context: str) -> object:
        made.append(params)
        return object()

    first = resolutions.find(resolve, _asked(1), "")
    # What is no expression makes no difference, and all that belongs to one does
    assert resolutions.find(resolve, _asked(1, TableName="t", Key={"id": {"S": "a"}}), "") is first
    different = [
        _asked(2),
        _asked(1, ConditionExpression="b = :v"),
        _asked(1, UpdateExpression="REMOVE b"),
        _asked(1, KeyConditionExpression="a = :v"),
        _asked(1, FilterExpression="a = :v"),
        _asked(1, ProjectionExpression="a"),
        _asked(1, ExpressionAttributeNames={"#a": "a"}),
        _asked(1, ExpressionAttributeValues={":v": {"S": "1"}}),
    ]
    found = [resolutions.find(resolve, params, "") for params in different]
    assert len({id(one) for one in [first, *found]}) == len(made) == 9
    other = resolutions.find(lambda params, context: "another", _asked(1), "")
    assert other == "another"


def test_refusals_and_what_is_no_json_are_not_remembered() -> None:
    resolutions, tries = Resolutions(), []

    def refuse(params: Mapping[str, Any], context: str) -> None:
        tries.append(params)
        raise ServiceError("ValidationException")

    for params in (_asked(1), _asked(1), _asked(1, ExpressionAttributeNames={"#a": "\ud800"})):
        with pytest.raises(ServiceError):
            resolutions.find(refuse, params, "")
    assert len(tries) == 3
    assert not resolutions._known


def test_resolutions_are_bounded() -> None:
    resolutions = Resolutions()
    for number in range(2 * MAX_RESOLVED):
        resolutions.find(lambda params, context: params, _asked(number), "")
        assert len(resolutions._known) <= MAX_RESOLVED
    resolutions._known.clear()
    resolutions.find(lambda params, context: params, _asked(1, ConditionExpression="x" * MAX_ASKED), "")
    assert not resolutions._known


def test_a_write_that_comes_again_is_done_to_the_item_as_it_is_by_then(
    do: Callable[..., dict[str, Any]],
) -> None:
    do(
        "CreateTable",
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    key = {"id": {"S": "a"}}
    update = {
        "Key": key,
        "UpdateExpression": "SET l = list_append(if_not_exists(l, :none), :one), m = :map ADD n :n",
        "ConditionExpression": "attribute_not_exists(n) OR n < :limit",
        "ExpressionAttributeValues": {
            ":none": {"L": []},
            ":one": {"L": [{"S": "x"}]},
            ":n": {"N": "1"},
            ":map": {"M": {"a": {"N": "1"}}},
            ":limit": {"N": "3"},
        },
    }
    nested = {"Key": key, "UpdateExpression": "SET m.a = :new", "ExpressionAttributeValues": {":new": {"N": "7"}}}
    for number in range(1, 4):
        do("UpdateItem", TableName="t", **update)
        item = do("GetItem", TableName="t", Key=key)["Item"]
        assert (item["n"], item["l"], item["m"]) == ({"N": str(number)}, {"L": [{"S": "x"}] * number}, {"M": {"a": {"N": "1"}}})
        do("UpdateItem", TableName="t", **nested)
        assert do("GetItem", TableName="t", Key=key)["Item"]["m"] == {"M": {"a": {"N": "7"}}}
    with pytest.raises(ServiceError) as caught:
        do("UpdateItem", TableName="t", **update)
    assert caught.value.spec.name == "ConditionalCheckFailedException"


def test_a_refusal_comes_again(refused: Callable[..., str]) -> None:
    wrong = {"TableName": "t", "KeyConditionExpression": "a <> :v", "ExpressionAttributeValues": {":v": {"S": "a"}}}
    assert refused("Query", **wrong) == refused("Query", **wrong)
