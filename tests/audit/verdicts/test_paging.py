"""V42: where a reading goes on after an error, page by page."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from emulator.audit import Status

QUERY = {"TableName": "orders", "KeyConditionExpression": "id = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}


@pytest.fixture
def page(call: Any, attempt: Any) -> Any:
    """A Query for the page with that number, from 1, that fails or is answered; the third is the last."""
    count = iter(range(1_000))

    def ask(number: int, *what: str, at: float | None = None, query: dict[str, Any] = QUERY) -> Any:
        place = next(count)
        body = orjson.dumps({"Items": [], **({"LastEvaluatedKey": {"id": {"S": str(number)}}} if number < 3 else {})})
        params = query if number == 1 else {**query, "ExclusiveStartKey": {"id": {"S": str(number - 1)}}}
        attempts = [attempt("ok", body=body) if one == "ok" else attempt(one) for one in what]
        return call(f"q{place}", *attempts, operation="Query", params=params, at=place * 1.0 if at is None else at)

    return ask


def test_who_goes_on_where_it_failed_reads_no_page_twice(judge: Any, page: Any) -> None:
    assert judge("V42", page(1, "ok"), page(2, "InternalServerError"), page(2, "ok"), page(3, "ok")).status is Status.PASS
    assert judge("V42", page(1, "ok"), page(2, "InternalServerError", "ok"), page(3, "ok")).status is Status.PASS


def test_who_begins_again_is_told_which_pages_it_read_twice(judge: Any, page: Any) -> None:
    first = [page(1, "ok"), page(2, "ok"), page(3, "InternalServerError")]
    ruling = judge("V42", *first, page(1, "ok"), page(2, "ok"), page(3, "ok"))
    assert ruling.status is Status.WARN
    assert "orders begun again 1 time after an error: 2 pages read twice (such as 1, 2)" in ruling.why


def test_a_second_reading_is_no_beginning_again(judge: Any, page: Any) -> None:
    whole = [page(1, "ok"), page(2, "ok"), page(3, "ok")]
    assert judge("V42", *whole, page(1, "ok"), page(2, "ok"), page(3, "ok")).status is Status.PASS
    failed = [page(1, "ok"), page(2, "InternalServerError")]
    assert judge("V42", *failed, page(1, "ok", at=500.0), page(2, "ok", at=501.0)).status is Status.PASS


def test_readers_that_overlap_are_not_judged(judge: Any, page: Any, attempt: Any) -> None:
    one = [page(1, "ok", at=0.0), page(2, "InternalServerError", at=1.0)]
    assert judge("V42", *one, page(1, "ok", at=1.005), page(2, "ok", at=2.0)).status is Status.NOTHING
    assert judge("V42", page(1, "ok")).status is Status.NOTHING
