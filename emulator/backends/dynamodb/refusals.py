"""The ValidationException in the two forms that most of its sentences have."""

from __future__ import annotations

from emulator.aws.errors import ServiceError


def refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def invalid(text: str) -> ServiceError:
    return ServiceError("ValidationException", f"One or more parameter values were invalid: {text}")
