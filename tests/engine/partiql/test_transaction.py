"""ExecuteTransaction: all statements or none."""

import pytest

from emulator.aws.errors import ServiceError

KEY = "WHERE artist = 'acme' AND song = 'first'"
FIRST = {"artist": {"S": "acme"}, "song": {"S": "first"}, "year": {"N": "2001"}, "genre": {"S": "rock"}}
NEW = "INSERT INTO songs VALUE {'artist': 'new', 'song': 'one'}"


@pytest.fixture
def transact(songs):
    def transact(*statements, **params):
        requests = [{"Statement": one} if isinstance(one, str) else one for one in statements]
        return songs("ExecuteTransaction", TransactStatements=requests, **params)

    return transact


@pytest.fixture
def cancelled(transact):
    """The reasons for which a transaction must be cancelled."""

    def cancelled(*statements, **params):
        with pytest.raises(ServiceError) as caught:
            transact(*statements, **params)
        assert caught.value.spec.name == "TransactionCanceledException"
        return caught.value.members["CancellationReasons"]

    return cancelled


@pytest.fixture
def refused(transact):
    def refused(*statements, **params):
        with pytest.raises(ServiceError) as caught:
            transact(*statements, **params)
        assert caught.value.spec.name == "ValidationException"
        return caught.value.message

    return refused


def test_reads(transact):
    answer = transact(
        f"SELECT * FROM songs {KEY}",
        {"Statement": "SELECT sales.eu[0] FROM songs WHERE artist = ? AND song = ?", "Parameters": [{"S": "acme"}, {"S": "third"}]},
        "SELECT * FROM songs WHERE artist = 'no' AND song = 'body'",
        "SELECT * FROM songs WHERE artist = 'acme' AND song = 'second' AND year = 1",
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer["Responses"] == [{"Item": FIRST}, {"Item": {"eu[0]": {"N": "5"}}}, {}, {}]
    assert answer["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 8.0, "ReadCapacityUnits": 8.0}]


def test_writes(transact, item):
    answer = transact(
        NEW,
        f"UPDATE songs SET year = year + 1 {KEY}",
        "DELETE FROM songs WHERE artist = 'band' AND song = 'first' AND year = 1999",
        "EXISTS(SELECT * FROM songs WHERE artist = 'acme' AND song = 'second' AND year = 2002)",
    )
    assert answer == {"Responses": []}
    assert item("new", "one") is not None
    assert item("acme", "first") == FIRST | {"year": {"N": "2002"}}
    assert item("band", "first") is None


NOT_FAILED = {"Code": "None"}
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "INSERT INTO songs VALUE {'artist': 'band', 'song': 'first'}",
            {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        ),
        ("UPDATE songs SET a = 1 WHERE artist = 'no' AND song = 'body'", FAILED),
        ("DELETE FROM songs WHERE artist = 'band' AND song = 'first' AND year = 1", FAILED),
        ("EXISTS(SELECT * FROM songs WHERE artist = 'no' AND song = 'body')", FAILED),
        ("EXISTS(SELECT * FROM songs WHERE artist = 'band' AND song = 'first' AND genre IS NOT MISSING)", FAILED),
        (
            "UPDATE songs SET a = b WHERE artist = 'band' AND song = 'first'",
            {"Code": "ValidationError", "Message": "The provided expression refers to an attribute that does not exist in the item"},
        ),
    ],
)
def test_one_failure_cancels_all(cancelled, item, statement, reason):
    assert cancelled(NEW, statement, f"DELETE FROM songs {KEY}") == [NOT_FAILED, reason, NOT_FAILED]
    assert item("new", "one") is None
    assert item("acme", "first") == FIRST


def test_a_failed_condition_shows_the_item_where_that_is_asked_for(cancelled):
    statement = {"Statement": f"EXISTS(SELECT * FROM songs {KEY} AND year = 1)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    assert cancelled(statement) == [FAILED | {"Item": FIRST}]


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (
            (NEW, f"SELECT * FROM songs {KEY}"),
            "ExecuteTransaction API does not support both read and write operations in the same request.",
        ),
        ((NEW, f"DELETE FROM songs {KEY} RETURNING ALL OLD *"), "RETURNING clause is not supported in ExecuteTransaction"),
        ((NEW, "DELETE FROM songs WHERE artist = 'acme'"), "Where clause does not contain a mandatory equality on all key attributes"),
        (
            ("SELECT * FROM songs WHERE artist = 'acme'",),
            "Select statements within ExecuteTransaction must specify the primary key in the where clause.",
        ),
        ((f'SELECT * FROM songs."by-genre" {KEY}',), "Reads on indices are not supported within transactions."),
        ((NEW, NEW), "Transaction request cannot include multiple operations on one item"),
        ((f"SELECT * FROM songs {KEY}",) * 2, "Transaction request cannot include multiple operations on one item"),
        ((NEW, "nonsense"), "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ],
)
def test_refused(refused, item, statements, message):
    assert refused(*statements) == message
    assert item("new", "one") is None
    assert item("acme", "first") == FIRST


def test_a_token_makes_it_happen_once(transact, item, clock):
    add = f"UPDATE songs SET year = year + 1 {KEY}"
    transact(add, ClientRequestToken="one")
    transact(add, ClientRequestToken="one")
    assert item("acme", "first")["year"] == {"N": "2002"}
    with pytest.raises(ServiceError) as caught:
        transact(NEW, ClientRequestToken="one")
    assert caught.value.spec.name == "IdempotentParameterMismatchException"
    clock.advance(601)
    transact(add, ClientRequestToken="one")
    assert item("acme", "first")["year"] == {"N": "2003"}


def test_capacity_of_writes(transact):
    answer = transact(NEW, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
