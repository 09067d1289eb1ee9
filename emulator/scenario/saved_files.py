"""What a journal keeps of a scenario's files, so that the scenario can be read again when the files have changed or are gone."""

from __future__ import annotations

from dynafault_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ItemsFile:
    """A file of items. `name` as a scenario names it, `path` where it was; `digest` is the SHA-256 of what it said, in hex. `text` is
    that itself where it was kept, else None."""

    name: str
    path: str
    digest: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SavedText:
    """What a file said, kept so that a journal can bring its scenario along. `depth` and `scale` as when it was loaded; `items` are the
    files of items that it takes in."""

    file: str
    text: str
    depth: int
    scale: float
    items: tuple[ItemsFile, ...] = ()
