"""BatchExecuteStatement: each statement has its own answer."""

import pytest

from emulator.aws.errors import ServiceError

KEY = "WHERE artist = 'acme' AND song = 'first'"
FIRST = {"artist": {"S": "acme"}, "song": {"S": "first"}, "year": {"N": "2001"}, "genre": {"S": "rock"}}


@pytest.fixture
def batch(songs):
    def batch(*statements, **params):
        requests = [{"Statement": one} if isinstance(one, str) else one for one in statements]
        return songs("BatchExecuteStatement", Statements=requests, **params)

    return batch


def test_reads(batch):
    answer = batch(
        f"SELECT * FROM songs {KEY}",
        {"Statement": "SELECT year FROM songs WHERE artist = ? AND song = ?", "Parameters": [{"S": "band"}, {"S": "first"}]},
        "SELECT * FROM songs WHERE artist = 'no' AND song = 'body'",
        "SELECT * FROM songs WHERE artist = 'acme' AND song = 'second' AND year = 1",
    )
    assert answer == {
        "Responses": [
            {"TableName": "songs", "Item": FIRST},
            {"TableName": "songs", "Item": {"year": {"N": "1999"}}},
            {"TableName": "songs"},
            {"TableName": "songs"},
        ]
    }


def test_writes(batch, item):
    answer = batch(
        "INSERT INTO songs VALUE {'artist': 'new', 'song': 'one'}",
        f"UPDATE songs SET year = 5 {KEY} RETURNING MODIFIED NEW *",
        "DELETE FROM songs WHERE artist = 'band' AND song = 'first' RETURNING ALL OLD *",
        "DELETE FROM songs WHERE artist = 'no' AND song = 'body' RETURNING ALL OLD *",
    )
    responses = answer["Responses"]
    assert responses[0] == {"TableName": "songs"}
    assert responses[1] == {"TableName": "songs", "Item": {"year": {"N": "5"}}}
    assert responses[2]["Item"]["year"] == {"N": "1999"}
    assert responses[3] == {"TableName": "songs"}
    assert item("new", "one") is not None
    assert item("band", "first") is None


def test_one_failure_leaves_the_others_alone(batch, item):
    answer = batch(
        "INSERT INTO songs VALUE {'artist': 'acme', 'song': 'first'}",
        {
            "Statement": "UPDATE songs SET a = 1 WHERE artist = 'band' AND song = 'first' AND year = 1",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        "UPDATE songs SET a = 1 WHERE artist = 'acme'",
        f"DELETE FROM songs {KEY} RETURNING ALL NEW *",
        "DELETE FROM nothing WHERE artist = 'a'",
        "nonsense",
        "INSERT INTO songs VALUE {'artist': 'new', 'song': 'one'}",
    )
    errors = [response.get("Error") for response in answer["Responses"]]
    assert errors[0] == {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}
    assert errors[1] == {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    assert errors[2]["Code"] == errors[3]["Code"] == errors[5]["Code"] == "ValidationError"
    assert errors[4] == {"Code": "ResourceNotFound", "Message": "Requested resource not found"}
    assert errors[6] is None
    # Those that were refused before they could run do not name their table
    assert ["TableName" in response for response in answer["Responses"]] == [True, True, False, False, False, False, True]
    assert item("acme", "first") == FIRST
    assert item("new", "one") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "SELECT * FROM songs WHERE artist = 'acme'",
            "Select statements within BatchExecuteStatement must specify the primary key in the where clause.",
        ),
        (
            f'SELECT * FROM songs."by-genre" {KEY}',
            "Select statements within BatchExecuteStatement must specify the primary key in the where clause.",
        ),
    ],
)
def test_reads_of_one_item_only(batch, text, message):
    assert batch(text)["Responses"] == [{"Error": {"Code": "ValidationError", "Message": message}}]


def test_reads_and_writes_do_not_mix(batch, item):
    with pytest.raises(ServiceError, match="Read and write requests together"):
        batch(f"SELECT * FROM songs {KEY}", f"DELETE FROM songs {KEY}")
    assert item("acme", "first") == FIRST


def test_capacity(batch):
    other = "SELECT * FROM songs WHERE artist = 'band' AND song = 'first'"
    reads = batch(f"SELECT * FROM songs {KEY}", {"Statement": other, "ConsistentRead": True}, ReturnConsumedCapacity="TOTAL")
    assert reads["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 1.5}]
    writes = batch("INSERT INTO songs VALUE {'artist': 'new', 'song': 'one'}", ReturnConsumedCapacity="INDEXES")
    assert writes["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}]


def test_a_failed_write_is_charged_beside_one_that_succeeds_and_not_alone(batch):
    failing = f"UPDATE songs SET a = 1 {KEY} AND year = 1"
    assert "ConsumedCapacity" not in batch(failing, ReturnConsumedCapacity="TOTAL")
    both = batch(failing, "INSERT INTO songs VALUE {'artist': 'new', 'song': 'one'}", ReturnConsumedCapacity="TOTAL")
    assert both["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 2.0}]


@pytest.mark.parametrize("statement", [f"SELECT * FROM songs {KEY}", f"UPDATE songs SET a = 1 {KEY}"])
def test_no_item_twice(batch, item, statement):
    with pytest.raises(ServiceError, match="Provided list of item keys contains duplicates"):
        batch(statement, statement)
    assert item("acme", "first") == FIRST
