"""SELECT: columns, conditions, partitions, order and pages."""

from typing import Any

import pytest

ALL = ["acme first", "acme second", "acme third", "band first", "choir hymn"]


def titles(answer):
    return [f"{row['artist']['S']} {row['song']['S']}" for row in answer["Items"]]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ALL),
        ("WHERE artist = 'acme'", ALL[:3]),
        ("WHERE 'acme' = artist AND song > 'first'", ALL[1:3]),
        ("where ARTIST = 'acme'", []),
        ("WHERE artist = 'acme' AND begins_with(song, 't')", ["acme third"]),
        ("WHERE artist = 'acme' AND song BETWEEN 'first' AND 'second'", ALL[:2]),
        ("WHERE artist = 'acme' AND song = 'first' AND song = 'second'", []),
        ("WHERE artist = 'acme' AND \"year\" >= 2002", ALL[1:3]),
        ("WHERE artist IN ['choir', 'band']", ["choir hymn", "band first"]),
        ("WHERE artist IN ('choir', 'band', 'choir') AND year < 1999", ["choir hymn"]),
        ("WHERE artist = 'choir' OR artist = 'band'", ["choir hymn", "band first"]),
        ("WHERE (artist = 'acme' AND song = 'third') OR (artist = 'band' AND year = 1999)", ["acme third", "band first"]),
        ("WHERE artist IN ['acme', 'band'] AND song = 'first'", ["acme first", "band first"]),
        ("WHERE year < 2000", ["band first", "choir hymn"]),
        ("WHERE NOT year < 2000 AND genre IS MISSING", ["acme second", "acme third"]),
        ("WHERE gone IS NULL", ["band first"]),
        ("WHERE gone IS NOT NULL AND genre IS NOT MISSING", ["acme first", "choir hymn"]),
        ("WHERE contains(tags, 'live')", ["acme second"]),
        ("WHERE attribute_type(sales, 'M') AND sales.eu[1] = 6", ["acme third"]),
        ("WHERE sales['eu'][0] = 5", ["acme third"]),
        ("WHERE size(tags) = 2", ["acme second"]),
        ("WHERE tags = <<'live', 'loud'>>", ["acme second"]),
        ("WHERE sales = {'eu': [5, 6]}", ["acme third"]),
        ("WHERE year != 2001 AND year <> 2002 AND year NOT IN (2003) AND year NOT BETWEEN 1900 AND 1960", ["band first"]),
        ("WHERE year = -1 OR year = 1.999e3", ["band first"]),
    ],
)
def test_where(execute, where, expected):
    found = titles(execute(f'SELECT * FROM "songs" {where}'))
    assert sorted(found) == sorted(expected)
    if "IN [" in where or "OR artist" in where:
        assert found == expected


def test_parameters_stand_for_values_in_their_order(execute):
    answer = execute("SELECT * FROM songs WHERE artist = ? AND song IN (?, ?)", {"S": "acme"}, {"S": "third"}, {"S": "first"})
    assert titles(answer) == ["acme first", "acme third"]
    assert titles(execute("SELECT * FROM songs WHERE year = ?", {"N": "1999.0"})) == ["band first"]
    assert titles(execute("SELECT * FROM songs WHERE tags = ?", {"SS": ["live", "loud"]})) == ["acme second"]


def test_columns_go_by_their_last_name(execute):
    answer = execute("SELECT sales.eu[1], sales.eu, \"artist\", absent FROM songs WHERE artist = 'acme' AND song = 'third'")
    eu = {"L": [{"N": "5"}, {"N": "6"}]}
    assert answer["Items"] == [{"eu[1]": {"N": "6"}, "eu": eu, "artist": {"S": "acme"}}]


def test_order_follows_the_key(execute):
    assert titles(execute("SELECT * FROM songs WHERE artist = 'acme' ORDER BY song DESC")) == ALL[2::-1]
    assert titles(execute("SELECT * FROM songs WHERE artist = 'acme' ORDER BY song ASC")) == ALL[:3]
    by_both = "SELECT * FROM songs WHERE artist IN ['acme', 'choir', 'band'] ORDER BY artist DESC, song DESC"
    assert titles(execute(by_both)) == ["choir hymn", "band first", "acme third", "acme second", "acme first"]


def test_indexes(execute):
    assert titles(execute('SELECT * FROM "songs"."by-genre" WHERE genre = \'rock\' AND year > 2000')) == ["acme first"]
    backward = "SELECT * FROM songs.\"by-year\" WHERE artist = 'acme' AND year BETWEEN 2001 AND 2002 ORDER BY year DESC"
    assert titles(execute(backward)) == ["acme second", "acme first"]
    assert sorted(titles(execute('SELECT * FROM songs."by-genre"'))) == ["acme first", "choir hymn"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM songs",
        "SELECT * FROM songs WHERE artist = 'acme'",
        "SELECT * FROM songs WHERE artist = 'acme' ORDER BY song DESC",
        "SELECT * FROM songs WHERE artist IN ['choir', 'nobody', 'acme', 'band']",
        "SELECT * FROM songs WHERE artist IN ['acme', 'band'] AND year <> 2002 ORDER BY artist DESC, song DESC",
        "SELECT * FROM songs.\"by-genre\" WHERE genre IN ['rock', 'sacred']",
    ],
)
@pytest.mark.parametrize("limit", [1, 2])
def test_pages_add_up(execute, text, limit):
    whole = titles(execute(text))
    found, pages = [], 0
    token: dict[str, Any] | None = {}
    while token is not None:
        answer = execute(text, Limit=limit, **token)
        assert len(answer["Items"]) <= limit
        found += titles(answer)
        token = {"NextToken": answer["NextToken"]} if "NextToken" in answer else None
        pages += 1
        assert pages < 20
    assert found == whole


def test_a_page_tells_where_it_ended(execute):
    answer = execute("SELECT song FROM songs WHERE artist = 'acme'", Limit=2)
    assert answer["LastEvaluatedKey"] == {"artist": {"S": "acme"}, "song": {"S": "second"}}
    assert "NextToken" in answer
    assert "LastEvaluatedKey" not in execute("SELECT song FROM songs WHERE artist = 'acme'")


def test_a_large_table_comes_in_pages_of_a_megabyte(execute):
    for number in range(4):
        execute("INSERT INTO songs VALUE {'artist': 'large', 'song': ?, 'text': ?}", {"S": str(number)}, {"S": "x" * 390_000})
    first = execute("SELECT song FROM songs WHERE artist = 'large'")
    assert len(first["Items"]) == 2
    rest = execute("SELECT song FROM songs WHERE artist = 'large'", NextToken=first["NextToken"])
    assert [row["song"]["S"] for row in first["Items"] + rest["Items"]] == ["0", "1", "2", "3"]


def test_a_token_is_good_for_its_own_statement_only(execute, error):
    text = "SELECT * FROM songs WHERE artist = ?"
    token = execute(text, {"S": "acme"}, Limit=1)["NextToken"]
    mismatch = ("ValidationException", "NextToken does not match request")
    assert error(text, {"S": "band"}, NextToken=token) == mismatch
    assert error(text + " ORDER BY song", {"S": "acme"}, NextToken=token) == mismatch
    unreadable = ("ValidationException", "Invalid NextToken")
    for broken in (token[:-4] + "AAAA", "\u20ac", ""):
        assert error(text, {"S": "acme"}, NextToken=broken) == unreadable
    assert error("DELETE FROM songs WHERE artist = 'x' AND song = 'y'", NextToken=token) == mismatch


def test_capacity(execute):
    for consistent, units in ((False, 0.5), (True, 1.0)):
        answer = execute("SELECT * FROM songs WHERE artist = 'acme'", ReturnConsumedCapacity="TOTAL", ConsistentRead=consistent)
        assert answer["ConsumedCapacity"] == {"TableName": "songs", "CapacityUnits": units}
    two = execute("SELECT * FROM songs WHERE artist IN ['acme', 'band']", ReturnConsumedCapacity="INDEXES")
    assert two["ConsumedCapacity"] == {"TableName": "songs", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
    index = execute("SELECT * FROM songs.\"by-genre\" WHERE genre = 'rock'", ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert index["Table"] == {"CapacityUnits": 0.0}
    assert index["GlobalSecondaryIndexes"] == {"by-genre": {"CapacityUnits": 0.5}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * FROM songs ORDER BY song", "Must have WHERE clause in the statement when using ORDER BY clause."),
        (
            "SELECT * FROM songs WHERE year > 1 ORDER BY song",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ),
        (
            "SELECT * FROM songs WHERE artist = 'acme' ORDER BY year",
            "Variable reference year in ORDER BY clause must be part of the primary key",
        ),
        ("SELECT * FROM songs LIMIT 5", "Unsupported clause: LIMIT"),
        ("SELECT * FROM songs GROUP BY artist", "Unsupported clause: GROUP"),
        (
            "SELECT * FROM songs WHERE year < TRUE",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (
            "SELECT * FROM songs WHERE begins_with(song, 5)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "SELECT * FROM songs WHERE begins_with(song)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
        ),
        ("SELECT * FROM songs.nothing", "The table does not have the specified index"),
        (
            "SELECT * FROM songs WHERE artist = 5",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "SELECT * FROM songs WHERE artist IN [TRUE, FALSE] ORDER BY artist",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
    ],
)
def test_refused(error, text, message):
    assert error(text) == ("ValidationException", message)


def test_a_table_that_does_not_exist(error):
    assert error("SELECT * FROM nothing") == ("ResourceNotFoundException", "Requested resource not found")
