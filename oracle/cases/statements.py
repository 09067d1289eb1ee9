"""Statements of PartiQL: alone, in batches, in transactions; whole, or with a token amiss."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from oracle.cases.breaking import faults, perhaps_broken
from oracle.cases.tables import KEYS, Case, put
from oracle.cases.values import Value
from oracle.endpoint import Request, Taken

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|<>|<=|>=|\S")
_STRAY = ["WHERE", "AND", ",", "(", ")", "'", "=", "?", "SET", "FROM", "*", "1", "a", "NULL", "{", "[", "<<"]
_LITERALS = {"S": "'{}'", "N": "{}"}

_parts = st.sampled_from(["a", "b", "c", "d", '"a"', "a.b", "c[0]", "size(c)"])
_constants = st.sampled_from(
    ["'x'", "1", "-2.5", "1e2", "true", "NULL", "MISSING", "[1, 'x']", "{'a': 1}", "<<1, 2>>", "<<'x', 'y'>>", "''", "?"]
)
_tests = st.sampled_from(
    [
        "{} = {}",
        "{} <> {}",
        "{} > {}",
        "{} <= {}",
        "{} BETWEEN {} AND 3",
        "{} IN [{}, 'y']",
        "contains({}, {})",
        "begins_with({}, {})",
        "attribute_type({}, {})",
        "NOT {} = {}",
        "{} IS MISSING",
        "{} IS NOT NULL",
        "EXISTS ({})",
    ]
)


@st.composite
def statement_cases(draw: st.DrawFn) -> Case:
    table = draw(st.sampled_from(sorted(KEYS)))
    fault = draw(faults)
    first, second = draw(put(table)), draw(put(table))
    key = {name: first.params["Item"][name] for name in KEYS[table]}
    kind = draw(st.sampled_from(["one", "one", "one", "batch", "transaction", "pages"]))
    statements = [_statement(draw, table, key, fault) for _ in range(1 if kind in ("one", "pages") else draw(st.integers(1, 3)))]
    after = [Request("Scan", {"TableName": table})]
    if kind == "batch":
        request = Request("BatchExecuteStatement", {"Statements": statements})
    elif kind == "transaction":
        request = Request("ExecuteTransaction", {"TransactStatements": statements})
    else:
        request = Request(
            "ExecuteStatement",
            {**statements[0], **draw(st.sampled_from([{}, {}, {"ConsistentRead": True}, {"ReturnConsumedCapacity": "TOTAL"}]))},
        )
    if kind == "pages":
        statement = {"Statement": f'SELECT * FROM "{table}"', "Limit": 1}
        return [
            first,
            second,
            Request("ExecuteStatement", statement),
            Request("ExecuteStatement", {**statement, "NextToken": Taken(2, "NextToken")}),
        ]
    return [first, second, perhaps_broken(draw, request, fault), *after]


def _statement(draw: st.DrawFn, table: str, key: dict[str, Value], fault: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["select", "select", "insert", "update", "update", "delete"]))
    where = " AND ".join(f"{name} = {_literal(value)}" for name, value in key.items())
    parameters = [value for value in key.values() if "B" in value]
    if kind == "select":
        columns = draw(st.sampled_from(["*", "a", "a, b", "a.b", "size(a)", "a AS z", "COUNT(*)"]))
        source = draw(st.sampled_from([f'"{table}"', table, f'"{table}"."by-a"', '"nowhere"', f'"{table}"."nowhere"']))
        text = f"SELECT {columns} FROM {source}" + draw(st.sampled_from(["", f" WHERE {where}"]))
        parameters = parameters if "WHERE" in text else []
        if draw(st.booleans()):
            test = _test(draw)
            text += f" {'AND' if 'WHERE' in text else 'WHERE'} {test}"
            parameters = parameters + [{"S": "x"}] * test.count("?")
    elif kind == "insert":
        extra = draw(st.sampled_from(["", ", 'a': 'x'", ", 'a': [1, 'x']", ", 'b': {'c': NULL}", ", 'c': <<1, 2>>", ", 'd': MISSING"]))
        pairs = ", ".join(f"'{name}': {_literal(value)}" for name, value in key.items())
        text = f'INSERT INTO "{table}" VALUE {{{pairs}{extra}}}'
    elif kind == "update":
        changes = [
            draw(st.sampled_from(["SET {} = {}", "SET {} = {}", "REMOVE {}", "SET a = a + {1}", "SET a = list_append(a, {1})"]))
            for _ in range(draw(st.integers(1, 2)))
        ]
        written = [change.format(draw(_parts), draw(_constants)) for change in changes]
        returning = draw(st.sampled_from(["", "", " RETURNING ALL NEW *", " RETURNING MODIFIED OLD *"]))
        text = f'UPDATE "{table}" {" ".join(written)} WHERE {where}{returning}'
        parameters = [{"S": "x"}] * " ".join(written).count("?") + parameters
    else:
        text = f'DELETE FROM "{table}" WHERE {where}' + draw(st.sampled_from(["", " RETURNING ALL OLD *"]))
    if fault == "token":
        text = _amiss(draw, text)
    elif fault == "placeholder":
        parameters = draw(st.sampled_from([[*parameters, {"S": "x"}], parameters[1:]]))
    return {"Statement": text, **({"Parameters": parameters} if parameters else {})}


def _test(draw: st.DrawFn) -> str:
    return draw(_tests).format(draw(_parts), draw(_constants))


def _literal(value: Value) -> str:
    ((kind, content),) = value.items()
    return _LITERALS.get(kind, "?").format(content)


def _amiss(draw: st.DrawFn, text: str) -> str:
    tokens = _TOKEN.findall(text)
    place = draw(st.integers(0, len(tokens) - 1))
    replacement = draw(st.sampled_from([[], [tokens[place]] * 2, [draw(st.sampled_from(_STRAY))]]))
    return " ".join([*tokens[:place], *replacement, *tokens[place + 1 :]])
