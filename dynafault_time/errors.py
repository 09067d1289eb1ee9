"""The one error of this package."""

from __future__ import annotations


class FastTimeError(RuntimeError):
    """Time cannot be made to pass: it cannot be had here, or somebody waits in a way that nobody can see."""
