"""Tags of gateways, hypervisors and virtual machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.backends.backup_gateway.inventory import Inventory, refusal
from emulator.messages import Call

Operation = Callable[[Inventory, Call, float], dict[str, Any]]

# https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
MAX_TAGS = 50


def put_tags(inventory: Inventory, arn: str, tags: list[dict[str, str]]) -> None:
    """Add tags to a resource, in place of those with the same keys. Raises ServiceError (ValidationException) for too many."""
    merged = {**inventory.tags.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(merged) > MAX_TAGS:
        raise refusal("ValidationException", f"A resource can have {MAX_TAGS} tags at most.")
    inventory.tags[arn] = merged


def _resource(inventory: Inventory, arn: str) -> str:
    if arn in inventory.gateways or arn in inventory.hypervisors or arn in inventory.machines:
        return arn
    raise refusal("ResourceNotFoundException", f"The resource {arn} was not found.")


def _tag(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    arn = _resource(inventory, call.params["ResourceARN"])
    put_tags(inventory, arn, call.params["Tags"])
    return {"ResourceARN": arn}


def _untag(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    arn = _resource(inventory, call.params["ResourceARN"])
    tags = inventory.tags.get(arn, {})
    inventory.tags[arn] = {key: value for key, value in tags.items() if key not in call.params["TagKeys"]}
    return {"ResourceARN": arn}


def _list(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    arn = _resource(inventory, call.params["ResourceArn"])
    return {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value} for key, value in inventory.tags.get(arn, {}).items()]}


TAG_OPERATIONS: dict[str, Operation] = {"ListTagsForResource": _list, "TagResource": _tag, "UntagResource": _untag}
