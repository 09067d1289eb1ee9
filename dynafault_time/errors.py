"""The one error of this package."""

from __future__ import annotations


class FastTimeError(RuntimeError):
    """Time cannot be made to pass: fast time is not possible here, or something waits in a way that cannot be seen."""
