"""The language as a JSON Schema, for editors that complete and check scenario files.

It is put together from the tables that the reader reads by. What it refuses the reader refuses too; the reader knows more:
names that must exist or be unique, ranges that are empty, faults that an operation cannot carry.
"""

from __future__ import annotations

from emulator.scenario.language import FILE, SECTIONS
from emulator.scenario.reading import Schema


def json_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a scenario file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dynafault scenario, version 1",
        **FILE.schema(),
        "$defs": {section.slug: {"title": section.title, **section.definition()} for section in SECTIONS},
    }
