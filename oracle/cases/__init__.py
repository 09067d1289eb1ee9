"""What is asked: hypothesis strategies that draw cases, each a few requests in a row, most of them good, some slightly broken.

A case begins with empty tables (see `tables`), so that the answers depend on nothing but its own requests.
"""

from oracle.cases.areas import AREAS
from oracle.cases.tables import DEFINITIONS, Case

__all__ = ["AREAS", "DEFINITIONS", "Case"]
