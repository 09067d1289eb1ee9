"""Properties: precedence against Python's own, list edits against a plain model, and what parsed expressions tell of themselves."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.dynamodb.expressions import Placeholders, parse_condition, parse_projection, parse_update

NAMES = "pqrs"


@st.composite
def propositions(draw):
    """A boolean formula over p..s, once as an expression and once as Python, with parentheses only where they are needed."""
    leaves = st.sampled_from(NAMES).map(lambda name: (4, f"{name} = :t", name))

    def combine(inner):
        def negate(part):
            return 3, f"NOT {wrap(part, 3)[0]}", f"not {wrap(part, 3)[1]}"

        def join(symbol, rank):
            def make(parts):
                left, right = (wrap(part, rank) for part in parts)
                return rank, f"{left[0]} {symbol} {right[0]}", f"{left[1]} {symbol.lower()} {right[1]}"

            return st.tuples(inner, inner).map(make)

        return st.one_of(inner.map(negate), join("AND", 2), join("OR", 1))

    def wrap(part, rank):
        own, expression, python = part
        return (f"({expression})", f"({python})") if own < rank else (expression, python)

    return draw(st.recursive(leaves, combine, max_leaves=12))


@given(propositions(), st.lists(st.booleans(), min_size=4, max_size=4))
def test_precedence_is_pythons(proposition, truth):
    _, expression, python = proposition
    facts = dict(zip(NAMES, truth, strict=True))
    item = {name: {"N": "1" if fact else "0"} for name, fact in facts.items()}
    condition = parse_condition(expression, Placeholders(None, {":t": {"N": "1"}}))
    assert condition.holds(item) is eval(python, {}, facts)
    assert condition.attribute_names <= set(NAMES)


@given(st.integers(0, 6), st.dictionaries(st.integers(0, 9), st.booleans(), min_size=1))
def test_list_edits_against_a_model(length, edits):
    """SET for True, REMOVE for False, at the given indexes of a list."""
    old = [{"S": f"old{index}"} for index in range(length)]
    sets = [index for index, keep in edits.items() if keep]
    removes = [index for index, keep in edits.items() if not keep]
    text = " ".join(
        section + ", ".join(actions)
        for section, actions in (("SET ", [f"l[{i}] = :v{i}" for i in sets]), ("REMOVE ", [f"l[{i}]" for i in removes]))
        if actions
    )
    values = {f":v{index}": {"S": f"new{index}"} for index in sets}
    expected = [values[f":v{i}"] if i in sets else element for i, element in enumerate(old) if i not in removes]
    expected += [values[f":v{i}"] for i in sorted(sets) if i >= length]
    update = parse_update(text, Placeholders(None, values or None))
    assert update.apply({"l": {"L": old}}) == {"l": {"L": expected}}
    assert old == [{"S": f"old{index}"} for index in range(length)]


def test_an_update_shares_nothing_that_it_changes():
    item: dict[str, Any] = {"a": {"M": {"b": {"L": [{"N": "1"}]}, "c": {"S": "x"}}}, "d": {"S": "y"}}
    update = parse_update("SET a.b[0] = a.b[0] + :v", Placeholders(None, {":v": {"N": "1"}}))
    new = update.apply(item)
    assert new["a"]["M"]["b"] == {"L": [{"N": "2"}]}
    assert item["a"]["M"]["b"] == {"L": [{"N": "1"}]}
    assert new["d"] is item["d"]


def test_attribute_names():
    names = {"#a": "real"}
    condition = parse_condition("#a.b = :v AND size(c[0]) > :v", Placeholders(names, {":v": {"N": "1"}}))
    assert condition.attribute_names == {"real", "c"}
    assert parse_projection("#a.b, #a.c, d", Placeholders(names, None)).attribute_names == {"real", "d"}
    update = parse_update("SET #a.b = x, y = z REMOVE w", Placeholders(names, None))
    assert update.attribute_names == {"real", "y", "w"}


def test_a_condition_is_asked_of_many_items():
    condition = parse_condition("attribute_exists(a) AND a > :v", Placeholders(None, {":v": {"N": "1"}}), "FilterExpression")
    assert [condition.holds(item) for item in ({"a": {"N": "2"}}, {}, {"a": {"N": "1"}}, None)] == [True, False, False, False]
