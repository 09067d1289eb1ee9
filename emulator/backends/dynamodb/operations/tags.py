"""TagResource, UntagResource, ListTagsOfResource: tags of tables, which these operations name by their ARN. The first two answer with an
empty body."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import settings_rules
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call


def tag_resource(state: State, call: Call) -> None:
    check_arn(call.params["ResourceArn"], call)
    if not call.params["Tags"]:
        raise refusal("Atleast one Tag needs to be provided as Input.")  # the service's own spelling
    given = settings_rules.tags(call.params["Tags"])
    with state.lock:
        table = table_of(state, call, call.params["ResourceArn"])
        tags = {**table.tags, **given}
        settings_rules.check_tag_count(tags)
        table.tags = tags


def untag_resource(state: State, call: Call) -> None:
    check_arn(call.params["ResourceArn"], call)
    if not call.params["TagKeys"]:
        raise refusal("Atleast one Tag Key needs to be provided as Input.")
    with state.lock:
        table = state.catalog.find(call, call.params["ResourceArn"], state.clock.now())
        if table is None:
            # Bare here, unlike in the other two (weak: two peers agree on it, November 2026)
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")
        table.tags = {key: value for key, value in table.tags.items() if key not in call.params["TagKeys"]}


def list_tags_of_resource(state: State, call: Call) -> dict[str, Any]:
    """All tags on one page: there are never more than fifty."""
    if "NextToken" in call.params:
        raise refusal("Invalid NextToken")
    with state.lock:
        return {"Tags": [{"Key": key, "Value": value} for key, value in table_of(state, call, call.params["ResourceArn"]).tags.items()]}


def table_of(state: State, call: Call, arn: str) -> Table:
    """The table of an ARN. Raises ServiceError: ValidationException, ResourceNotFoundException. Hold the lock."""
    check_arn(arn, call)
    table = state.catalog.find(call, arn, state.clock.now())
    if table is None:
        # "ResourcArn" is the service's own spelling
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {arn} not found")
    return table


def check_arn(arn: str, call: Call) -> None:
    """Raises ServiceError: ValidationException, AccessDeniedException. Both as in recordings up to October 2026."""
    if not arn.startswith("arn:"):
        raise refusal("ARNs must start with 'arn:'")
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "dynamodb":
        raise refusal(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    if parts[4] != call.account:
        action = f"dynamodb:{call.operation}"
        raise ServiceError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{call.account}:root is not authorized to perform: {action} on resource: {arn} because no resource-based "
            f"policy allows the {action} action",
        )
