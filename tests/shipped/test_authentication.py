"""scenarios/authentication"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import botocore.auth
import pytest
from botocore.exceptions import ClientError

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}


def code(caught: pytest.ExceptionInfo[ClientError]) -> Any:
    return caught.value.response["Error"]["Code"]


def test_expired_token(shipped: Run) -> None:
    run = shipped()
    client = run.client
    client.put_item(TableName="orders", Item=KEY)
    run.sleep(3601)
    with pytest.raises(ClientError) as caught:
        client.get_item(TableName="orders", Key=KEY)
    assert code(caught) == "ExpiredTokenException"
    renewed = {"aws_access_key_id": "AKIDRENEWED", "aws_secret_access_key": "renewed-secret", "aws_session_token": "renewed-token"}
    assert run.client_for(run.emulator, **renewed).get_item(TableName="orders", Key=KEY)["Item"] == KEY


def test_unknown_key(shipped: Run) -> None:
    with pytest.raises(ClientError) as caught:
        shipped().client.put_item(TableName="orders", Item=KEY)
    assert code(caught) == "UnrecognizedClientException"


def test_denied(shipped: Run) -> None:
    client = shipped().client
    with pytest.raises(ClientError, match="not authorized to perform: dynamodb:DeleteItem") as caught:
        client.delete_item(TableName="orders", Key=KEY)
    assert code(caught) == "AccessDeniedException"
    assert "Item" in client.get_item(TableName="orders", Key=KEY)


def test_wrong_clock(shipped: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    client = shipped().client
    now = botocore.auth.get_current_datetime  # type: ignore[attr-defined]
    with monkeypatch.context() as wrong:
        wrong.setattr(botocore.auth, "get_current_datetime", lambda: now() - timedelta(hours=1))
        with pytest.raises(ClientError, match="Signature expired") as caught:
            client.put_item(TableName="orders", Item=KEY)
    assert code(caught) == "InvalidSignatureException"
    client.put_item(TableName="orders", Item=KEY)


def test_lying_date(shipped: Run) -> None:
    client = shipped().client
    for number in range(5):
        client.put_item(TableName="orders", Item={**KEY, "order": {"N": str(number)}})
