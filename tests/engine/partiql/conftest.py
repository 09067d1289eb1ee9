"""A table of songs with a global and a local index, and a short way to send statements to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError

SONGS = [
    {"artist": {"S": "acme"}, "song": {"S": "first"}, "year": {"N": "2001"}, "genre": {"S": "rock"}},
    {"artist": {"S": "acme"}, "song": {"S": "second"}, "year": {"N": "2002"}, "tags": {"SS": ["loud", "live"]}},
    {"artist": {"S": "acme"}, "song": {"S": "third"}, "year": {"N": "2003"}, "sales": {"M": {"eu": {"L": [{"N": "5"}, {"N": "6"}]}}}},
    {"artist": {"S": "band"}, "song": {"S": "first"}, "year": {"N": "1999"}, "gone": {"NULL": True}},
    {"artist": {"S": "choir"}, "song": {"S": "hymn"}, "year": {"N": "1950"}, "genre": {"S": "sacred"}},
]


def _index(name: str, hash_key: str, range_key: str) -> dict[str, Any]:
    schema = [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


@pytest.fixture
def songs(do: Callable[..., Any]) -> Callable[..., Any]:
    types = {"artist": "S", "song": "S", "year": "N", "genre": "S"}
    do(
        "CreateTable",
        TableName="songs",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "song", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[_index("by-genre", "genre", "year")],
        LocalSecondaryIndexes=[_index("by-year", "artist", "year")],
    )
    for item in SONGS:
        do("PutItem", TableName="songs", Item=item)
    return do


@pytest.fixture
def execute(songs: Callable[..., Any]) -> Callable[..., Any]:
    """`execute("SELECT ... ?", {"S": "x"}, Limit=1)`: the answer of ExecuteStatement."""

    def execute(text: str, *parameters: Any, **params: Any) -> Any:
        if parameters:
            params["Parameters"] = list(parameters)
        return songs("ExecuteStatement", Statement=text, **params)

    return execute


@pytest.fixture
def error(execute: Callable[..., Any]) -> Callable[..., tuple[str, str]]:
    """The name and the text of the error that a statement must end in."""

    def error(text: str, *parameters: Any, **params: Any) -> tuple[str, str]:
        with pytest.raises(ServiceError) as caught:
            execute(text, *parameters, **params)
        assert caught.value.message is not None
        return caught.value.spec.name, caught.value.message

    return error


@pytest.fixture
def item(songs: Callable[..., Any]) -> Callable[..., Any]:
    """`item("acme", "first")`: what is stored there now, None for nothing."""

    def item(artist: str, song: str) -> Any:
        return songs("GetItem", TableName="songs", Key={"artist": {"S": artist}, "song": {"S": song}}).get("Item")

    return item
