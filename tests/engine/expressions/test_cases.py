"""The table in cases.yaml: what expressions mean and how they are refused."""

import copy
from pathlib import Path

import pytest
import yaml

from emulator.aws.errors import ServiceError
from emulator.aws.values import normalise_item
from emulator.backends.dynamodb.expressions import (
    Placeholders,
    parse_condition,
    parse_key_condition,
    parse_projection,
    parse_update,
)

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
KINDS = {"condition", "filter", "key", "projection", "update", "touched"}


def normal(item):
    return None if item is None else normalise_item(item)


def condition(text, placeholders, item):
    return parse_condition(text, placeholders).holds(normal(item))


def filtered(text, placeholders, item):
    return parse_condition(text, placeholders, "FilterExpression").holds(normal(item))


def key(text, placeholders, item):
    clauses = parse_key_condition(text, placeholders).clauses
    return [[clause.attribute, clause.operator, *clause.operands] for clause in clauses]


def projection(text, placeholders, item):
    return parse_projection(text, placeholders).apply(normal(item or {}))


def update(text, placeholders, item):
    return parse_update(text, placeholders).apply(normal(item or {}))


def touched(text, placeholders, item):
    parsed = parse_update(text, placeholders)
    return list(parsed.touched(normal(item), parsed.apply(normal(item))))


RUN = {"condition": condition, "filter": filtered, "key": key, "projection": projection, "update": update, "touched": touched}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['expression']}" for case in CASES])
def test_case(case):
    assert set(case) - {"names", "values", "item"} in ({"kind", "expression", "seen", "result"}, {"kind", "expression", "seen", "error"})
    item = case.get("item")
    before = copy.deepcopy(item)
    if "error" in case:
        with pytest.raises(ServiceError) as caught:
            RUN[case["kind"]](case["expression"], Placeholders(case.get("names"), case.get("values")), item)
        assert (caught.value.spec.name, caught.value.message) == ("ValidationException", case["error"])
    else:
        placeholders = Placeholders(case.get("names"), case.get("values"))
        assert RUN[case["kind"]](case["expression"], placeholders, item) == case["result"]
        placeholders.check_all_used()
    assert item == before


def test_no_case_stands_twice():
    seen = [(case["kind"], case["expression"], repr(case.get("values")), repr(case.get("item"))) for case in CASES]
    assert len(seen) == len(set(seen))
