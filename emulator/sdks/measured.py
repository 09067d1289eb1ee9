"""What was measured of the AWS SDKs, in sentences: the file measured.json, which `tools/generate_sdks_page.py` writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from dynafault_dataclass import dataclass

_FILE = Path(__file__).resolve().parent / "measured.json"


@dataclass(frozen=True, slots=True)
class MeasuredSdk:
    """`sentences` are those by version and mode, such as "1.44.8" or "1.44.8, legacy"."""

    name: str
    label: str
    sentences: Mapping[str, tuple[str, ...]]


def load_measured_sdks() -> dict[str, MeasuredSdk]:
    """The SDKs by name, such as "boto3" or "js-v3"."""
    read = orjson.loads(_FILE.read_bytes())
    return {
        name: MeasuredSdk(name, one["label"], {at: tuple(lines) for at, lines in one["sentences"].items()}) for name, one in read.items()
    }
