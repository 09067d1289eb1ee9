"""INSERT, UPDATE and DELETE, and what RETURNING returns."""

import pytest

from emulator.aws.errors import ServiceError

FIRST = {"artist": {"S": "acme"}, "song": {"S": "first"}, "year": {"N": "2001"}, "genre": {"S": "rock"}}
KEY = "WHERE artist = 'acme' AND song = 'first'"
CHECK_FAILED = ("ConditionalCheckFailedException", "The conditional request failed")


def test_insert(execute, item):
    values = "{'artist': 'new', 'song': ?, 'n': -1.50e1, 'b': TRUE, 'f': false, 'z': NULL, 'l': [1, ['x']], "
    values += "'m': {'k': {}}, 's': <<1, 2>>, 't': <<'it''s'>>}"
    assert execute(f'INSERT INTO "songs" VALUE {values}', {"S": "one"}) == {"Items": []}
    assert item("new", "one") == {
        "artist": {"S": "new"},
        "song": {"S": "one"},
        "n": {"N": "-15"},
        "b": {"BOOL": True},
        "f": {"BOOL": False},
        "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"L": [{"S": "x"}]}]},
        "m": {"M": {"k": {"M": {}}}},
        "s": {"NS": ["1", "2"]},
        "t": {"SS": ["it's"]},
    }


def test_insert_never_replaces(error, item):
    duplicate = ("DuplicateItemException", "Duplicate primary key exists in table")
    assert error("INSERT INTO songs VALUE {'artist': 'acme', 'song': 'first'}") == duplicate
    assert item("acme", "first") == FIRST


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{'artist': 'x'}", "One or more parameter values were invalid: Missing the key song in the item"),
        ("{'artist': 1, 'song': 'y'}", "One or more parameter values were invalid: Type mismatch for key artist expected: S actual: N"),
        ("{'artist': 'x', 'song': 'y', 's': <<>>}", "One or more parameter values were invalid: An string set  may not be empty"),
        (
            "{'artist': 'x', 'song': 'y', 's': <<1, 1.0>>}",
            "One or more parameter values were invalid: Input collection contains duplicates.",
        ),
        ("{'artist': 'x', 'song': 'y', 's': <<1, 'a'>>}", "Sets must contain only strings, only numbers or only binaries"),
        (
            "{'artist': 'x', 'song': 'y', 'n': 1e126}",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        ("'x'", "Statement wasn't well formed, can't be processed: Expected a map of attributes"),
    ],
)
def test_insert_refused(error, item, values, message):
    assert error(f"INSERT INTO songs VALUE {values}") == ("ValidationException", message)
    assert item("x", "y") is None


@pytest.mark.parametrize(
    ("actions", "changes"),
    [
        ("SET year = 5", {"year": {"N": "5"}}),
        ("SET year = year + 1, genre = 'pop'", {"year": {"N": "2002"}, "genre": {"S": "pop"}}),
        ("SET year = 10 - year", {"year": {"N": "-1991"}}),
        ("SET a = 1 SET b = [year] REMOVE genre", None),
        ("SET l = list_append([1], [2])", {"l": {"L": [{"N": "1"}, {"N": "2"}]}}),
        ("SET l = LIST_APPEND(if_not_exists(l, []), [2])", {"l": {"L": [{"N": "2"}]}}),
        ("SET tags = set_add(tags, <<'x'>>)", {"tags": {"SS": ["x"]}}),
        ("SET tags = set_delete(tags, <<'x'>>)", {}),
        ("SET m = {'a': {'b': 1}}", {"m": {"M": {"a": {"M": {"b": {"N": "1"}}}}}}),
    ],
)
def test_update(execute, error, item, actions, changes):
    if changes is None:
        assert error(f"UPDATE songs {actions} {KEY}")[0] == "ValidationException"
        assert item("acme", "first") == FIRST
    else:
        assert execute(f"UPDATE songs {actions} {KEY}") == {"Items": []}
        assert item("acme", "first") == FIRST | changes


def test_update_of_parts(execute, item):
    third = "WHERE artist = 'acme' AND song = 'third'"
    execute(f"UPDATE songs SET sales.us = ? SET sales.eu[0] = 7 REMOVE sales.eu[1] {third}", {"L": []})
    assert item("acme", "third")["sales"] == {"M": {"eu": {"L": [{"N": "7"}]}, "us": {"L": []}}}
    second = "WHERE artist = 'acme' AND song = 'second'"
    execute(f"UPDATE songs SET tags = set_delete(tags, <<'live', 'x'>>) {second}")
    assert item("acme", "second")["tags"] == {"SS": ["loud"]}
    execute(f"UPDATE songs SET tags = set_delete(tags, <<'loud'>>) REMOVE year {second}")
    assert item("acme", "second") == {"artist": {"S": "acme"}, "song": {"S": "second"}}


@pytest.mark.parametrize("where", ["WHERE artist = 'acme' AND song = 'none'", f"{KEY} AND year = 1", f"{KEY} AND nothing IS NOT MISSING"])
def test_update_needs_the_item_and_the_condition(error, songs, where):
    before = songs("Scan", TableName="songs")["Items"]
    assert error(f"UPDATE songs SET year = 1 {where}") == CHECK_FAILED
    assert songs("Scan", TableName="songs")["Items"] == before


def test_delete(execute, error, item):
    assert error(f"DELETE FROM songs {KEY} AND year = 1") == CHECK_FAILED
    assert item("acme", "first") == FIRST
    assert execute(f"DELETE FROM songs {KEY} AND year = 2001") == {"Items": []}
    assert item("acme", "first") is None
    assert execute(f"DELETE FROM songs {KEY} AND year = 2001") == {"Items": []}


def test_a_failed_condition_shows_the_item_where_that_is_asked_for(songs):
    with pytest.raises(ServiceError, match="The conditional request failed") as caught:
        songs("ExecuteStatement", Statement=f"DELETE FROM songs {KEY} AND year = 1", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.members == {"Item": FIRST}


@pytest.mark.parametrize(
    ("actions", "returning", "rows"),
    [
        ("SET year = 5", "ALL OLD", [FIRST]),
        ("SET year = 5", "ALL NEW", [FIRST | {"year": {"N": "5"}}]),
        ("SET year = 5", "MODIFIED OLD", [{"year": {"N": "2001"}}]),
        ("SET year = 5", "modified new", [{"year": {"N": "5"}}]),
        ("SET extra = 5", "MODIFIED OLD", []),
        ("REMOVE genre", "MODIFIED NEW", []),
        ("REMOVE genre", "MODIFIED OLD", [{"genre": {"S": "rock"}}]),
    ],
)
def test_update_returning(execute, actions, returning, rows):
    assert execute(f"UPDATE songs {actions} {KEY} RETURNING {returning} *")["Items"] == rows


def test_update_returning_parts(execute):
    answer = execute("UPDATE songs SET sales.eu[0] = 1 WHERE artist = 'acme' AND song = 'third' RETURNING MODIFIED NEW *")
    assert answer["Items"] == [{"sales": {"M": {"eu": {"L": [{"N": "1"}]}}}}]


def test_delete_returning(execute, error, item):
    for variant in ("MODIFIED OLD", "ALL NEW", "MODIFIED NEW"):
        assert error(f"DELETE FROM songs {KEY} RETURNING {variant} *")[0] == "ValidationException"
    assert item("acme", "first") == FIRST
    assert execute(f"DELETE FROM songs {KEY} RETURNING ALL OLD *") == {"Items": [FIRST]}
    assert execute(f"DELETE FROM songs {KEY} RETURNING ALL OLD *") == {"Items": []}


def test_capacity(execute):
    answer = execute(f"UPDATE songs SET year = 5 {KEY}", ReturnConsumedCapacity="TOTAL")
    # The table and both indexes: their sort key has moved
    assert answer["ConsumedCapacity"] == {"TableName": "songs", "CapacityUnits": 5.0}


NO_KEY = "Where clause does not contain a mandatory equality on all key attributes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("UPDATE songs SET a = 1", NO_KEY),
        ("UPDATE songs SET a = 1 WHERE artist = 'acme'", NO_KEY),
        ("UPDATE songs SET a = 1 WHERE artist = 'acme' AND song > 'first'", NO_KEY),
        ("UPDATE songs SET a = 1 WHERE artist = 'acme' OR song = 'first'", NO_KEY),
        ("DELETE FROM songs WHERE song = 'first'", NO_KEY),
        ("DELETE FROM songs WHERE artist = 'acme' AND song = 5", "The provided key element does not match the schema"),
        (
            f"UPDATE songs SET song = 'x' {KEY}",
            "One or more parameter values were invalid: Cannot update attribute song. This attribute is part of the key",
        ),
        (f"UPDATE songs SET year = nothing {KEY}", "The provided expression refers to an attribute that does not exist in the item"),
        (f"UPDATE songs SET genre = genre + 1 {KEY}", "An operand in the update expression has an incorrect data type"),
        (f"UPDATE songs SET a.b = 1 {KEY}", "The document path provided in the update expression is invalid for update"),
        (
            f"UPDATE songs SET a = 1, a.b = 2 {KEY}",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
        ),
        (
            f"UPDATE songs SET a = set_add(a, 1) {KEY}",
            "Incorrect operand type for operator or function; operator or function: set_add, operand type: N",
        ),
        (f"EXISTS(SELECT * FROM songs {KEY})", "EXISTS is only supported in ExecuteTransaction"),
    ],
)
def test_refused(error, item, text, message):
    assert error(text) == ("ValidationException", message)
    assert item("acme", "first") == FIRST
