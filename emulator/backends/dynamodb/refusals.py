"""The ValidationException in the three forms that most of its sentences have."""

from __future__ import annotations

from emulator.aws.errors import ServiceError


def refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def invalid_expression(parameter: str, sentence: str) -> ServiceError:
    """For an expression that came as `parameter`, such as "FilterExpression"."""
    return ServiceError("ValidationException", f"Invalid {parameter}: {sentence}")


def invalid(text: str) -> ServiceError:
    return ServiceError("ValidationException", f"One or more parameter values were invalid: {text}")
