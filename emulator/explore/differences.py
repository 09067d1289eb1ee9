"""How the tables after a run differ from those of the clean run: items that are missing or too many, and attributes that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.contents import TableContents
from emulator.explore.masking import Item, Mask, labelled, text_of
from emulator.scenario.phrases import counted

_MAX_NAMED = 3
_MAX_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item with the names of the attributes in which it differs from the clean run."""

    was: Item
    now: Item
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """`clean` and `seen` are how many items there should be and are; without what is not compared, `missing` are those that should be
    there, `extra` those that should not. `key` are the key attributes that are compared."""

    table: str
    key: tuple[str, ...]
    clean: int
    seen: int
    missing: tuple[Item, ...] = ()
    extra: tuple[Item, ...] = ()
    changed: tuple[ChangedItem, ...] = ()

    @property
    def sentence(self) -> str:
        """What the difference is, in a few words."""
        parts = []
        if self.seen != self.clean:
            parts.append(f"{self.table} has {counted(self.seen, 'item')} instead of {counted(self.clean, 'item')}")
        elif self.missing or self.extra:
            parts.append(f"{self.table} has other items")
        for change in self.changed[: 1 if parts else 2]:
            name = change.names[0]
            was, now = shown(change.was.get(name)), shown(change.now.get(name))
            parts.append(f"{name} of {self.table} {self.named(change.was)} is {now} instead of {was}")
        more = len(self.changed) - 2
        return " and ".join(parts) + (f", and {more} more" if more > 0 else "")

    def named(self, item: Item) -> str:
        """An item by its key, as far as that is compared."""
        return " ".join(f"{name}={shown(item[name])}" for name in self.key if name in item) or "item"

    def to_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "items": {"clean": self.clean, "seen": self.seen},
            "missing": list(self.missing),
            "extra": list(self.extra),
            "changed": [{"clean": dict(one.was), "seen": dict(one.now), "attributes": list(one.names)} for one in self.changed],
        }


def differences(clean: Sequence[TableContents], seen: Sequence[TableContents], mask: Mask) -> list[TableDifference]:
    """The tables that differ; a table that is not there counts as an empty one."""
    left, right = labelled(clean), labelled(seen)
    found = []
    for name in sorted(left.keys() | right.keys()):
        table = left.get(name) or right[name]
        if name in mask.tables:
            continue
        before, after = (tuple(mask.item(name, item) for item in _items(side.get(name))) for side in (left, right))
        difference = _difference(name, tuple(key for key in table.key if not mask.hides(name, key)), before, after)
        if difference is not None:
            found.append(difference)
    return found


def _items(table: TableContents | None) -> Sequence[Item]:
    return () if table is None else table.items


def _difference(name: str, key: tuple[str, ...], before: Sequence[Item], after: Sequence[Item]) -> TableDifference | None:
    texts = Counter(map(text_of, after))
    missing = list(_unmatched(before, texts))
    extra = list(_unmatched(after, Counter(map(text_of, before))))
    if not missing and not extra:
        return None
    changed = _changed(missing, extra, key) if key else []
    gone = {id(one.was) for one in changed} | {id(one.now) for one in changed}
    missing, extra = ([item for item in side if id(item) not in gone] for side in (missing, extra))
    return TableDifference(name, key, len(before), len(after), tuple(missing), tuple(extra), tuple(changed))


def _changed(missing: Sequence[Item], extra: Sequence[Item], key: tuple[str, ...]) -> list[ChangedItem]:
    """The items of one key that are there before and after, and are not the same."""
    by_key = {text_of([item.get(part) for part in key]): item for item in extra}
    found = []
    for was in missing:
        now = by_key.pop(text_of([was.get(part) for part in key]), None)
        if now is not None:
            found.append(ChangedItem(was, now, tuple(part for part in sorted(was.keys() | now.keys()) if was.get(part) != now.get(part))))
    return found


def _unmatched(items: Sequence[Item], others: Counter[str]) -> Iterator[Item]:
    for item in items:
        text = text_of(item)
        if others[text]:
            others[text] -= 1
        else:
            yield item


def grew(change: ChangedItem) -> bool | None:
    """True where a number became more than it should be or a list longer, False where less or shorter; None where neither shows."""
    for name in change.names:
        was, now = change.was.get(name), change.now.get(name)
        if now is None or was is None:
            return was is None
        sizes = _size(was), _size(now)
        if None not in sizes and sizes[0] != sizes[1]:
            return bool(sizes[1] > sizes[0])  # type: ignore[operator]
    return None


def _size(value: Mapping[str, Any]) -> Decimal | int | None:
    (kind, held), *_ = value.items()
    if kind == "N":
        try:
            return abs(Decimal(held))
        except InvalidOperation:
            return None
    if kind == "L":
        return held if isinstance(held, int) else len(held)
    return len(held) if kind in ("SS", "NS", "BS") else None


def shown(value: Any) -> str:
    """A value in wire form, for people."""
    if value is None:
        return "not there"
    (kind, held), *_ = value.items()
    text = str(held) if kind in ("S", "N", "BOOL") else "null" if kind == "NULL" else text_of(held)
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 3]}..."
