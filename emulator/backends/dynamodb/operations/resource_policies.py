"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: the policies of tables and of their streams.

They are kept and shown, and nobody is refused because of them, since the emulator does not know who sends a request. API reference of the
three operations; the sentences of PolicyNotFoundException as in recordings up to October 2026, those about the document have not been seen.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.limits import POLICY_BYTES
from emulator.backends.dynamodb.operations.tags import check_arn
from emulator.backends.dynamodb.refusals import invalid
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Policy, Table
from emulator.messages import Call

# Expected where a policy shall be put only if there is none
_NONE_EXPECTED = "NO_POLICY"


def put_resource_policy(state: State, call: Call) -> dict[str, Any]:
    text = call.params["Policy"]
    check_policy(text)
    with state.lock:
        table, arn = _resource(state, call)
        old = table.policies.get(arn)
        expected = call.params.get("ExpectedRevisionId")
        _check_revision(expected, old, table, arn)
        if old is None or old.text != text:
            table.policies[arn] = Policy(text, revision(state, old))
        return {"RevisionId": table.policies[arn].revision}


def get_resource_policy(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        table, arn = _resource(state, call)
        policy = table.policies.get(arn)
    if policy is None:
        raise _not_found(arn)
    return {"Policy": policy.text, "RevisionId": policy.revision}


def delete_resource_policy(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        table, arn = _resource(state, call)
        policy = table.policies.get(arn)
        expected = call.params.get("ExpectedRevisionId")
        _check_revision(expected, policy, table, arn)
        table.policies.pop(arn, None)
    return {} if policy is None else {"RevisionId": policy.revision}


def check_policy(text: str) -> None:
    """Raises ServiceError (ValidationException) for what is no policy document, or too long."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise invalid("The resource policy is not a valid policy document")
    if len(orjson.dumps(document)) > POLICY_BYTES:
        raise invalid(f"The resource policy exceeds the maximum size of {POLICY_BYTES} bytes")


def revision(state: State, old: Policy | None) -> str:
    """The revision id of a policy that is put now: milliseconds, and never the same one twice."""
    now = round(state.clock.now() * 1000)
    return str(now if old is None else max(now, int(old.revision) + 1))


def _resource(state: State, call: Call) -> tuple[Table, str]:
    """The table to which the named resource belongs, itself or its stream, and the resource's ARN. Hold the lock."""
    arn: str = call.params["ResourceArn"]
    table_arn, is_stream, _ = arn.partition("/stream/")
    check_arn(arn, call)
    table = state.described_table(call, table_arn)
    if is_stream and (table.stream is None or table.stream.arn != arn):
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
    return table, arn


def _check_revision(expected: str | None, policy: Policy | None, table: Table, arn: str) -> None:
    """Raises ServiceError (PolicyNotFoundException) where there is not the policy that the request expects."""
    if expected is None or expected == (_NONE_EXPECTED if policy is None else policy.revision):
        return
    if policy is None:
        raise _not_found(arn)
    if expected == _NONE_EXPECTED:
        wanted = f"Requested policy update expecting none to be present for table {table.name}, but a policy exists with"
        raise _not_found(f"{wanted} revision id {policy.revision}.")
    raise _not_found(
        f"Requested update for policy with revision id {expected}, but the policy associated to target table {table.name} has revision id "
        f"{policy.revision}."
    )


def _not_found(details: str) -> ServiceError:
    return ServiceError("PolicyNotFoundException", f"Resource-based policy not found for the provided ResourceArn: {details}")
