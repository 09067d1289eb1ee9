"""The version, in one place, readable without importing the rest."""

__version__ = "0.2.0"
