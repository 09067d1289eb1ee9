"""A cached text means the same as a fresh one, whatever the placeholders of the request."""

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.expressions import Placeholders, SyntaxCache, parse_condition, parse_projection, parse_update


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
