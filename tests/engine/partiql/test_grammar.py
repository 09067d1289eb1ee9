"""Statements that are not well formed, and texts that mean harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.partiql import parse
from emulator.backends.dynamodb.partiql.statements import SelectStatement

FRAME = "Statement wasn't well formed, can't be processed: "


def select(text):
    statement = parse(text, ())
    assert isinstance(statement, SelectStatement)
    assert statement.where is not None
    return statement


def refusal(text, parameters=()):
    with pytest.raises(ServiceError) as caught:
        parse(text, parameters)
    assert caught.value.spec.name == "ValidationException"
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "Expected data manipulation"),
        ("DROP TABLE t", "Expected data manipulation"),
        ("UPDATE Payment-t SET active = 1", "Expected data manipulation"),
        ("UPDATE t WHERE a = 1", "Expected data manipulation"),
        ("INSERT INTO urls (key, secret) VALUES (1, 2)", "Unexpected keyword"),
        ("SELECT * FROM t WHERE date = 1", "Unexpected keyword"),
        ("SELECT * FROM t WHERE", "Unexpected end of statement"),
        ("SELECT * FROM t WHERE a =", "Unexpected end of statement"),
        ("SELECT * FROM t WHERE a LIKE 'x'", "Unexpected keyword"),
        ("SELECT * FROM t WHERE a = 'x' extra", "Unexpected term"),
        ("SELECT * FROM t; DELETE FROM t", "Unexpected term"),
        ("SELECT * FROM t WHERE a = 'open", "Unexpected term"),
        ("SELECT * FROM t WHERE a IN []", "Unexpected term"),
        ("SELECT * FROM t WHERE a IN 5", "Unexpected term"),
        ("SELECT * FROM t WHERE 5 IS NULL", "Unexpected keyword"),
        ("SELECT * FROM t WHERE a[-1] = 1", "Unexpected term"),
        ("SELECT * FROM t WHERE a[99999999999] = 1", "Unexpected term"),
        ("SELECT FROM t", "Unexpected keyword"),
        ("DELETE t WHERE a = 1", "Expected data manipulation"),
        ("DELETE FROM t RETURNING ALL *", "Unexpected keyword"),
        ("INSERT INTO t VALUE {a: 1}", "Unexpected term"),
        ("INSERT INTO t VALUE {'a': b}", "Unexpected term"),
        ("INSERT INTO t VALUE {'a': 1", "Unexpected end of statement"),
        ("SELECT * FROM t WHERE " + "(" * 500 + "a = 1" + ")" * 500, "Nesting is too deep"),
        ("INSERT INTO t VALUE " + "[" * 4000, "Nesting is too deep"),
        ("UPDATE t SET a = " + "list_append(" * 500, "Nesting is too deep"),
    ],
)
def test_not_well_formed(text, detail):
    assert refusal(text) == FRAME + detail


def test_quoted_names_may_be_keywords():
    statement = select('SELECT "date", a."key" FROM "from"."select" WHERE "date" = \'x\' AND "size" = 1')
    assert (statement.table, statement.index) == ("from", "select")
    assert [str(path) for path in statement.columns] == ["[date]", "[a, key]"]
    assert statement.where.names == {"date", "size"}


def test_values_nest_as_deep_as_items():
    deepest = "[" * 31 + "1" + "]" * 31
    assert select(f"SELECT * FROM t WHERE a = {deepest}")
    assert refusal(f"SELECT * FROM t WHERE a = [{deepest}]").startswith("Nesting Levels have exceeded supported limits")


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("SELECT * FROM t WHERE a = ?", 0),
        ("SELECT * FROM t WHERE a = ?", 2),
        ("SELECT * FROM t", 1),
        ("SELECT * FROM t WHERE a IN (?, ?)", 1),
    ],
)
def test_number_of_parameters(text, parameters):
    assert refusal(text, [{"N": "1"}] * parameters) == "Number of parameters in request and statement don't match."


def test_a_question_mark_in_a_string_is_no_parameter():
    assert select("SELECT * FROM t WHERE a = 'what?'").where.root.right.content == {"S": "what?"}


def test_members_of_in():
    hundred = ",".join(["1"] * 100)
    assert select(f"SELECT * FROM t WHERE a IN ({hundred})")
    message = "The IN operator is provided with too many operands; number of operands: 101"
    assert refusal(f"SELECT * FROM t WHERE a IN ({hundred}, 1)") == message
    assert refusal(f"SELECT * FROM t WHERE a IN [{hundred}, 1]") == message


WORDS = [
    "SELECT",
    "*",
    "FROM",
    "t",
    "WHERE",
    "a",
    '"b c"',
    ".x",
    "[0]",
    "=",
    "<",
    "AND",
    "or",
    "NOT",
    "IN",
    "[1]",
    "(",
    ")",
    "1",
    "'s'",
    "?",
]
WORDS += [
    "BETWEEN",
    "IS",
    "MISSING",
    "NULL",
    "size(",
    "contains(",
    ",",
    "INSERT INTO t VALUE",
    "{'a':",
    "}",
    "UPDATE t SET",
    "REMOVE",
    "+",
    "-",
]
WORDS += [
    "DELETE FROM t",
    "RETURNING ALL OLD *",
    "ORDER BY",
    "DESC",
    "<<",
    ">>",
    "EXISTS(",
    "list_append(",
    "set_add(a",
    "TRUE",
    "--",
    "/*",
]


@given(words=st.lists(st.sampled_from(WORDS), max_size=16))
def test_any_text_is_understood_or_refused(words):
    outcome = "understood"
    try:
        parse(" ".join(words), [{"N": "1"}])
    except ServiceError as error:
        outcome = error.spec.name
    assert outcome in ("understood", "ValidationException")
