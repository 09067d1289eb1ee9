"""The version, in one place, readable without importing the rest."""

__version__ = "0.1.0"
