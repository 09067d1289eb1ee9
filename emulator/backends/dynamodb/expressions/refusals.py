"""How an expression is refused: `Invalid ConditionExpression: <sentence>`."""

from __future__ import annotations

from emulator.aws.errors import ServiceError


def invalid(parameter: str, sentence: str) -> ServiceError:
    """The error for an expression that came as `parameter`, such as "FilterExpression"."""
    return ServiceError("ValidationException", f"Invalid {parameter}: {sentence}")
