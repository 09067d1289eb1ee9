"""V5 and V22 to V25: transactions, their tokens, cancellations and those in progress."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from emulator.audit import Status

ITEMS = [{"Put": {"TableName": "orders", "Item": {"id": {"S": "x"}}}}]
OTHER = [{"Put": {"TableName": "orders", "Item": {"id": {"S": "y"}}}}]
WRITE = "TransactWriteItems"
CANCELED = "TransactionCanceledException"


def params(token: str | None = "t-1", items: Any = ITEMS) -> dict[str, Any]:
    return {"TransactItems": items} | ({"ClientRequestToken": token} if token else {})


@pytest.fixture
def canceled(attempt: Any) -> Any:
    def make(*codes: str) -> Any:
        reasons = [{"Code": code} for code in codes]
        return attempt(CANCELED, body=orjson.dumps({"__type": CANCELED, "CancellationReasons": reasons}))

    return make


def test_an_sdk_leaves_a_cancellation_alone(judge: Any, call: Any, canceled: Any) -> None:
    conflict = canceled("TransactionConflict")
    assert judge("V5", call("a", conflict, operation=WRITE, params=params())).status is Status.PASS
    assert judge("V5", call("a", conflict, "ok", operation=WRITE, params=params())).status is Status.FAIL
    assert judge("V5", call("a", "ok", operation=WRITE, params=params())).status is Status.NOTHING


@pytest.mark.parametrize(
    ("codes", "pause", "status"),
    [
        (("None", "TransactionConflict"), 0.5, Status.PASS),
        (("ThrottlingError",), 0.001, Status.INFO),
        (("None", "ConditionalCheckFailed"), 0.5, Status.FAIL),
        (("ValidationError",), 0.5, Status.FAIL),
    ],
)
def test_an_application_reads_the_reasons(
    judge: Any, call: Any, canceled: Any, codes: tuple[str, ...], pause: float, status: Status
) -> None:
    first = call("a", canceled(*codes), operation=WRITE, params=params("t-1"))
    again = call("b", "ok", operation=WRITE, params=params("t-2"), at=0.01 + pause)
    assert judge("V5", first, again).status is status


def test_conflicts_after_which_it_never_waits_are_no_accident(judge: Any, call: Any, canceled: Any) -> None:
    def repeated(pause: float) -> Any:
        first = [call(f"a{n}", canceled("TransactionConflict"), operation=WRITE, params=params(f"s-{n}"), at=n * 9.0) for n in range(6)]
        again = [call(f"b{n}", "ok", operation=WRITE, params=params(f"t-{n}"), at=n * 9.0 + 0.01 + pause) for n in range(6)]
        return judge("V5", *first, *again)

    assert [repeated(pause).status for pause in (0.0005, 0.02)] == [Status.WARN, Status.PASS]


def test_a_client_that_only_its_token_identifies_is_an_application(judge: Any, call: Any, canceled: Any, attempt: Any) -> None:
    def again(code: str) -> Any:
        return judge("V5", call("a", canceled(code), attempt("ok", gap=0.5), operation=WRITE, params=params(), identified=False)).status

    assert [again("TransactionConflict"), again("ConditionalCheckFailed")] == [Status.PASS, Status.FAIL]


def test_attempts_share_a_token(judge: Any, call: Any, attempt: Any) -> None:
    lost = "InternalServerError"
    assert judge("V22", call("a", lost, "ok", operation=WRITE, params=params())).status is Status.PASS
    assert judge("V22", call("a", "ok", operation=WRITE, params=params(None))).status is Status.NOTHING
    assert judge("V22", call("a", lost, "ok", operation=WRITE, params=params(None))).status is Status.FAIL
    renewed = call("a", attempt(lost, params=params("t-1")), attempt("ok", params=params("t-2")), operation=WRITE)
    assert judge("V22", renewed).status is Status.FAIL


def test_an_application_that_repeats_a_doubtful_transaction_keeps_its_token(judge: Any, call: Any, canceled: Any) -> None:
    def repeated(what: Any, token: str) -> Any:
        first = call("a", what, operation=WRITE, params=params("t-1"))
        return judge("V22", first, call("b", "ok", operation=WRITE, params=params(token), at=1.0)).status

    assert repeated("reset", "t-1") is Status.PASS
    assert repeated("reset", "t-2") is Status.FAIL
    assert repeated(canceled("TransactionConflict"), "t-2") is Status.NOTHING


def test_a_token_stands_for_one_transaction(judge: Any, call: Any) -> None:
    first = call("a", "ok", operation=WRITE, params=params())
    assert judge("V23", first, call("b", "ok", operation=WRITE, params=params(), at=1.0)).status is Status.PASS
    assert judge("V23", first, call("b", "ok", operation=WRITE, params=params("t-2"), at=1.0)).status is Status.NOTHING
    ruling = judge("V23", first, call("b", "IdempotentParameterMismatchException", operation=WRITE, params=params(items=OTHER), at=1.0))
    assert (ruling.status, ruling.calls, "t-1 in requests 1 and 2" in ruling.why) == (Status.FAIL, ("b",), True)


@pytest.mark.parametrize(("minutes", "status"), [(9, Status.PASS), (11, Status.WARN)])
def test_a_token_lives_ten_minutes(judge: Any, call: Any, minutes: int, status: Status) -> None:
    first = call("a", "ok", operation=WRITE, params=params())
    assert judge("V24", first, call("b", "ok", operation=WRITE, params=params(), at=minutes * 60.0)).status is status
    assert judge("V24", first).status is Status.NOTHING


def test_a_transaction_in_progress_is_given_five_seconds(judge: Any, call: Any, attempt: Any) -> None:
    busy = "TransactionInProgressException"

    def waited(*attempts: Any) -> Any:
        return judge("V25", call("a", *attempts, operation=WRITE, params=params())).status

    assert waited(busy, attempt(busy, gap=1.0)) is Status.WARN
    assert waited(busy, attempt(busy, gap=5.5)) is Status.PASS
    assert waited(busy, attempt("ok", gap=1.0)) is Status.PASS
    assert waited("ok") is Status.NOTHING
