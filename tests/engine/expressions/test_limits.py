"""Limits of expressions, and texts that mean harm: each gets one clear refusal, whatever its size or depth."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.expressions import Placeholders, parse_condition, parse_key_condition, parse_projection, parse_update

VALUES = {":v": {"N": "1"}}
ITEM = {"a": {"N": "1"}}


def condition(text):
    return parse_condition(text, Placeholders(None, VALUES))


def refusal(function, text, names=None, values=VALUES):
    with pytest.raises(ServiceError) as caught:
        function(text, Placeholders(names, values))
    assert caught.value.spec.name == "ValidationException"
    return caught.value.message


def test_size_is_counted_in_bytes_of_the_raw_text():
    assert condition("a = :v" + " " * 4090).holds(ITEM)
    too_long = "Expression size has exceeded the maximum allowed size;"
    assert refusal(parse_condition, "a = :v" + " " * 4091) == f"Invalid ConditionExpression: {too_long} expression size: 4097"
    assert refusal(parse_projection, "\u20ac" * 1366) == f"Invalid ProjectionExpression: {too_long} expression size: 4098"
    assert refusal(parse_update, "SET a = :v" + " " * 4087) == f"Invalid UpdateExpression: {too_long}"
    assert refusal(parse_key_condition, "x" * 5000) == f"Invalid KeyConditionExpression: {too_long} expression size: 5000"


TOO_MANY = "The expression contains too many operators; operator count: 301"


@pytest.mark.parametrize("join", ["AND", "OR"])
def test_300_operators(join):
    most = f" {join} ".join(["a=:v"] * 150)  # 150 comparisons and 149 conjunctions
    assert condition(most).holds(ITEM)
    assert condition(f"NOT {most}").holds(ITEM) is (join == "OR")
    assert refusal(parse_condition, f"NOT NOT {most}") == f"Invalid ConditionExpression: {TOO_MANY}"
    assert refusal(parse_condition, f"{most} {join} a=:v") == f"Invalid ConditionExpression: {TOO_MANY}"


def test_operators_of_all_assignments_count():
    actions = [f"a{number} = :v + :v" for number in range(301)]
    assert len(parse_update("SET " + ",".join(actions[:200]), Placeholders(None, VALUES)).apply({})) == 200
    short = ",".join(f"a{number}=b-:v" for number in range(301))
    assert refusal(parse_update, "SET " + short) == f"Invalid UpdateExpression: {TOO_MANY}"


def test_functions_count_as_operators():
    assert refusal(parse_condition, " OR ".join(["size(a)=:v"] * 101)) == f"Invalid ConditionExpression: {TOO_MANY}"


def test_100_members():
    values = {f":v{number}": {"N": str(number)} for number in range(101)}
    keys = list(values)
    most = parse_condition(f"a IN ({','.join(keys[:100])})", Placeholders(None, values))
    assert most.holds({"a": {"N": "99"}})
    too_many = "Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101"
    assert refusal(parse_condition, f"a IN ({','.join(keys)})", values=values) == too_many


def test_32_elements_of_a_path():
    assert condition("a" + ".b" * 31 + " = :v").holds({}) is False
    too_deep = "Invalid ConditionExpression: The document path has too many nesting elements; nesting levels: 33"
    assert refusal(parse_condition, "a" + ".b" * 32 + " = :v") == too_deep


def test_what_is_only_compared_may_nest_deeper_than_what_is_stored():
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(40):
        deep = {"M": {"m": deep}}
    values = Placeholders(None, {":v": deep})
    assert not parse_condition("a = :v", values).holds({"a": {"S": "x"}})


def test_a_document_cannot_grow_beyond_32_levels():
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(30):
        deep = {"M": {"m": deep}}
    update = parse_update("SET a.b = :v", Placeholders(None, {":v": deep}))
    assert update.apply({"a": {"M": {}}})["a"]["M"]["b"] == deep
    deeper = parse_update("SET a.b = :v", Placeholders(None, {":v": {"L": [deep]}}))
    with pytest.raises(ServiceError, match="Nesting Levels have exceeded supported limits"):
        deeper.apply({"a": {"M": {}}})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 2000 + "a=:v" + ")" * 2000, "The expression has redundant parentheses;"),
        ("(" * 4096, 'Syntax error; token: "<EOF>", near: "("'),
        ("NOT " * 1000 + "a=:v", TOO_MANY),
        ("a=:v and (" * 250 + "a=:v" + ")" * 250, TOO_MANY),
        ("size(" * 800 + "a", 'Syntax error; token: "<EOF>", near: "a"'),
        ("size(" * 600 + "a" + ")" * 600 + "=:v", TOO_MANY),
        ("not(" * 800 + "a=:v" + ")" * 800, TOO_MANY),
    ],
)
def test_depth_is_refused_not_suffered(text, reason):
    assert refusal(parse_condition, text) == f"Invalid ConditionExpression: {reason}"


def test_the_deepest_condition_is_evaluated():
    text = "a=:v and (" * 149 + "a=:v" + ")" * 149
    assert condition(text).holds(ITEM)


def test_the_deepest_assignment_is_evaluated():
    text = "SET l = " + "if_not_exists(m," * 240 + "l" + ")" * 240
    values: dict[str, Any] = {"l": {"L": []}}
    assert parse_update(text, Placeholders(None, None)).apply(values) == values


WORDS = ["a", "b.c[1]", "#n", ":v", ":s", "(", ")", "((", "))", ",", "[", "]", ".", "=", "<>", "<", "+", "-", "0", "\u00e9"]
WORDS += ["AND", "or", "NOT", "BETWEEN", "IN", "SET", "remove", "ADD", "DELETE", "status", "_"]
WORDS += ["size(", "attribute_exists(", "attribute_type(", "begins_with(", "contains(", "if_not_exists(", "list_append(", "foo("]


@pytest.mark.parametrize("function", [parse_condition, parse_key_condition, parse_projection, parse_update])
@given(words=st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_text_is_understood_or_refused(function, words):
    text = " ".join(words)
    placeholders = Placeholders({"#n": "name"}, {":v": {"N": "1"}, ":s": {"SS": ["x"]}})
    outcome = "understood"
    try:
        parsed = function(text, placeholders)
        if function is parse_condition:
            outcome = parsed.holds({"a": {"S": "x"}})
    except ServiceError as error:
        outcome = error.spec.name
    assert outcome in ("understood", True, False, "ValidationException")


STARTS = ["SET a = ", "SET a.b[0] = ", "SET #n = if_not_exists(a, ", "ADD a ", "DELETE b.c ", "REMOVE a.b, ", "SET a = b + "]


@given(start=st.sampled_from(STARTS), words=st.lists(st.sampled_from(WORDS), max_size=6))
def test_any_update_is_applied_or_refused(start, words):
    placeholders = Placeholders({"#n": "name"}, {":v": {"N": "1"}, ":s": {"SS": ["x"]}})
    item: dict[str, Any] = {"a": {"M": {"b": {"L": [{"N": "1"}]}}}, "b": {"N": "1"}}
    outcome = "ValidationException"
    try:
        parse_update(start + " ".join(words), placeholders).apply(item)
    except ServiceError as error:
        outcome = error.spec.name
    assert outcome == "ValidationException"
    assert item == {"a": {"M": {"b": {"L": [{"N": "1"}]}}}, "b": {"N": "1"}}
